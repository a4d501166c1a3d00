{% macro days_until_unmet(condition) -%}
    {#- SQL of the days until a condition that is met no longer is, if nothing is done but
        time goes by; null = never by time alone, or not known. -#}
    {%- set test = condition.test -%}
    {%- set value = condition.value -%}
    {%- set lower, upper = value if test == 'between' else (value, value) -%}
    {%- set steps = none -%}
    {%- if condition.per_day and condition.per_day > 0 -%}
        {%- set steps = {
            'at_most': upper ~ ' - ' ~ condition.observed,
            'between': upper ~ ' - ' ~ condition.observed,
            'below': upper ~ ' - 1 - ' ~ condition.observed,
        }.get(test) -%}
    {%- elif condition.per_day -%}
        {%- set steps = {
            'at_least': condition.observed ~ ' - ' ~ lower,
            'between': condition.observed ~ ' - ' ~ lower,
            'above': condition.observed ~ ' - 1 - ' ~ lower,
        }.get(test) -%}
    {%- endif -%}
    {%- if steps -%}
        {{ return(
            '(floor((' ~ steps ~ ') / ' ~ condition.per_day | abs ~ ') + 1)'
        ) }}
    {%- elif condition.trait == 'purchase_stage' and test == 'is' -%}
        {{ return(days_between(
            as_of_date(), 'coalesce(customers.slips_on, customers.churns_on)'
        )) }}
    {%- elif condition.last_column -%}
        {{ return(
            '(' ~ days_between(as_of_date(), 'rule_facts.' ~ condition.last_column)
            ~ ' + ' ~ condition.window_days ~ ')'
        ) }}
    {%- endif -%}
    {{ return('null') }}
{%- endmacro %}
