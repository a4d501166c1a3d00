{% macro region_spelling(value) -%}
    {{ lowered(replace_all(
        composed(value),
        '[ \\t\\n\\f\\r\\x{00A0}\\x{2000}-\\x{200D}\\x{3000}\\x{FEFF}.\\-]+',
        ''
    )) }}
{%- endmacro %}
