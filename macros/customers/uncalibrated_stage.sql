{% macro uncalibrated_stage(threshold) -%}
    {#- What was seen in shops that could be calibrated, on the late side; no threshold
        is sooner than `soonest`. -#}
    {{ return({
        'risk': {
            'one_time': {'from_day': 0, 'gaps': 1},
            'repeat': {'from_day': 30, 'gaps': 2.5},
            'soonest': 0,
            'latest': 364,
        },
        'churn': {
            'one_time': {'from_day': 180, 'gaps': 2},
            'repeat': {'from_day': 180, 'gaps': 6},
            'soonest': var('churned_from_days'),
            'latest': 365,
        },
    }[threshold]) }}
{%- endmacro %}
