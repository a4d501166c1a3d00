{% macro days_between(earlier, later) -%}
    {#- Two dates apart are a number on DuckDB and an interval on Spark, two timestamps an
        interval on both. -#}
    {{ return(
        'extract(day from (' ~ later ~ ')::timestamp - (' ~ earlier ~ ')::timestamp)::bigint'
    ) }}
{%- endmacro %}
