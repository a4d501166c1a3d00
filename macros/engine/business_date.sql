{% macro business_date(moment) -%}
    ({{ moment }} at time zone 'UTC' at time zone '{{ var("business_timezone") }}')::date
{%- endmacro %}
