{% macro month_fault(column) -%}
    when {{ column }} is null
        then {{ fault(column, 'missing_time') }}
    when {{ column }} < date '1970-01-01'
        then {{ fault(column, 'time_out_of_range') }}
    when day({{ column }}) <> 1
        then {{ fault(column, 'not_first_of_month') }}
{%- endmacro %}
