{% macro quiet_states() -%}
    {%- set week, month = 7, 30 -%}
    {{ return({
        'at_risk_wau': {'from_day': 1, 'to_day': week},
        'at_risk_mau': {'from_day': week, 'to_day': month},
        'dormant': {'from_day': month, 'to_day': none},
    }) }}
{%- endmacro %}
