{% macro normalised_phone(value) -%}
    {%- set country = var('phone_country_code') -%}
    {%- set digits = replace_all(
        value, '[\\s\\x{00A0}\\x{2000}-\\x{200D}\\x{3000}\\x{FEFF}().\\-]+', ''
    ) -%}
    nullif(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace({{ digits }}, '^00', '+'),
                    '^\+?{{ country }}0?([1-9][0-9]{7,})$',
                    '+{{ country }}\1'
                ),
                '^0([1-9][0-9]{7,})$',
                '+{{ country }}\1'
            ),
            '^([1-9][0-9]{7,})$',
            '+{{ country }}\1'
        ),
        ''
    )
{%- endmacro %}
