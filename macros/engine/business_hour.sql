{% macro business_hour(moment) -%}
    hour({{ moment }} at time zone 'UTC' at time zone '{{ var("business_timezone") }}')
{%- endmacro %}
