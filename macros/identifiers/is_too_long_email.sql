{% macro is_too_long_email(value) -%}
    (length({{ value }}) > 254 or {{ matches(value, '^[^@]{65}') }})
{%- endmacro %}
