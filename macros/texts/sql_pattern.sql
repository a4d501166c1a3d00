{% macro sql_pattern(pattern) -%}
    {#- In Java `$` also matches before a last line's end. -#}
    {%- if pattern.endswith('$') and not pattern.endswith('\\$') -%}
        {%- set pattern = pattern[:-1] ~ '\\z' -%}
    {%- endif -%}
    {{ return(sql_text(pattern)) }}
{%- endmacro %}
