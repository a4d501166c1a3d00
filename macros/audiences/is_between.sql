{% macro is_between(value, lowest, highest) -%}
    {{ return((value is integer or value is float) and value is not boolean
        and lowest <= value <= highest) }}
{%- endmacro %}
