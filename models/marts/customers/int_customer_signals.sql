{%- set most_likes = 12 -%}

with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        occurred_on,
        product_id,
        nullif({{ trimmed('page') }}, '') as page,
        case
            when event_name = 'search' then {{ json_text('properties', 'results') }}
        end as results,
        case
            when event_name = 'support_ticket'
                then {{ json_text('properties', 'topic') }}
        end as topic,
        case
            when event_name = 'coupon_download'
                then {{ json_text('properties', 'coupon') }}
        end as coupon
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in (
            'content_view',
            'coupon_download',
            'like',
            'product_view',
            'search',
            'support_ticket',
            'wishlist_add'
        )

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

orders as (

    select
        customer_id,
        ordered_at,
        {{ lowered(trimmed('coupon_code')) }} as coupon_code
    from {{ ref('orders') }}
    where is_valid

),

products as (

    select
        product_id,
        nullif({{ trimmed('category') }}, '') as category,
        is_active
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

customer_attributes as (

    select *
    from {{ ref('customer_attributes') }}
    where attribute = 'likes' and source = 'declared' and not is_protected

),

last_orders as (

    select
        customer_id,
        max(ordered_at) as ordered_at
    from orders
    group by customer_id

),

counted as (

    select
        events.customer_id,
        sum(
            case
                when
                    events.event_name = 'search'
                    and events.occurred_on > {{ as_of_date() }} - 14
                    and coalesce(events.occurred_at > last_orders.ordered_at, true)
                    then 1
                else 0
            end
        ) as searches_without_purchase_14,
        sum(
            case
                when
                    events.occurred_on > {{ as_of_date() }} - 30
                    and {{ trimmed('events.results') }} = '0'
                    then 1
                else 0
            end
        ) as searches_without_result_30,
        sum(
            case
                when
                    events.event_name = 'product_view'
                    and events.occurred_on > {{ as_of_date() }} - 30
                    and not products.is_active
                    then 1
                else 0
            end
        ) as views_of_sold_out_30,
        sum(
            case
                when {{ lowered(trimmed('events.topic')) }} = 'complaint' then 1
                else 0
            end
        ) as complaints_90
    from events
    left join products
        on events.product_id = products.product_id
    left join last_orders
        on events.customer_id = last_orders.customer_id
    group by events.customer_id

),

viewed as (

    select
        events.customer_id,
        case
            when events.event_name = 'content_view' then events.page
            else products.category
        end as shown,
        count(*) as view_count,
        max(events.occurred_at) as last_viewed_at
    from events
    left join products
        on events.product_id = products.product_id
    where events.event_name in ('content_view', 'product_view')
    group by
        events.customer_id,
        case
            when events.event_name = 'content_view' then events.page
            else products.category
        end

),

favourites as (

    select
        customer_id,
        shown
    from viewed
    where shown is not null
    qualify row_number() over (
        partition by customer_id
        order by view_count desc, last_viewed_at desc, shown asc
    ) = 1

),

-- what customers say themselves stands before what they did
likes as (

    select
        events.customer_id,
        products.category as liked,
        0 as is_declared
    from events
    inner join products
        on events.product_id = products.product_id
    where
        events.event_name in ('like', 'wishlist_add')
        and products.category is not null

    union all

    select
        customer_id,
        value as liked,
        1 as is_declared
    from customer_attributes

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
        row_number() over (
            partition by customer_id
            order by liked
        ) as place
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

downloads as (

    select
        customer_id,
        coalesce({{ lowered(trimmed('coupon')) }}, '') as coupon,
        max({{ trimmed('coupon') }}) as coupon_code,
        max(occurred_at) as downloaded_at
    from events
    where event_name = 'coupon_download'
    group by customer_id, coalesce({{ lowered(trimmed('coupon')) }}, '')

),

-- a coupon without a name may be any that an order names
used as (

    select
        downloads.customer_id,
        downloads.coupon,
        downloads.coupon_code,
        bool_or(coalesce(orders.ordered_at >= downloads.downloaded_at, false))
            as is_used
    from downloads
    left join orders
        on
            downloads.customer_id = orders.customer_id
            and orders.coupon_code <> ''
            and downloads.coupon in ('', orders.coupon_code)
    group by downloads.customer_id, downloads.coupon, downloads.coupon_code

),

coupons as (

    select
        customer_id,
        sum(case when is_used then 0 else 1 end) as open_coupons,
        min(case when not is_used then nullif(coupon_code, '') end) as open_coupon_code
    from used
    group by customer_id

),

customer_signals as (

    select
        known_customers.customer_id,
        favourites.shown as favourite_content,
        listed.liked_categories,
        coupons.open_coupon_code,
        coalesce(counted.searches_without_purchase_14, 0)::int
            as searches_without_purchase_14,
        coalesce(counted.searches_without_result_30, 0)::int
            as searches_without_result_30,
        coalesce(counted.views_of_sold_out_30, 0)::int as views_of_sold_out_30,
        coalesce(counted.complaints_90, 0)::int as complaints_90,
        coalesce(coupons.open_coupons, 0)::int as open_coupons
    from known_customers
    left join counted
        on known_customers.customer_id = counted.customer_id
    left join coupons
        on known_customers.customer_id = coupons.customer_id
    left join favourites
        on known_customers.customer_id = favourites.customer_id
    left join listed
        on known_customers.customer_id = listed.customer_id
    where counted.customer_id is not null or listed.customer_id is not null

)

select * from customer_signals
