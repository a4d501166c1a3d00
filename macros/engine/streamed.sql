{% macro streamed() -%}
    {{ by_engine(duckdb='not materialized', spark='') }}
{%- endmacro %}
