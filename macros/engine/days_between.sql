{% macro days_between(earlier, later) -%}
    {{ return(by_engine(
        duckdb='(' ~ later ~ ' - ' ~ earlier ~ ')',
        spark='datediff(' ~ later ~ ', ' ~ earlier ~ ')::bigint',
    )) }}
{%- endmacro %}
