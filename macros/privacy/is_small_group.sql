{% macro is_small_group(counted) -%}
    {{ counted }} between 1 and {{ var('k_minimum') }} - 1
{%- endmacro %}
