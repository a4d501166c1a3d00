{% macro is_mobile_number(value) -%}
    coalesce(
        {{ matches(value, sql_text(var('mobile_number_pattern'))) }}, false
    )
{%- endmacro %}
