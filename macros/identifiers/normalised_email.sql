{% macro normalised_email(value) -%}
    {#- Unicode's composed form first (NFC) would change no address that is one: those are
        ASCII, which tests/python/test_identifiers.py proves. The Turkish capital would be
        lowered to a plain i, and so to somebody else's address. -#}
    {%- set bare = replace_all(value, '[' ~ invisible_characters() ~ ']+', '') -%}
    nullif({{ lowered(replace_all(bare, '\\x{0130}', 'i\u0307')) }}, '')
{%- endmacro %}
