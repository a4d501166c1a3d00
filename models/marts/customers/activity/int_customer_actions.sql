with

events as (

    select *
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        -- a purchase is a valid order
        and event_name <> 'purchase'

),

products as (

    select *
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid

),

done as (

    select
        events.event_id as action_id,
        0 as order_line,
        events.customer_id,
        events.event_name,
        events.occurred_at,
        events.occurred_on,
        events.product_id,
        products.category,
        null::string as sales_channel,
        null::string as coupon_code,
        events.search_term,
        events.page,
        events.device,
        events.os,
        events.browser,
        events.campaign_id,
        events.properties
    from events
    left join products
        on events.product_id = products.product_id

),

bought as (

    select
        orders.order_id as action_id,
        coalesce(order_lines.line, 0) as order_line,
        orders.customer_id,
        'purchase' as event_name,
        orders.ordered_at as occurred_at,
        orders.ordered_on as occurred_on,
        order_lines.product_id,
        order_lines.category,
        orders.sales_channel,
        orders.coupon_code,
        null::string as search_term,
        null::string as page,
        null::string as device,
        null::string as os,
        null::string as browser,
        null::string as campaign_id,
        null::string as properties
    from orders
    left join order_lines
        on orders.order_id = order_lines.order_id

),

actions as (

    select * from done

    union all

    select * from bought

)

select * from actions
