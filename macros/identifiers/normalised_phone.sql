{% macro normalised_phone(value) -%}
    {%- set country = var('phone_country_code') -%}
    {%- set bare = replace_all(
        value,
        '[ \\t\\n\\f\\r\\x{00A0}\\x{2000}-\\x{200D}\\x{3000}\\x{FEFF}().\\-]+',
        ''
    ) -%}
    {%- set dialled = replace_all(bare, '^00', '+') -%}
    {%- set with_country = replace_all(
        dialled, '^\\+?' ~ country ~ '0?([1-9][0-9]{7,})$', '+' ~ country ~ '\\1'
    ) -%}
    {%- set without_trunk_zero = replace_all(
        with_country, '^0([1-9][0-9]{7,})$', '+' ~ country ~ '\\1'
    ) -%}
    {%- set completed = replace_all(
        without_trunk_zero, '^([1-9][0-9]{7,})$', '+' ~ country ~ '\\1'
    ) -%}
    nullif({{ completed }}, '')
{%- endmacro %}
