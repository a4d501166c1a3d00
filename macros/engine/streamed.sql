{% macro streamed() -%}
    {{ return(by_engine(duckdb='not materialized', spark='')) }}
{%- endmacro %}
