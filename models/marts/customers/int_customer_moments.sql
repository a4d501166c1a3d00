{%- set month_and_day = '^(02(0[1-9]|[12][0-9])|(0[469]|11)(0[1-9]|[12][0-9]|30)'
    ~ '|(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01]))$' -%}

with

profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

stated as (

    select
        customer_id,
        membership_grade,
        points,
        points_expire_on,
        birth_date,
        {{ replace_all('birthday', '[^0-9]', '') }} as birthday
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

born as (

    select
        customer_id,
        membership_grade,
        points,
        points_expire_on,
        case
            when birth_date is not null
                then extract(month from birth_date)
            when {{ matches('birthday', month_and_day) }}
                then left(birthday, 2)::int
        end::int as birth_month,
        case
            when birth_date is not null
                then extract(day from birth_date)
            when {{ matches('birthday', month_and_day) }}
                then right(birthday, 2)::int
        end::int as birth_day
    from stated

),

last_orders as (

    select
        customer_id,
        net_revenue
    from {{ ref('orders') }}
    where is_valid and customer_id is not null
    qualify row_number() over (
        partition by customer_id
        order by ordered_at desc, order_id desc
    ) = 1

),

drops as (

    select
        customer_id,
        count_if(is_in_cart and price < cart_added_price) as cart_price_drops,
        count_if(is_on_wishlist and price < wishlist_added_price)
            as wishlist_price_drops
    from {{ ref('customer_products') }}
    where product_id <> ''
    group by customer_id

),

moments as (

    select
        profiles.customer_id,
        born.membership_grade,
        born.points::bigint as points,
        {{ days_between(as_of_date(), 'born.points_expire_on') }}::int
            as days_to_points_expiry,
        ({{ days_to_anniversary('born.birth_month', 'born.birth_day') }})::int
            as days_to_birthday,
        born.birth_month = {{ as_of_day().month }} as is_birthday_month,
        ({{ days_to_anniversary(
            'extract(month from profiles.signed_up_on)::int',
            'extract(day from profiles.signed_up_on)::int',
            'profiles.signed_up_on'
        ) }})::int as days_to_sign_up_anniversary,
        last_orders.net_revenue as last_order_amount,
        coalesce(drops.cart_price_drops, 0)::int as cart_price_drops,
        coalesce(drops.wishlist_price_drops, 0)::int as wishlist_price_drops
    from profiles
    left join born
        on profiles.customer_id = born.customer_id
    left join last_orders
        on
            profiles.customer_id = last_orders.customer_id
            and not profiles.is_test
    left join drops
        on profiles.customer_id = drops.customer_id

)

select * from moments
