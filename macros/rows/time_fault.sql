{% macro time_fault(column) -%}
    when {{ column }} is null
        then {{ fault(column, 'missing_time') }}
    when {{ column }} < timestamp '1970-01-01 00:00:00'
        then {{ fault(column, 'time_out_of_range') }}
    when {{ column }} > {{ column.split('.')[0] }}.loaded_at + interval 5 minute
        then {{ fault(column, 'future_time') }}
{%- endmacro %}
