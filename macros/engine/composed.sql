{% macro composed(text) -%}
    nfc_normalize({{ text }})
{%- endmacro %}
