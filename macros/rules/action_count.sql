{% macro action_count(fact) -%}
    {#- How many actions with these properties there were in a window. -#}
    {%- set window = '' if fact.window is none
        else ' and ' ~ window_condition(fact.window, 'actions.occurred_on') -%}
    {{ return(
        'count(distinct case when actions.event_name = ' ~ sql_text(fact.event) ~ window
        ~ ' and ' ~ fact.where ~ ' then actions.action_id end)'
    ) }}
{%- endmacro %}
