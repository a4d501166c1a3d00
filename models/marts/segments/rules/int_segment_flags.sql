{%- set segments = resolved_segments() -%}
{%- set conditions = outer_conditions(segments) -%}
{%- set columns = flag_columns(segments, conditions) %}

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
        {{ columns.answers | join(',\n        ') }}
    from customers
    inner join rule_facts
        on customers.customer_id = rule_facts.customer_id

),

decided as (

    select
        {{ columns.decisions | join(',\n        ') }}
    from answered

)

select * from decided
