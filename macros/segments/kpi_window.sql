{% macro kpi_window(day) -%}
    {{ day }} between {{ as_of_date() }} - {{ var('kpi_window_days') - 1 }}
    and {{ as_of_date() }}
{%- endmacro %}
