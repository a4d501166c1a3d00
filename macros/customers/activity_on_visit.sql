{% macro activity_on_visit(previous_active_on, active_on) -%}
    case
        when {{ previous_active_on }} is null
            then 'new'
        when {{ days_between(previous_active_on, active_on) }} <= 6
            then 'current'
        when {{ days_between(previous_active_on, active_on) }} <= 29
            then 'reactivated'
        else 'resurrected'
    end
{%- endmacro %}
