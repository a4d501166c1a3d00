{% macro business_date(moment) -%}
    {%- set zone = var('business_timezone') -%}
    {{ return(by_engine(
        duckdb='(' ~ moment ~ " at time zone 'UTC' at time zone '" ~ zone ~ "')::date",
        spark="convert_timezone('UTC', '" ~ zone ~ "', " ~ moment ~ ')::date',
    )) }}
{%- endmacro %}
