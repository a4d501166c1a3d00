{% macro is_email(value) -%}
    coalesce(
        {{ matches(
            value,
            "^[a-z0-9!#$%&*+/=?^_{|}~-]+([.][a-z0-9!#$%&*+/=?^_{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z0-9-]*[a-z0-9]$"
        ) }},
        false
    )
{%- endmacro %}
