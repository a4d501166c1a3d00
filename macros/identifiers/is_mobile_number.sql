{% macro is_mobile_number(value) -%}
    coalesce(
        {{ matches(value, var('mobile_number_pattern')) }}, false
    )
{%- endmacro %}
