{% macro fact_columns(facts, source) -%}
    {#- Select list of int_rule_facts: one column for each fact of one source. -#}
    {%- set columns = [] -%}
    {%- if source == 'days' -%}
        {%- for fact in facts.last -%}
            {%- do columns.append(
                'max(case when ' ~ fact.counted ~ ' > 0 then active_on end) as ' ~ fact.column
            ) -%}
        {%- endfor -%}
        {%- for fact in facts.days -%}
            {%- do columns.append(day_count(fact) ~ ' as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'actions' -%}
        {%- for fact in facts.actions -%}
            {%- do columns.append(action_count(fact) ~ ' as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'sequence' -%}
        {%- for fact in facts.sequence -%}
            {%- do columns.append('max(' ~ sequence_outcome(fact) ~ ') as ' ~ fact.column) -%}
        {%- endfor -%}
    {%- elif source == 'recorded' -%}
        {%- for fact in facts.since -%}
            {%- do columns.append(
                'case when ' ~ recorded_net(fact.segment)
                ~ ' = 1 then max(case when segment = ' ~ sql_text(fact.segment)
                ~ ' then changed_on end) end as since_' ~ fact.segment
            ) -%}
        {%- endfor -%}
        {%- for fact in facts.cohort -%}
            {%- do columns.append(
                recorded_net(fact.segment, fact.day) ~ ' = 1 as ' ~ fact.column
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns | join(',\n        ')) }}
{%- endmacro %}
