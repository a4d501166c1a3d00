with

orders as (

    select *
    from {{ ref('orders') }}
    where is_revenue

),

refunds as (

    select * from {{ ref('int_refunds_converted') }}

),

-- sales on the day of the order, refunds on the day of the refund
movements as (

    select
        ordered_on as revenue_on,
        1 as order_count,
        net_revenue + refunded_amount as sales_amount,
        0 as refunded_amount,
        0 as refunded_beyond_goods
    from orders

    union all

    select
        refunds.refunded_on as revenue_on,
        0 as order_count,
        0 as sales_amount,
        refunds.revenue_amount as refunded_amount,
        refunds.beyond_goods_amount as refunded_beyond_goods
    from refunds
    inner join orders
        on refunds.order_id = orders.order_id

),

daily_revenue as (

    select
        revenue_on,
        sum(order_count)::bigint as order_count,
        sum(sales_amount)::decimal(18, 2) as sales_amount,
        sum(refunded_amount)::decimal(18, 2) as refunded_amount,
        sum(refunded_beyond_goods)::decimal(18, 2) as refunded_beyond_goods,
        (sum(sales_amount) - sum(refunded_amount))::decimal(18, 2) as net_revenue
    from movements
    group by revenue_on

)

select * from daily_revenue
