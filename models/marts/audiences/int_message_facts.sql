with

customers as (

    select
        customer_id,
        name,
        favourite_category
    from {{ ref('customers') }}

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid and product_id is not null and product_name is not null

),

product_prices as (

    select
        product_id,
        max_by(price, valid_from) as price
    from {{ ref('stg_product_prices') }}
    where row_state = 'kept'
    group by product_id

),

-- of what waits in the cart or on the wishlist, what became cheapest against then
price_drops as (

    select
        waiting.customer_id,
        products.name as product_name,
        waiting.price
    from {{ ref('customer_products') }} as waiting
    inner join {{ ref('stg_products') }} as products
        on
            waiting.product_id = products.product_id
            and products.row_state = 'kept'
    where
        (waiting.is_in_cart and waiting.price < waiting.cart_added_price)
        or (waiting.is_on_wishlist and waiting.price < waiting.wishlist_added_price)
    qualify row_number() over (
        partition by waiting.customer_id
        order by
            greatest(waiting.cart_added_price, waiting.wishlist_added_price)
            - waiting.price desc,
            waiting.product_id asc
    ) = 1

),

bought as (

    select
        customer_id,
        product_id,
        product_name,
        sum(quantity) as pieces,
        sum(reporting_amount) as amount
    from order_lines
    where customer_id is not null
    group by customer_id, product_id, product_name

),

favourites as (

    select *
    from bought
    qualify row_number() over (
        partition by customer_id
        order by pieces desc, amount desc, product_id asc
    ) = 1

),

-- a month is long enough for a small shop and short enough for a season
sold as (

    select
        product_id,
        product_name,
        coalesce(category, '') as category,
        sum(quantity) as pieces,
        sum(reporting_amount) as amount
    from order_lines
    where ordered_on > {{ as_of_date() }} - 30
    group by product_id, product_name, coalesce(category, '')

),

best_of_all as (

    select *
    from sold
    qualify row_number() over (
        order by pieces desc, amount desc, product_id asc
    ) = 1

),

best_of_categories as (

    select *
    from sold
    where category <> ''
    qualify row_number() over (
        partition by category
        order by pieces desc, amount desc, product_id asc
    ) = 1

),

chosen as (

    select
        customers.customer_id,
        customers.name,
        favourites.product_id as favourite_product_id,
        favourites.product_name as favourite_product,
        signals.open_coupon_code as coupon_code,
        coalesce(best_of_categories.product_id, best_of_all.product_id)
            as best_seller_id,
        coalesce(best_of_categories.product_name, best_of_all.product_name)
            as best_seller
    from customers
    left join favourites
        on customers.customer_id = favourites.customer_id
    left join best_of_categories
        on customers.favourite_category = best_of_categories.category
    left join {{ ref('int_customer_signals') }} as signals
        on customers.customer_id = signals.customer_id
    left join best_of_all
        on true

),

message_facts as (

    select
        chosen.customer_id,
        chosen.name,
        chosen.favourite_product,
        favourite_prices.price as favourite_product_price,
        chosen.best_seller,
        best_seller_prices.price as best_seller_price,
        chosen.coupon_code,
        price_drops.product_name as price_drop_product,
        price_drops.price as price_drop_price
    from chosen
    left join price_drops
        on chosen.customer_id = price_drops.customer_id
    left join product_prices as favourite_prices
        on chosen.favourite_product_id = favourite_prices.product_id
    left join product_prices as best_seller_prices
        on chosen.best_seller_id = best_seller_prices.product_id

)

select * from message_facts
