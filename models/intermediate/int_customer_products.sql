with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        coalesce(product_id, '') as product_id
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and event_name in ('cart_add', 'cart_remove', 'wishlist_add', 'wishlist_remove')

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

product_prices as (

    select *
    from {{ ref('stg_product_prices') }}
    where row_state = 'kept'

),

last_moves as (

    select
        customer_id,
        product_id,
        max(case when event_name = 'cart_add' then occurred_at end) as cart_added_at,
        max(case when event_name = 'cart_remove' then occurred_at end)
            as cart_removed_at,
        max(case when event_name = 'wishlist_add' then occurred_at end)
            as wishlist_added_at,
        max(case when event_name = 'wishlist_remove' then occurred_at end)
            as wishlist_removed_at
    from events
    group by customer_id, product_id

),

last_bought as (

    select
        customer_id,
        product_id,
        max(ordered_at) as bought_at
    from order_lines
    group by customer_id, product_id

),

orders_with_lines as (

    select order_id
    from order_lines
    group by order_id

),

-- of an order without lines nobody knows what was in it: it empties the cart
last_unlisted as (

    select
        orders.customer_id,
        max(orders.ordered_at) as bought_at
    from orders
    left join orders_with_lines
        on orders.order_id = orders_with_lines.order_id
    where orders_with_lines.order_id is null
    group by orders.customer_id

),

-- a product without a name is bought with the next order, whatever that holds
last_any as (

    select
        customer_id,
        max(ordered_at) as bought_at
    from orders
    group by customer_id

),

compared as (

    select
        last_moves.*,
        case
            when last_moves.product_id = ''
                then last_any.bought_at
            else greatest(last_bought.bought_at, last_unlisted.bought_at)
        end as bought_at
    from last_moves
    left join last_bought
        on
            last_moves.customer_id = last_bought.customer_id
            and last_moves.product_id = last_bought.product_id
    left join last_unlisted
        on last_moves.customer_id = last_unlisted.customer_id
    left join last_any
        on last_moves.customer_id = last_any.customer_id

),

-- the price in force at the end of the as-of day
current_prices as (

    select
        product_id,
        max_by(price, valid_from) as price
    from product_prices
    group by product_id

),

-- what was removed or bought in the same instant is gone
settled as (

    select
        compared.customer_id,
        compared.product_id,
        compared.cart_added_at,
        compared.wishlist_added_at,
        current_prices.price,
        compared.cart_added_at is not null
        and coalesce(compared.cart_added_at > compared.cart_removed_at, true)
        and coalesce(compared.cart_added_at > compared.bought_at, true) as is_in_cart,
        compared.wishlist_added_at is not null
        and coalesce(compared.wishlist_added_at > compared.wishlist_removed_at, true)
        and coalesce(compared.wishlist_added_at > compared.bought_at, true)
            as is_on_wishlist
    from compared
    left join current_prices
        on compared.product_id = current_prices.product_id

)

select * from settled
