{%- set segments = resolved_segments('purchase_segments') -%}

-- depends_on: {{ ref('protected_attributes') }}

with

customers as (

    select *
    from {{ ref('customers') }}
    where not is_test and age_band <> 'under_14'

),

event_counts as (

    select
        customer_id
        {{- event_counts(segments) }}
    from {{ ref('customer_days') }}
    group by customer_id

),

decided as (

    select
        customers.customer_id
        {{- segment_columns(segments) }}
    from customers
    left join event_counts
        on customers.customer_id = event_counts.customer_id

)

select * from decided
