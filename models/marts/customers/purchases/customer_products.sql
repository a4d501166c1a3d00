{%- set quantity = json_text('properties', 'quantity') -%}
{#- An add counts while nothing has taken the product out; carts forget, wishlists do
    not. -#}
{%- set is_there = {} -%}
{%- for place, is_kept in {
    'cart': ' and occurred_on > ' ~ as_of_date() ~ ' - ' ~ var('cart_expires_days'),
    'wishlist': '',
}.items() -%}
    {%- do is_there.update({place:
        "event_name = '" ~ place ~ "_add' and coalesce(occurred_at > greatest("
        ~ place ~ '_removed_at, bought_at), true)' ~ is_kept
    }) -%}
{%- endfor %}

with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        occurred_on,
        coalesce(product_id, '') as product_id,
        case
            when {{ matches(quantity, '^[1-9][0-9]{0,3}$') }}
                then {{ quantity }}::int
            else 1
        end as pieces
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and event_name in ('cart_add', 'cart_remove', 'wishlist_add', 'wishlist_remove')

),

price_spans as (

    select
        product_id,
        price,
        valid_from,
        lead(valid_from) over spans is null as is_latest,
        coalesce(lead(valid_from) over spans, {{ as_of_end() }}) as valid_to
    from {{ ref('stg_product_prices') }}
    where row_state = 'kept'
    window spans as (partition by product_id order by valid_from)

),

purchases as (

    select
        orders.customer_id,
        orders.ordered_at,
        order_lines.product_id,
        order_lines.quantity,
        order_lines.order_id is null as is_unlisted
    from {{ ref('orders') }} as orders
    left join {{ ref('order_lines') }} as order_lines
        on orders.order_id = order_lines.order_id
    where orders.is_valid

),

last_bought as (

    select
        customer_id,
        product_id,
        max(ordered_at) as bought_at,
        sum(quantity) as pieces_bought
    from purchases
    group by customer_id, product_id

),

last_orders as (

    select
        customer_id,
        max(ordered_at) as ordered_at,
        max(ordered_at) filter (where is_unlisted) as unlisted_at
    from purchases
    group by customer_id

),

-- of an order without lines nobody knows what was in it: it empties the cart; a product
-- without a name is bought with the next order, whatever that holds
moves as (

    select
        events.*,
        last_bought.pieces_bought,
        case
            when events.product_id = ''
                then last_orders.ordered_at
            else greatest(last_bought.bought_at, last_orders.unlisted_at)
        end as bought_at,
        max(case when events.event_name = 'cart_remove' then events.occurred_at end)
            over product as cart_removed_at,
        max(case when events.event_name = 'wishlist_remove' then events.occurred_at end)
            over product as wishlist_removed_at
    from events
    left join last_bought
        on
            events.customer_id = last_bought.customer_id
            and events.product_id = last_bought.product_id
    left join last_orders
        on events.customer_id = last_orders.customer_id
    window product as (partition by events.customer_id, events.product_id)

),

-- what was removed or bought in the same instant is gone
stays as (

    select
        customer_id,
        product_id,
        {%- for place, stay in (('cart', 'in_cart'), ('wishlist', 'on_wishlist')) %}
        min(occurred_at) filter (where event_name = '{{ place }}_add')
            as first_{{ place }}_added_at,
        max(occurred_at) filter (where event_name = '{{ place }}_add')
            as {{ place }}_added_at,
        max({{ place }}_removed_at) as {{ place }}_removed_at,
        min(occurred_at) filter (where {{ is_there[place] }}) as {{ stay }}_since,
        {%- endfor %}
        max(bought_at) as bought_at,
        coalesce(sum(pieces) filter (where event_name = 'cart_add'), 0)::bigint
            as pieces_added,
        coalesce(sum(pieces) filter (where {{ is_there.cart }}), 0)::bigint
            as pieces_in_cart,
        coalesce(max(pieces_bought), 0)::decimal(20, 4) as pieces_bought
    from moves
    group by customer_id, product_id

),

-- the last price is the one in force at the end of the as-of day
customer_products as (

    select
        stays.*,
        cart_added.price::decimal(18, 4) as cart_added_price,
        wishlist_added.price::decimal(18, 4) as wishlist_added_price,
        latest.price::decimal(18, 4) as price,
        stays.in_cart_since is not null as is_in_cart,
        stays.on_wishlist_since is not null as is_on_wishlist
    from stays
    left join price_spans as latest
        on stays.product_id = latest.product_id and latest.is_latest
    {%- for moment in ('cart_added', 'wishlist_added') %}
    left join price_spans as {{ moment }}
        on
            stays.product_id = {{ moment }}.product_id
            and stays.{{ moment }}_at >= {{ moment }}.valid_from
            and stays.{{ moment }}_at < {{ moment }}.valid_to
    {%- endfor %}

)

select * from customer_products
