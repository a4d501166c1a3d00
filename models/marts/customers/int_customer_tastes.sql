{%- set most_likes = 12 -%}

with

known_customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

liking_events as (

    select
        customer_id,
        product_id
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in ('like', 'wishlist_add')

),

products as (

    select
        product_id,
        {{ trimmed('category') }} as category
    from {{ ref('stg_products') }}
    where row_state = 'kept' and {{ trimmed('category') }} <> ''

),

declared_likes as (

    select
        customer_id,
        value as liked
    from {{ ref('customer_attributes') }}
    where attribute = 'likes' and source = 'declared' and not is_protected

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid and category is not null

),

-- what customers say themselves stands before what they did
likes as (

    select
        liking_events.customer_id,
        products.category as liked,
        0 as is_declared
    from liking_events
    inner join products
        on liking_events.product_id = products.product_id

    union all

    select
        customer_id,
        liked,
        1 as is_declared
    from declared_likes

),

weighed as (

    select
        customer_id,
        liked,
        max(is_declared) as is_declared,
        count(*) as like_count
    from likes
    group by customer_id, liked

),

strongest as (

    select
        customer_id,
        liked
    from weighed
    qualify row_number() over (
        partition by customer_id
        order by is_declared desc, like_count desc, liked asc
    ) <= {{ most_likes }}

),

sorted_likes as (

    select
        customer_id,
        liked,
        row_number() over (partition by customer_id order by liked) as place
    from strongest

),

-- the engines have no function in common that joins the texts of rows
listed as (

    select
        customer_id,
        concat_ws(
            '|'
            {%- for place in range(1, most_likes + 1) %},
            max(case when place = {{ place }} then liked end)
            {%- endfor %}
        ) as liked_categories
    from sorted_likes
    group by customer_id

),

bought as (

    select
        customer_id,
        category,
        count(*) as line_count,
        sum(reporting_amount) as reporting_amount
    from order_lines
    group by customer_id, category

),

favourites as (

    select
        customer_id,
        category,
        line_count / sum(line_count) over (partition by customer_id) as category_share
    from bought
    qualify row_number() over (
        partition by customer_id
        order by line_count desc, reporting_amount desc, category asc
    ) = 1

),

tastes as (

    select
        known_customers.customer_id,
        listed.liked_categories,
        favourites.category as favourite_category,
        favourites.category_share::decimal(5, 4) as category_share
    from known_customers
    left join listed
        on known_customers.customer_id = listed.customer_id
    left join favourites
        on known_customers.customer_id = favourites.customer_id

)

select * from tastes
