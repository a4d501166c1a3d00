{{ config(materialized='view') }}

{%- set segments = resolved_segments() -%}

-- depends_on: {{ ref('protected_attributes') }}

with

customers as (

    select *
    from {{ ref('customers') }}
    where not is_test and age_band <> 'under_14'

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

conditions as (

    {%- for segment in segments %}
    {%- set is_last_segment = loop.last %}
    {%- for condition in outer_conditions(segment.rule) %}

    select
        customer_id,
        {{ sql_text(segment.name) }} as segment,
        {{ loop.index }} as condition_number,
        {{ sql_text(rule_words(condition)) }} as condition_in_words,
        {{ segment.name }}_{{ loop.index }} as is_met
    from facts
    {{ 'union all' if not (loop.last and is_last_segment) }}
    {%- endfor %}
    {%- endfor %}

)

select * from conditions
