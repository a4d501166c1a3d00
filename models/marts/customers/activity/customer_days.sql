{#- Which event a column counts is said where the column is described. -#}
{%- set counted_events = (event_registry() if execute else {}).values()
    | rejectattr('name', 'equalto', 'purchase') | list -%}

with

events as (

    select *
    from {{ ref('stg_events') }}
    where row_state = 'kept' and customer_id is not null

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

known_customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

-- `count` over a `case` is two thirds of `count_if`, and half of a sum
event_days as (

    select
        customer_id,
        occurred_on as active_on,
        {%- for event in counted_events %}
        count(case when event_name = {{ sql_text(event.name) }} then 1 end)
            as {{ event.column }},
        {%- endfor %}
        count(*) as event_count,
        count(app_version) as app_event_count,
        count(case when device = 'desktop' then 1 end) as desktop_event_count,
        sum(coalesce(duration_seconds, 0)) as duration_seconds
    from events
    group by customer_id, occurred_on

),

order_days as (

    select
        customer_id,
        ordered_on as active_on,
        count(*) as order_count
    from orders
    group by customer_id, ordered_on

),

-- a day with an order and no event is an active day too
customer_days as (

    select
        known_customers.customer_id,
        coalesce(event_days.active_on, order_days.active_on) as active_on,
        coalesce(order_days.order_count, 0)::int as order_count,
        coalesce(event_days.event_count, 0)::int as event_count,
        coalesce(event_days.app_event_count, 0)::int as app_event_count,
        coalesce(event_days.desktop_event_count, 0)::int as desktop_event_count,
        coalesce(event_days.duration_seconds, 0)::bigint as duration_seconds
        {%- for event in counted_events -%}
        ,
        coalesce(event_days.{{ event.column }}, 0)::int as {{ event.column }}
        {%- endfor %}
    from event_days
    full outer join order_days
        on
            event_days.customer_id = order_days.customer_id
            and event_days.active_on = order_days.active_on
    inner join known_customers
        on
            coalesce(event_days.customer_id, order_days.customer_id)
            = known_customers.customer_id

)

select * from customer_days
