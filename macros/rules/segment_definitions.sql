{% macro segment_definitions() -%}
    {#- Every segment of every family, by name, each checked for what it must say. -#}
    {%- if 'segment_definitions' in graph -%}
        {{ return(graph.segment_definitions) }}
    {%- endif -%}
    {%- set segments = {} -%}
    {%- for node in graph.nodes.values() | sort(attribute='unique_id') -%}
        {%- set given = node.config.get('meta', {}).get('segments', []) -%}
        {%- set file = (node.patch_path or node.original_file_path).split('://') | last -%}
        {%- if given is string or given is mapping or given is not iterable
            or given | reject('mapping') | list -%}
            {%- do rule_error(
                {'file': file, 'segment': '(unnamed)', 'path': 'segments'},
                'segments takes a list of mappings, each with name, label, … and rule'
            ) -%}
        {%- endif -%}
        {%- for segment in given -%}
            {%- set at = {
                'file': file,
                'segment': segment.get('name') or '(unnamed)',
                'path': '',
                'inside': [],
            } -%}
            {%- if segment.get('name') is not string
                or not modules.re.fullmatch('[a-z][a-z0-9_]{0,53}', segment.name) -%}
                {%- do rule_error(at, 'the name must be lower case letters, digits and _') -%}
            {%- endif -%}
            {%- if segment.name in ['all', 'and', 'any', 'as', 'asc', 'between', 'by', 'case',
                'cast', 'check', 'column', 'create', 'cross', 'customer_id', 'default', 'desc',
                'distinct', 'else', 'end', 'except', 'exists', 'false', 'filter', 'for', 'from',
                'full', 'group', 'having', 'in', 'inner', 'intersect', 'interval', 'into', 'is',
                'join', 'lateral', 'left', 'like', 'limit', 'natural', 'not', 'null', 'offset',
                'on', 'only', 'or', 'order', 'outer', 'over', 'primary', 'references', 'right',
                'select', 'some', 'table', 'then', 'to', 'true', 'union', 'unique', 'user',
                'using', 'values', 'when', 'where', 'window', 'with'] -%}
                {%- do rule_error(at, segment.name ~ ' is a word of SQL; name it otherwise') -%}
            {%- endif -%}
            {%- if segment.name in segments -%}
                {%- do rule_error(at, 'the name is taken by a segment in '
                    ~ segments[segment.name].at.file) -%}
            {%- endif -%}
            {%- set known = ['name', 'label', 'situation', 'need', 'message', 'metric',
                'owner', 'rule'] -%}
            {%- do refuse_unknown_keys(
                segment, known + ['parent', 'freeze', 'explicit_signals_only'], at
            ) -%}
            {%- for key in known[1:] -%}
                {%- if not segment.get(key) -%}
                    {%- do rule_error(at, key ~ ' is missing') -%}
                {%- endif -%}
            {%- endfor -%}
            {%- for key in ['label', 'situation', 'need', 'message'] -%}
                {%- if segment[key] is not mapping or segment[key] | length != 2
                    or not segment[key].en or not segment[key].ko
                    or segment[key].values() | reject('string') | list -%}
                    {%- do rule_error(at, key ~ ' must be {en: …, ko: …}, both text') -%}
                {%- endif -%}
            {%- endfor -%}
            {%- for key in ['metric', 'owner'] if segment[key] is not string -%}
                {%- do rule_error(at, key ~ ': ' ~ segment[key] ~ ' is no text (put it in quotes)') -%}
            {%- endfor -%}
            {%- if not segment.get('parent', 'none') -%}
                {%- do rule_error(at, 'parent is empty; name a segment, or take the key away') -%}
            {%- endif -%}
            {%- if segment.get('explicit_signals_only', false) is not boolean -%}
                {%- do rule_error(at, 'explicit_signals_only is true or false') -%}
            {%- endif -%}
            {%- set definition = {
                'name': segment.name,
                'family': node.name.removesuffix('_segments'),
                'model': node.name,
                'text': segment,
                'rule': segment.rule,
                'at': at,
            } -%}
            {%- do segments.update({segment.name: definition}) -%}
            {%- if 'freeze' in segment -%}
                {%- set frozen = frozen_definition(definition) -%}
                {%- for name in frozen if name in segments -%}
                    {%- do rule_error(at, 'freeze: the name ' ~ name
                        ~ ' is taken by another segment') -%}
                {%- endfor -%}
                {%- do segments.update(frozen) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do graph.update(segment_definitions=segments) -%}
    {{ return(segments) }}
{%- endmacro %}
