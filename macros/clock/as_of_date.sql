{% macro as_of_date() -%}
    date '{{ as_of_day().isoformat() }}'
{%- endmacro %}
