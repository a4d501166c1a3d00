{% macro hex_to_int(digits) -%}
    ('0x' || {{ digits }})::bigint
{%- endmacro %}
