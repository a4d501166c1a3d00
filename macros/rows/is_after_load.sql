{% macro is_after_load(column) -%}
    {{ column }} > {{ business_date(
        '(' ~ column.split('.')[0] ~ '.loaded_at + interval 5 minute)'
    ) }}
{%- endmacro %}
