{% macro normalised_phone(value) -%}
    {%- set country = var('phone_country_code') -%}
    {%- set typed = namespace(value=value) -%}
    {%- for full, plain in zip('０１２３４５６７８９＋', '0123456789+') -%}
        {%- set typed.value = "replace(" ~ typed.value ~ ", '" ~ full ~ "', '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {%- set bare = replace_all(
        typed.value,
        '[' ~ invisible_characters() ~ '().\\-\\x{2010}-\\x{2015}\\x{2212}\\x{FF0D}]+',
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
