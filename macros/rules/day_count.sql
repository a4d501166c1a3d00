{% macro day_count(fact) -%}
    {#- How often something was done in a window, summed over the days of customer_days. -#}
    {%- if fact.window is none -%}{{ return('sum(' ~ fact.counted ~ ')') }}{%- endif -%}
    {{ return(
        'sum(case when ' ~ window_condition(fact.window, 'active_on') ~ ' then '
        ~ fact.counted ~ ' else 0 end)'
    ) }}
{%- endmacro %}
