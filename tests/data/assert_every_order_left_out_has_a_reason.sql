-- an order counts for its customer or says why not; what never was one is no revenue
with

orders as (

    select
        order_id,
        customer_id,
        is_valid,
        is_revenue,
        invalid_reason
    from {{ ref('orders') }}

),

unexplained as (

    select
        order_id,
        customer_id,
        is_valid,
        is_revenue,
        invalid_reason
    from orders
    where
        is_valid <> (invalid_reason is null)
        or (is_valid and customer_id is null)
        or (is_valid and not is_revenue)
        or (
            invalid_reason in ('test_account', 'cancelled', 'status_not_counted')
            and is_revenue
        )

)

select * from unexplained
