{% macro families() -%}
    {#- Named, not found, so that dbt knows what follows from rules, from what they may
        name and from how that is spelled and said. -#}
    {%- do [
        source('segment_rules', 'language'), ref('customers'), ref('customer_days'),
        ref('region_aliases'),
    ] -%}
    {{ return([
        source('segment_rules', 'demographic'),
        source('segment_rules', 'purchase'),
        source('segment_rules', 'behaviour'),
        source('segment_rules', 'lifecycle'),
        source('segment_rules', 'value'),
        source('segment_rules', 'risk'),
        source('segment_rules', 'underserved'),
    ] | map(attribute='identifier') | list) }}
{%- endmacro %}


{% macro segment_definitions(grain, language) -%}
    {#- Every segment of every family of a grain, by name; what it lacks is noted. -#}
    {%- set segments = {} -%}
    {%- set listed = families() -%}
    {%- for node in graph.sources.values() | sort(attribute='unique_id')
        if node.source_name == 'segment_rules' -%}
        {%- set meta = node.config.get('meta', {}) -%}
        {%- set given = meta.get('segments', []) -%}
        {%- set place = {
            'file': node.original_file_path, 'of': 'segments', 'path': '', 'inside': []
        } -%}
        {%- if given is string or given is mapping or given is not iterable
            or given | reject('mapping') | list -%}
            {%- do refused(language, place, 'list') -%}
        {%- elif given and node.name not in listed -%}
            {%- do refused(language, place, 'unlisted', {
                'family': node.name, 'file': 'macros/rules/definitions.sql'
            }) -%}
        {%- elif meta.get('grain', 'customer') == grain -%}
            {%- for segment in given -%}
                {%- set name = segment.get('name') or '(unnamed)' -%}
                {%- set at = dict(place, of='segment ' ~ name) -%}
                {%- do judge_texts(segment, segments, at, language) -%}
                {%- if name not in segments -%}
                    {%- set label = segment.get('label') -%}
                    {%- set definition = {
                        'name': name,
                        'family': node.name,
                        'text': segment if label is mapping
                            else dict(segment, label={'en': name, 'ko': name}),
                        'rule': segment.rule,
                        'at': at,
                    } -%}
                    {%- do segments.update({name: definition}) -%}
                    {%- if 'freeze' in segment -%}
                        {%- do segments.update(frozen_definition(definition, segments, language)) -%}
                    {%- endif -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(segments) }}
{%- endmacro %}


{% macro missing_keys(segment) -%}
    {#- What a segment must say to be built, and does not. -#}
    {%- set missing = [] -%}
    {%- for key, wanted in language_data().segment_keys.items()
        if not wanted.optional and not segment.get(key) -%}
        {%- do missing.append(key) -%}
    {%- endfor -%}
    {{ return(missing) }}
{%- endmacro %}


{% macro judge_texts(segment, segments, at, language) -%}
    {#- Notes what is wrong with a segment beside its rule. -#}
    {%- set keys = language.segment_keys -%}
    {%- set missing = missing_keys(segment) -%}
    {%- set name = segment.get('name') -%}
    {%- if missing -%}
        {%- do refused(language, at, 'missing', {'keys': missing | join(', ')}) -%}
    {%- endif -%}
    {%- if not name -%}
        {#- said above -#}
    {%- elif name is not string
        or not modules.re.fullmatch(language.patterns.segment, name) -%}
        {%- do refused(language, below(at, 'name'), 'name') -%}
    {%- elif name in language.taken -%}
        {%- do refused(language, below(at, 'name'), 'name_of_sql', {'name': name}) -%}
    {%- elif name in segments -%}
        {%- do refused(language, below(at, 'name'), 'name_taken', {'file': segments[name].at.file}) -%}
    {%- endif -%}
    {%- for key in segment if key not in keys -%}
        {%- do refused(language, at, 'unknown_key',
            {'key': key, 'near': nearest_names(key | string, keys.keys() | list)}) -%}
    {%- endfor -%}
    {%- for key, wanted in keys.items() if key != 'name' -%}
        {%- set value = segment.get(key) -%}
        {%- if key not in segment or key in missing -%}
            {#- said above -#}
        {%- elif wanted.shape == 'texts' and (value is not mapping or value | length != 2
            or not value.en or not value.ko or value.values() | reject('string') | list) -%}
            {%- do refused(language, below(at, key), 'texts', {'key': key, 'shape': '{en: …, ko: …}'}) -%}
        {%- elif wanted.shape == 'text' and value is not string -%}
            {%- do refused(language, below(at, key), 'no_text', {'key': key, 'value': value | string}) -%}
        {%- elif wanted.shape == 'segment' and not value -%}
            {%- do refused(language, below(at, key), 'empty_parent') -%}
        {%- elif wanted.shape == 'truth' and value is not boolean -%}
            {%- do refused(language, below(at, key), 'truth', {'key': key}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set texts = segment.message.values() if segment.message is mapping else [] -%}
    {%- set said = texts | select('string') | join(' ') -%}
    {%- set found = modules.re.search(language.patterns.offer, said) -%}
    {%- if found and segment.is_advertising is sameas false -%}
        {%- do refused(language, below(at, 'is_advertising'), 'offer', {'said': found.group()}) -%}
    {%- endif -%}
{%- endmacro %}


{% macro frozen_definition(definition, segments, language) -%}
    {#- The cohort beside the rolling segment: who was in it at the end of that day. -#}
    {%- set day = definition.text.freeze | string -%}
    {%- if sql_literal(day, 'date') is none -%}
        {%- do refused(language, below(definition.at, 'freeze'), 'freeze_day', {'day': day}) -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set name = definition.name ~ '_' ~ day.replace('-', '') -%}
    {%- if name in segments -%}
        {%- do refused(language, below(definition.at, 'freeze'), 'freeze_taken', {'name': name}) -%}
    {%- endif -%}
    {%- set label = definition.text.label -%}
    {{ return({name: dict(definition, **{
        'name': name,
        'frozen_of': definition.name,
        'frozen_on': day,
        'text': dict(definition.text, parent=none, freeze=none, label={
            'en': label.en ~ ' (on ' ~ day ~ ')',
            'ko': label.ko ~ '(' ~ day ~ ' 기준)',
        }),
    })}) }}
{%- endmacro %}
