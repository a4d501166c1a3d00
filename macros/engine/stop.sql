{% macro stop(message) -%}
    {{ return(by_engine(
        duckdb='error(' ~ message ~ ')',
        spark='raise_error(' ~ message ~ ')',
    )) }}
{%- endmacro %}
