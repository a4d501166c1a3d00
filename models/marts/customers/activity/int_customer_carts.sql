{%- set free_delivery_from = var('free_delivery_from') -%}
{%- if free_delivery_from is none -%}
    {%- set free_delivery_from = 'null' -%}
{%- endif -%}

with

events as (

    select
        customer_id,
        event_id,
        event_name,
        occurred_at,
        occurred_on,
        product_id,
        page,
        {{ lowered('search_term') }} as search_term
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in (
            'cart_add',
            'cart_remove',
            'checkout_start',
            'coupon_download',
            'page_view',
            'product_view',
            'search'
        )

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

customer_products as (

    select *
    from {{ ref('customer_products') }}
    where is_in_cart

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

customer_activity as (

    select * from {{ ref('int_customer_activity') }}

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

-- of the same instant the purchase comes last: it takes what was put in with it
moves as (

    select
        customer_id,
        occurred_at as moved_at,
        occurred_on as moved_on,
        case when event_name = 'cart_add' then 1 else -1 end as change,
        0 as is_order,
        event_id as move_id
    from events
    where event_name in ('cart_add', 'cart_remove')

    union all

    select
        customer_id,
        ordered_at as moved_at,
        ordered_on as moved_on,
        0 as change,
        1 as is_order,
        order_id as move_id
    from orders
    where ordered_on > {{ as_of_date() }} - 90

),

surrounded as (

    select
        *,
        lag(moved_at) over history as previous_moved_at,
        lag(is_order) over history as previous_is_order,
        lead(moved_at) over history as next_moved_at
    from moves
    window history as (
        partition by customer_id
        order by moved_at, is_order, move_id
    )

),

-- a cart ends with an order, and with a day on which nothing is moved
numbered as (

    select
        *,
        sum(
            case
                when
                    previous_is_order = 0
                    and moved_at < previous_moved_at + interval 24 hour
                    then 0
                else 1
            end
        ) over (
            partition by customer_id
            order by moved_at, is_order, move_id
            rows between unbounded preceding and current row
        ) as cart_number
    from surrounded

),

carts as (

    select
        customer_id,
        cart_number,
        sum(change) as pieces_left,
        max(is_order) as is_bought,
        max(moved_at) as last_moved_at
    from numbered
    group by customer_id, cart_number

),

abandonments as (

    select
        customer_id,
        sum(
            case
                when
                    pieces_left > 0
                    and is_bought = 0
                    and last_moved_at + interval 24 hour <= {{ as_of_end() }}
                    then 1
                else 0
            end
        ) as cart_abandonments_90
    from carts
    group by customer_id

),

open_carts as (

    select
        customer_id,
        min(in_cart_since) as in_cart_since,
        max(cart_added_at) as cart_added_at,
        sum(coalesce(price, 0)) as amount
    from customer_products
    group by customer_id

),

last_orders as (

    select
        customer_id,
        max(ordered_at) as ordered_at
    from orders
    group by customer_id

),

signs as (

    select
        open_carts.customer_id,
        max(
            case
                when
                    events.event_name = 'checkout_start'
                    and coalesce(events.occurred_at > last_orders.ordered_at, true)
                    then 1
                else 0
            end
        ) as has_left_checkout,
        max(
            case
                when
                    events.event_name = 'page_view'
                    and {{ matches('events.page', var('delivery_page_pattern')) }}
                    then 1
                else 0
            end
        ) as has_seen_delivery,
        max(
            case
                when
                    events.event_name = 'coupon_download'
                    or (
                        events.event_name = 'search'
                        and {{ matches(
                            'events.search_term', var('price_search_pattern')
                        ) }}
                    )
                    then 1
                else 0
            end
        ) as has_looked_for_coupons,
        sum(
            case
                when
                    events.event_name = 'product_view'
                    and events.occurred_at > customer_products.cart_added_at
                    then 1
                else 0
            end
        ) as views_since
    from open_carts
    inner join events
        on
            open_carts.customer_id = events.customer_id
            and open_carts.in_cart_since <= events.occurred_at
    left join customer_products
        on
            events.customer_id = customer_products.customer_id
            and events.product_id = customer_products.product_id
    left join last_orders
        on open_carts.customer_id = last_orders.customer_id
    group by open_carts.customer_id

),

-- the first sign that is there: delivery, price, never came back; else nobody knows
explained as (

    select
        open_carts.customer_id,
        case
            when
                signs.has_seen_delivery = 1
                or (
                    signs.has_left_checkout = 1
                    and open_carts.amount < {{ free_delivery_from }}
                )
                then 'delivery'
            when
                signs.has_looked_for_coupons = 1
                or signs.views_since >= 2
                or purchases.price_sensitivity = 'high'
                then 'price'
            when
                open_carts.cart_added_at + interval 24 hour <= {{ as_of_end() }}
                and customer_activity.last_active_on
                <= {{ business_date('open_carts.cart_added_at') }}
                then 'forgot'
            else 'unknown'
        end as cart_abandon_reason
    from open_carts
    left join signs
        on open_carts.customer_id = signs.customer_id
    left join purchases
        on open_carts.customer_id = purchases.customer_id
    left join customer_activity
        on open_carts.customer_id = customer_activity.customer_id

),

customer_carts as (

    select
        known_customers.customer_id,
        explained.cart_abandon_reason,
        coalesce(abandonments.cart_abandonments_90, 0)::int as cart_abandonments_90
    from known_customers
    left join abandonments
        on known_customers.customer_id = abandonments.customer_id
    left join explained
        on known_customers.customer_id = explained.customer_id
    where
        abandonments.customer_id is not null
        or explained.customer_id is not null

)

select * from customer_carts
