{% macro rule_conditions(rule) -%}
    {%- if 'group' not in rule -%}{{ return([rule]) }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- for member in rule.members -%}
        {%- do conditions.extend(rule_conditions(member)) -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}
