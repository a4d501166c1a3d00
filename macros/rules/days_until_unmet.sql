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
    {%- endif -%}
    {%- set ends = [] -%}
    {%- if condition.trait == 'purchase_stage' and test == 'is' -%}
        {%- do ends.append(days_between(
            as_of_date(), 'coalesce(customers.slips_on, customers.churns_on)'
        )) -%}
    {%- endif -%}
    {%- if condition.entered_within_days -%}
        {%- do ends.append(
            condition.entered_within_days ~ ' + 1 - rule_facts.' ~ condition.held_column
        ) -%}
    {%- endif -%}
    {%- if condition.last_column -%}
        {%- do ends.append(
            days_between(as_of_date(), 'rule_facts.' ~ condition.last_column)
            ~ ' + ' ~ condition.window_days
        ) -%}
    {%- endif -%}
    {#- Whatever ends first; `least` passes over what is not known. -#}
    {%- if ends | length > 1 -%}
        {{ return('least(' ~ ends | join(', ') ~ ')') }}
    {%- elif ends -%}
        {{ return('(' ~ ends[0] ~ ')') }}
    {%- endif -%}
    {{ return('null') }}
{%- endmacro %}
