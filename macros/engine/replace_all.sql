{% macro replace_all(text, pattern, replacement) -%}
    {%- set replaced = 'regexp_replace(' ~ text ~ ', ' ~ sql_pattern(pattern) ~ ', ' -%}
    {%- set java = modules.re.sub('\\\\(\\d)', '$\\1', replacement) -%}
    {{ return(by_engine(
        duckdb=replaced ~ sql_text(replacement) ~ ", 'g')",
        spark=replaced ~ sql_text(java) ~ ')',
    )) }}
{%- endmacro %}
