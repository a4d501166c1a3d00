with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        coalesce(product_id, '') as product_id,
        case
            when event_name = 'cart_add'
                then {{ json_text('properties', 'quantity') }}
        end as quantity_text
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

moves as (

    select
        customer_id,
        product_id,
        min(case when event_name = 'cart_add' then occurred_at end)
            as first_cart_added_at,
        max(case when event_name = 'cart_add' then occurred_at end) as cart_added_at,
        max(case when event_name = 'cart_remove' then occurred_at end)
            as cart_removed_at,
        min(case when event_name = 'wishlist_add' then occurred_at end)
            as first_wishlist_added_at,
        max(case when event_name = 'wishlist_add' then occurred_at end)
            as wishlist_added_at,
        max(case when event_name = 'wishlist_remove' then occurred_at end)
            as wishlist_removed_at,
        sum(
            case
                when event_name <> 'cart_add'
                    then 0
                when {{ matches('quantity_text', '^[1-9][0-9]{0,3}$') }}
                    then quantity_text::int
                else 1
            end
        ) as pieces_added
    from events
    group by customer_id, product_id

),

last_bought as (

    select
        customer_id,
        product_id,
        max(ordered_at) as bought_at,
        sum(quantity) as pieces_bought
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
        moves.*,
        coalesce(last_bought.pieces_bought, 0) as pieces_bought,
        case
            when moves.product_id = ''
                then last_any.bought_at
            else greatest(last_bought.bought_at, last_unlisted.bought_at)
        end as bought_at
    from moves
    left join last_bought
        on
            moves.customer_id = last_bought.customer_id
            and moves.product_id = last_bought.product_id
    left join last_unlisted
        on moves.customer_id = last_unlisted.customer_id
    left join last_any
        on moves.customer_id = last_any.customer_id

),

-- what was removed or bought in the same instant is gone
stays as (

    select
        compared.customer_id,
        compared.product_id,
        min(
            case
                when
                    events.event_name = 'cart_add'
                    and coalesce(events.occurred_at > compared.cart_removed_at, true)
                    and coalesce(events.occurred_at > compared.bought_at, true)
                    then events.occurred_at
            end
        ) as in_cart_since,
        min(
            case
                when
                    events.event_name = 'wishlist_add'
                    and coalesce(
                        events.occurred_at > compared.wishlist_removed_at, true
                    )
                    and coalesce(events.occurred_at > compared.bought_at, true)
                    then events.occurred_at
            end
        ) as on_wishlist_since
    from compared
    inner join events
        on
            compared.customer_id = events.customer_id
            and compared.product_id = events.product_id
    group by compared.customer_id, compared.product_id

),

price_spans as (

    select
        product_id,
        price,
        valid_from,
        lead(valid_from) over (
            partition by product_id
            order by valid_from
        ) as valid_to
    from product_prices

),

-- the last price is the one in force at the end of the as-of day
customer_products as (

    select
        compared.customer_id,
        compared.product_id,
        compared.first_cart_added_at,
        compared.cart_added_at,
        compared.cart_removed_at,
        stays.in_cart_since,
        compared.first_wishlist_added_at,
        compared.wishlist_added_at,
        compared.wishlist_removed_at,
        stays.on_wishlist_since,
        compared.bought_at,
        compared.pieces_added::bigint as pieces_added,
        compared.pieces_bought::bigint as pieces_bought,
        when_carted.price::decimal(18, 4) as cart_added_price,
        when_wished.price::decimal(18, 4) as wishlist_added_price,
        current_prices.price::decimal(18, 4) as price,
        stays.in_cart_since is not null as is_in_cart,
        stays.on_wishlist_since is not null as is_on_wishlist
    from compared
    inner join stays
        on
            compared.customer_id = stays.customer_id
            and compared.product_id = stays.product_id
    left join price_spans as when_carted
        on
            compared.product_id = when_carted.product_id
            and compared.cart_added_at >= when_carted.valid_from
            and coalesce(compared.cart_added_at < when_carted.valid_to, true)
    left join price_spans as when_wished
        on
            compared.product_id = when_wished.product_id
            and compared.wishlist_added_at >= when_wished.valid_from
            and coalesce(compared.wishlist_added_at < when_wished.valid_to, true)
    left join price_spans as current_prices
        on
            compared.product_id = current_prices.product_id
            and current_prices.valid_to is null

)

select * from customer_products
