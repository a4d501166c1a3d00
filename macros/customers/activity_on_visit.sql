{% macro activity_on_visit(previous_active_on, active_on) -%}
    {%- set quiet = quiet_states() -%}
    case
        when {{ previous_active_on }} is null
            then 'new'
        when
            {{ days_between(previous_active_on, active_on) }}
            < {{ quiet.at_risk_mau.from_day }}
            then 'current'
        when
            {{ days_between(previous_active_on, active_on) }}
            < {{ quiet.dormant.from_day }}
            then 'reactivated'
        else 'resurrected'
    end
{%- endmacro %}
