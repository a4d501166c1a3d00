{%- set window = kpi_window('ordered_on') -%}

with

orders as (

    select *
    from {{ ref('orders') }}
    where is_revenue and customer_id is not null and {{ window }}

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid and {{ window }}

),

products as (

    select *
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

costs as (

    select
        order_lines.order_id,
        sum(order_lines.quantity * products.unit_cost) as goods_cost
    from order_lines
    inner join products
        on order_lines.product_id = products.product_id
    group by order_lines.order_id

),

window_orders as (

    select
        orders.*,
        orders.net_revenue::decimal(22, 4)
        - coalesce(costs.goods_cost, 0)::decimal(22, 4) as margin
    from orders
    left join costs
        on orders.order_id = costs.order_id

),

-- a fully refunded order is no order any more, but its refund counts
purchases as (

    select
        customer_id,
        count_if(is_valid) as order_count,
        count_if(is_valid and coupon_code is not null) as coupon_order_count,
        sum(gross_amount) filter (where is_valid) as gross_amount,
        sum(discount_amount) filter (where is_valid) as discount_amount,
        sum(net_revenue) filter (where is_valid) as net_revenue,
        sum(margin) filter (where is_valid) as margin,
        sum(gross_amount - discount_amount) as charged_amount,
        sum(refunded_amount) as refunded_amount
    from window_orders
    group by customer_id

)

select * from purchases
