with

order_items as (

    select
        *,
        (quantity * unit_price)::decimal(18, 4) as line_amount
    from {{ ref('stg_order_items') }}
    where row_state = 'kept' and quantity <> 0

),

orders as (

    select * from {{ ref('orders') }}

),

rates as (

    select
        order_id,
        rate,
        minor_units
    from {{ ref('int_orders_converted') }}

),

products as (

    select *
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

order_lines as (

    select
        order_items.order_id,
        order_items.line,
        orders.customer_id,
        orders.ordered_at,
        orders.ordered_on,
        orders.is_valid,
        order_items.product_id,
        products.name as product_name,
        products.category,
        order_items.quantity,
        order_items.unit_price,
        orders.currency,
        order_items.line_amount,
        {{ in_reporting_currency('order_items.line_amount') }} as reporting_amount
    from order_items
    inner join orders
        on order_items.order_id = orders.order_id
    inner join rates
        on order_items.order_id = rates.order_id
    left join products
        on order_items.product_id = products.product_id

)

select * from order_lines
