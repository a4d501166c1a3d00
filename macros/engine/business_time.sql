{% macro business_time(moment) -%}
    {%- set zone = sql_text(var('business_timezone')) -%}
    {{ return(by_engine(
        duckdb='(' ~ moment ~ " at time zone 'UTC' at time zone " ~ zone ~ ')',
        spark="convert_timezone('UTC', " ~ zone ~ ', ' ~ moment ~ ')',
    )) }}
{%- endmacro %}
