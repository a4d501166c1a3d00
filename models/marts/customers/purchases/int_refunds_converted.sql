with

refunds as (

    select *
    from {{ ref('stg_refunds') }}
    where row_state = 'kept'

),

orders as (

    select * from {{ ref('int_orders_converted') }}

),

-- a refund is worth what the order was worth, at the rate of the order's day
converted as (

    select
        refunds.refund_id,
        refunds.order_id,
        {{ business_date('refunds.refunded_at') }} as refunded_on,
        refunds.amount as original_amount,
        {{ in_reporting_currency('refunds.amount') }} as amount
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id

)

select * from converted
