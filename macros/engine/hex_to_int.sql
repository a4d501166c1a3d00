{% macro hex_to_int(digits) -%}
    {{ return(by_engine(
        duckdb="('0x' || " ~ digits ~ ')::bigint',
        spark='conv(' ~ digits ~ ', 16, 10)::bigint',
    )) }}
{%- endmacro %}
