{% macro sql_text(value) -%}
    {%- set quoted = "'" ~ (value | string).replace("'", "''") ~ "'" -%}
    {{ return(by_engine(duckdb=quoted, spark=quoted.replace('\\', '\\\\'))) }}
{%- endmacro %}
