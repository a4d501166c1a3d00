{% macro traits_in_rule(rule, segments, depth=0) -%}
    {#- Read from the rule as written; references and what traits come from included. -#}
    {%- set found = [] -%}
    {%- if rule is mapping and depth < 40 -%}
        {%- for key, part in rule.items() -%}
            {%- if key in ('trait', 'by') and part is string -%}
                {%- do found.extend(trait_origins(part, trait_registry())) -%}
            {%- elif key in ('segment', 'parent') and part in segments -%}
                {%- set referred = segments[part] -%}
                {%- do found.extend(traits_in_rule(
                    {'rule': referred.rule, 'parent': referred.text.get('parent')},
                    segments, depth + 1
                )) -%}
            {%- else -%}
                {%- do found.extend(traits_in_rule(part, segments, depth + 1)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- elif rule is not string and rule is iterable -%}
        {%- for part in rule -%}
            {%- do found.extend(traits_in_rule(part, segments, depth + 1)) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | unique | list) }}
{%- endmacro %}
