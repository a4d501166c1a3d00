with

signals as (

    select * from {{ ref('int_customer_signals') }}

),

events as (

    select
        customer_id,
        event_id,
        event_name,
        occurred_at
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in ('cart_add', 'cart_remove')

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid and ordered_on > {{ as_of_date() }} - 90

),

wishlists as (

    select
        customer_id,
        count(*) as wishlist_items,
        min(on_wishlist_since) as on_wishlist_since
    from {{ ref('customer_products') }}
    where is_on_wishlist
    group by customer_id

),

open_carts as (

    select * from {{ ref('int_open_carts') }}

),

-- of the same instant the purchase comes last: it takes what was put in with it
moves as (

    select
        customer_id,
        occurred_at as moved_at,
        case when event_name = 'cart_add' then 1 else -1 end as change,
        0 as is_order,
        event_id as move_id
    from events

    union all

    select
        customer_id,
        ordered_at as moved_at,
        0 as change,
        1 as is_order,
        order_id as move_id
    from orders

),

preceded as (

    select
        *,
        lag(moved_at) over history as previous_moved_at,
        lag(is_order) over history as previous_is_order
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
    from preceded

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
        count_if(
            pieces_left > 0
            and is_bought = 0
            and last_moved_at + interval 24 hour <= {{ as_of_end() }}
        ) as cart_abandonments_90
    from carts
    group by customer_id

),

customer_carts as (

    select
        signals.customer_id,
        signals.open_coupons,
        signals.searches_without_purchase_14,
        signals.searches_without_result_30,
        signals.views_of_sold_out_30,
        signals.complaints_90,
        open_carts.days_since_cart_add,
        open_carts.cart_abandon_reason,
        coalesce(open_carts.open_cart_items, 0) as open_cart_items,
        coalesce(open_carts.open_cart_amount, 0)::decimal(18, 2) as open_cart_amount,
        coalesce(abandonments.cart_abandonments_90, 0)::int as cart_abandonments_90,
        coalesce(wishlists.wishlist_items, 0)::int as wishlist_items,
        {{ days_between(
            business_date('wishlists.on_wishlist_since'), as_of_date()
        ) }}::int as wishlist_waiting_days
    from signals
    left join open_carts
        on signals.customer_id = open_carts.customer_id
    left join abandonments
        on
            signals.customer_id = abandonments.customer_id
            and not signals.is_test
    left join wishlists
        on signals.customer_id = wishlists.customer_id

)

select * from customer_carts
