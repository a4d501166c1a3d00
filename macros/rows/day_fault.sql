{% macro day_fault(column) -%}
    when {{ column }} is null
        then {{ fault(column, 'missing_time') }}
    when {{ column }} < date '1970-01-01'
        then {{ fault(column, 'time_out_of_range') }}
    when {{ is_after_load(column) }}
        then {{ fault(column, 'future_time') }}
{%- endmacro %}
