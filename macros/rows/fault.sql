{% macro fault(column, reason) -%}
    '{{ column.split('.') | last }}:{{ reason }}:'
    || coalesce({{ masked(column) }}, '')
{%- endmacro %}
