{% macro region_spelling(value) -%}
    lower({{ replace_all(
        composed(value), '[\\s\\x{00A0}\\x{2000}-\\x{200D}\\x{3000}\\x{FEFF}.\\-]+', ''
    ) }})
{%- endmacro %}
