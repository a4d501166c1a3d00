{{ config(materialized='view') }}

{%- set segments = resolved_segments() -%}

-- depends_on: {{ ref('protected_attributes') }}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

event_counts as (

    select
        customer_id,
        {{ event_counts(segments) }}
    from {{ ref('customer_days') }}
    group by customer_id

),

facts as (

    select
        customers.customer_id,
        {{ condition_columns(segments) }}
    from customers
    left join event_counts
        on customers.customer_id = event_counts.customer_id

),

answered as (

    select
        customer_id,
        condition_name,
        is_met
    from facts
    unpivot (
        is_met for condition_name in ({{ condition_names(segments) | join(', ') }})
    )

),

texts (condition_name, segment, condition_number, condition_in_words) as (

    values
    {{ condition_texts(segments) }}

),

conditions as (

    select
        answered.customer_id,
        texts.segment,
        texts.condition_number,
        texts.condition_in_words,
        answered.is_met
    from answered
    inner join texts
        on answered.condition_name = texts.condition_name

)

select * from conditions
