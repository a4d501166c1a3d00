{% macro is_word(value) -%}
    {{ return(value is string and value | trim != '') }}
{%- endmacro %}
