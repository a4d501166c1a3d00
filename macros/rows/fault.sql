{% macro fault(column, reason) -%}
    '{{ column.split('.') | last }}:{{ reason }}:'
    {%- if column.endswith('currency') %}
    -- which currency it is must be seen to be mended, and is nobody's
    || coalesce(
        case
            when {{ matches(column, '^[A-Za-z]{3}$') }}
                then {{ column }}
            else {{ masked(column) }}
        end,
        ''
    )
    {%- else %}
    || coalesce({{ masked(column) }}, '')
    {%- endif %}
{%- endmacro %}
