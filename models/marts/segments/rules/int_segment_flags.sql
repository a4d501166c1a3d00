{%- set segments = resolved_segments() -%}
{%- set conditions = outer_conditions(segments) -%}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

rule_facts as (

    select * from {{ ref('int_rule_facts') }}

),

answered as (

    select
        customers.customer_id
        {%- for condition in conditions %},
        {{ rule_sql(condition) }} as {{ condition.column }}
        {%- endfor %}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id

),

decided as (

    select
        *
        {%- for segment in segments %},
        {{ conditions | selectattr('of_segment', 'equalto', segment.name)
            | map(attribute='column') | join(' and ') }} as {{ segment.name }}
        {%- endfor %}
    from answered

)

select * from decided
