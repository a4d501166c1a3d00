{% macro outer_conditions(rule) -%}
    {#- What must all hold: the parts of an outermost `all`, else the rule as one. -#}
    {%- if rule.group == 'all' and not rule.segment -%}
        {{ return(rule.members) }}
    {%- endif -%}
    {{ return([rule]) }}
{%- endmacro %}
