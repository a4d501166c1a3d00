{% macro local_phone(number) -%}
    {%- set international = '^[+]' ~ var('phone_country_code') ~ '([1-9][0-9]+)$' -%}
    case
        when {{ matches(number, international) }}
            then {{ replace_all(number, international, '0\\1') }}
    end
{%- endmacro %}
