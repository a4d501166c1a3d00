{% macro hours_between(earlier, later) -%}
    (epoch({{ later }} - {{ earlier }}) / 3600)
{%- endmacro %}
