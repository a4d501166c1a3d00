{% macro normalised_email(value) -%}
    {%- set bare = replace_all(
        value, '[ \\t\\n\\f\\r\\x{00A0}\\x{2000}-\\x{200D}\\x{3000}\\x{FEFF}]+', ''
    ) -%}
    nullif({{ lowered(bare) }}, '')
{%- endmacro %}
