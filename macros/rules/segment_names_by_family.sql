{% macro segment_names_by_family(families) -%}
    {%- set names = {} -%}
    {%- set known = families | map(attribute='identifier') | list -%}
    {%- if execute -%}
        {%- for segment in segment_definitions().values() -%}
            {%- if segment.model not in known -%}
                {%- do rule_error(segment.at, 'the family ' ~ segment.model ~ ' is not listed '
                    ~ 'in models/marts/segments/rules/int_segment_memberships.sql; add a ref to it') -%}
            {%- endif -%}
            {%- do names.update({
                segment.model: names.get(segment.model, []) + [segment.name]
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}
