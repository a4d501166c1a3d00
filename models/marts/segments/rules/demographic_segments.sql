{%- set segments = resolved_segments('demographic_segments') -%}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

rule_facts as (

    select * from {{ ref('int_rule_facts') }}

),

decided as (

    select
        customers.customer_id,
        {{ segment_columns(segments) or 'null as no_segment' }}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id

)

select * from decided
