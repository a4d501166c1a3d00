{% macro safe_reason(reason, test, value) -%}
    {#- What may be told to the customer: only that something is there, never its lack. -#}
    {%- if reason and (test in ('is', 'in', 'at_least', 'above', 'has', 'has_any', 'has_all')
        or (test == 'known' and value is true)
        or (test == 'between' and value[0] is number and value[0] > 0)) -%}
        {{ return(reason) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
