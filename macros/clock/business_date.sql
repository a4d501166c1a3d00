{% macro business_date(moment) -%}
    {{ return(business_time(moment) ~ '::date') }}
{%- endmacro %}
