{% macro resolved_segment(segment, inside, language) -%}
    {#- A segment's rule with its parent's and its frozen day, as one resolved rule. -#}
    {%- if segment.name in inside -%}
        {%- do rule_error(segment.at, 'a circle: ' ~ (inside + [segment.name]) | join(' → ')) -%}
    {%- endif -%}
    {%- set at = dict(segment.at, inside=inside + [segment.name]) -%}
    {%- if segment.frozen_of -%}
        {%- set rolling = resolved_segment(
            language.segments[segment.frozen_of], at.inside, language
        ) -%}
        {%- set fact = {
            'kind': 'cohort',
            'column': 'was_' ~ segment.name,
            'segment': segment.frozen_of,
            'day': segment.frozen_on,
        } -%}
        {{ return({
            'group': 'all',
            'members': [{
                'sql': 'coalesce(rule_facts.' ~ fact.column ~ ', ' ~ rule_sql(rolling) ~ ')',
                'words': {
                    'en': 'in segment ' ~ segment.frozen_of ~ ' on ' ~ segment.frozen_on,
                    'ko': segment.frozen_on ~ ' 기준 ‘'
                        ~ language.segments[segment.frozen_of].text.label.ko ~ '’ 고객',
                },
                'subject': 'segment ' ~ segment.frozen_of,
                'is_explicit': rule_conditions(rolling) | rejectattr('is_explicit') | list == [],
                'facts': rule_conditions(rolling) | map(attribute='facts') | sum(start=[]) + [fact],
            }],
        }) }}
    {%- endif -%}
    {%- set own = resolved_rule(segment.rule, at, language) -%}
    {%- if not segment.text.parent -%}{{ return(own) }}{%- endif -%}
    {%- if segment.text.parent is not string or segment.text.parent not in language.segments -%}
        {%- do rule_error(segment.at, 'parent: unknown segment ' ~ segment.text.parent ~ '; '
            ~ nearest_names(segment.text.parent | string, language.segments.keys() | list)) -%}
    {%- endif -%}
    {%- set parent = language.segments[segment.text.parent] -%}
    {{ return({
        'group': 'all',
        'members': [{
            'group': 'all',
            'members': [resolved_segment(parent, at.inside, language)],
            'segment': segment_words(parent),
        }] + (own.members if own.group == 'all' and not own.segment else [own]),
    }) }}
{%- endmacro %}
