{% macro sql_pattern(pattern) -%}
    {#- In Java `$` also matches before a last line's end, and scripts are named longer. -#}
    {%- set java = pattern.replace('\\p{Hangul}', '\\p{IsHangul}') -%}
    {%- if java.endswith('$') and not java.endswith('\\$') -%}
        {%- set java = java[:-1] ~ '\\z' -%}
    {%- endif -%}
    {{ return(by_engine(duckdb=sql_text(pattern), spark=sql_text(java))) }}
{%- endmacro %}
