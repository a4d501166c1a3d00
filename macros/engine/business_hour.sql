{% macro business_hour(moment) -%}
    {%- set zone = var('business_timezone') -%}
    {{ return(by_engine(
        duckdb='hour(' ~ moment ~ " at time zone 'UTC' at time zone '" ~ zone ~ "')",
        spark="hour(convert_timezone('UTC', '" ~ zone ~ "', " ~ moment ~ '))',
    )) }}
{%- endmacro %}
