{% macro is_whole(value, lowest, highest) -%}
    {{ return(value is integer and value is not boolean and lowest <= value <= highest) }}
{%- endmacro %}
