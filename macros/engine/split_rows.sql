{% macro split_rows(text, separator) -%}
    {{ return(by_engine(
        duckdb='unnest(string_split(' ~ text ~ ', ' ~ sql_text(separator) ~ '))',
        spark="explode(split(" ~ text ~ ", '[" ~ separator ~ "]'))",
    )) }}
{%- endmacro %}
