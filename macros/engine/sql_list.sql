{% macro sql_list(values) -%}
    {%- set backslash = by_engine(duckdb='\\', spark='\\\\') -%}
    {%- set quoted = [] -%}
    {%- for value in values -%}
        {%- do quoted.append(
            (value | string).replace("'", "''").replace('\\', backslash)
        ) -%}
    {%- endfor -%}
    {{ return("('" ~ (quoted | join("', '")) ~ "')") }}
{%- endmacro %}
