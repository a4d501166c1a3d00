{% macro gathered_facts(facts) -%}
    {#- Select list of int_rule_facts: every fact of a customer, whoever never did anything
        included. -#}
    {%- set columns = ['customers.customer_id'] -%}
    {%- for fact in facts.days + facts.actions -%}
        {%- do columns.append('coalesce(' ~ fact.column ~ ', 0) as ' ~ fact.column) -%}
    {%- endfor -%}
    {%- for fact in facts.last -%}
        {%- do columns.append(fact.column) -%}
    {%- endfor -%}
    {%- for fact in facts.sequence -%}
        {%- do columns.append(
            'coalesce(sequences.' ~ fact.column ~ ', false) as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {%- for fact in facts.rank -%}
        {%- set trait = 'customers.' ~ fact.trait -%}
        {%- do columns.extend([
            'case when ' ~ trait ~ ' is not null then row_number() over (order by ' ~ trait
                ~ ' desc nulls last, customers.customer_id) end as ' ~ fact.column,
            'count(' ~ trait ~ ') over () as count_of_' ~ fact.trait,
        ]) -%}
    {%- endfor -%}
    {%- for fact in facts.held -%}
        {%- do columns.append(
            days_between('customers.' ~ fact.since, as_of_date()) ~ ' + 1 as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {#- Who enters today is in on the first day. -#}
    {%- for fact in facts.since -%}
        {%- do columns.append(
            'coalesce(' ~ days_between('recorded.since_' ~ fact.segment, as_of_date())
            ~ ' + 1, 1) as ' ~ fact.column
        ) -%}
    {%- endfor -%}
    {#- Null on the day itself: the rule decides. -#}
    {%- for fact in facts.cohort -%}
        {%- set day = "date '" ~ fact.day ~ "'" -%}
        {%- do columns.append(
            'case when ' ~ as_of_date() ~ ' < ' ~ day ~ ' then false when ' ~ as_of_date()
            ~ ' > ' ~ day ~ ' then coalesce(recorded.' ~ fact.column ~ ', false) end as '
            ~ fact.column
        ) -%}
    {%- endfor -%}
    {{ return(columns | map('trim') | join(',\n        ')) }}
{%- endmacro %}
