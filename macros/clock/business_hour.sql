{% macro business_hour(moment) -%}
    {{ return('hour(' ~ business_time(moment) ~ ')') }}
{%- endmacro %}
