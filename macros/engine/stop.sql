{% macro stop(message) -%}
    error({{ message }})
{%- endmacro %}
