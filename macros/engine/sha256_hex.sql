{% macro sha256_hex(text) -%}
    {{ return(by_engine(
        duckdb='sha256(' ~ text ~ ')',
        spark='sha2(' ~ text ~ ', 256)',
    )) }}
{%- endmacro %}
