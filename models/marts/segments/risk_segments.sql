{%- set segments = resolved_segments('risk_segments') -%}
{%- set event_columns = event_counts(segments) -%}

-- depends_on: {{ ref('protected_attributes') }}, {{ ref('customer_days') }}

with

customers as (

    select *
    from {{ ref('customers') }}
    where is_segment_candidate

),

{% if event_columns -%}
event_counts as (

    select
        customer_id,
        {{ event_columns }}
    from {{ ref('customer_days') }}
    group by customer_id

),

{% endif -%}
decided as (

    select
        customers.customer_id,
        {{ segment_columns(segments) or 'null as no_segment' }}
    from customers
    {% if event_columns %}
    left join event_counts
        on customers.customer_id = event_counts.customer_id
    {% endif %}

)

select * from decided
