{% macro hours_between(earlier, later) -%}
    {{ return(by_engine(
        duckdb='(epoch(' ~ later ~ ' - ' ~ earlier ~ ') / 3600)',
        spark='(timestampdiff(microsecond, ' ~ earlier ~ ', ' ~ later
            ~ ')::double / 1000000 / 3600)',
    )) }}
{%- endmacro %}
