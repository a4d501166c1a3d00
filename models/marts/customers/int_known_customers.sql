with

customers as (

    select *
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

first_orders as (

    select
        customer_id,
        min(ordered_on) as first_ordered_on
    from {{ ref('orders') }}
    where is_valid
    group by customer_id

),

signed_up as (

    select
        customers.customer_id,
        {{ business_date('customers.created_at') }} as signed_up_on,
        first_orders.first_ordered_on
    from customers
    left join first_orders
        on customers.customer_id = first_orders.customer_id
    where not customers.is_test

),

known as (

    select
        customer_id,
        signed_up_on,
        first_ordered_on,
        least(signed_up_on, first_ordered_on) as known_on
    from signed_up

)

select * from known
