{% macro fact_events(facts) -%}
    {#- The events that some facts are about, as a list of SQL. -#}
    {%- set events = [] -%}
    {%- for fact in facts -%}
        {%- do events.extend(
            [fact.event] if fact.event else fact.steps + [fact.then_not] if fact.then_not
            else fact.steps
        ) -%}
    {%- endfor -%}
    {{ return(sql_list(events | unique | sort)) }}
{%- endmacro %}
