{%- set free_delivery_from = var('free_delivery_from') -%}
{%- if free_delivery_from is none -%}
    {%- set free_delivery_from = 'null' -%}
{%- endif -%}

with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        product_id,
        page,
        {{ lowered('search_term') }} as search_term
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in (
            'checkout_start', 'coupon_download', 'page_view', 'product_view', 'search'
        )

),

customer_products as (

    select *
    from {{ ref('customer_products') }}
    where is_in_cart

),

profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

customer_activity as (

    select * from {{ ref('int_customer_activity') }}

),

filled as (

    select
        customer_id,
        count(*) as item_count,
        sum(coalesce(price, 0) * pieces_in_cart) as amount,
        min(in_cart_since) as in_cart_since,
        max(cart_added_at) as cart_added_at
    from customer_products
    group by customer_id

),

signs as (

    select
        filled.customer_id,
        bool_or(
            events.event_name = 'checkout_start'
            and coalesce(events.occurred_at > purchases.last_ordered_at, true)
        ) as has_left_checkout,
        bool_or(
            events.event_name = 'page_view'
            and {{ matches('events.page', var('delivery_page_pattern')) }}
        ) as has_seen_delivery,
        bool_or(
            events.event_name = 'coupon_download'
            or (
                events.event_name = 'search'
                and {{ matches('events.search_term', var('price_search_pattern')) }}
            )
        ) as has_looked_for_coupons,
        count_if(
            events.event_name = 'product_view'
            and events.occurred_at > customer_products.cart_added_at
        ) as views_since
    from filled
    inner join events
        on
            filled.customer_id = events.customer_id
            and filled.in_cart_since <= events.occurred_at
    left join customer_products
        on
            events.customer_id = customer_products.customer_id
            and events.product_id = customer_products.product_id
    left join purchases
        on filled.customer_id = purchases.customer_id
    group by filled.customer_id

),

-- the first sign that is there: delivery, price, never came back; else nobody knows
explained as (

    select
        filled.customer_id,
        filled.item_count::int as open_cart_items,
        filled.amount::decimal(18, 2) as open_cart_amount,
        {{ days_between(business_date('filled.cart_added_at'), as_of_date()) }}::int
            as days_since_cart_add,
        case
            when profiles.is_test
                then null
            when
                signs.has_seen_delivery
                or (
                    signs.has_left_checkout
                    and filled.amount < {{ free_delivery_from }}
                )
                then 'delivery'
            when
                signs.has_looked_for_coupons
                or signs.views_since >= 2
                or purchases.price_sensitivity = 'high'
                then 'price'
            when
                filled.cart_added_at + interval 24 hour <= {{ as_of_end() }}
                and customer_activity.last_active_on
                <= {{ business_date('filled.cart_added_at') }}
                then 'forgot'
            else 'unknown'
        end as cart_abandon_reason
    from filled
    inner join profiles
        on filled.customer_id = profiles.customer_id
    left join signs
        on filled.customer_id = signs.customer_id
    left join purchases
        on filled.customer_id = purchases.customer_id
    left join customer_activity
        on filled.customer_id = customer_activity.customer_id

)

select * from explained
