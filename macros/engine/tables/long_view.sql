{% macro long_view() -%}
    {{ return(by_engine(duckdb='view', spark='table')) }}
{%- endmacro %}
