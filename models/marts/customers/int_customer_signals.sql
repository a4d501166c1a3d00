with

events as (

    select
        customer_id,
        event_name,
        occurred_at,
        occurred_on,
        product_id,
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
            'coupon_download', 'product_view', 'search', 'support_ticket'
        )

),

profiles as (

    select * from {{ ref('int_customer_profiles') }}

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

    select *
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

counted as (

    select
        events.customer_id,
        count_if(
            events.event_name = 'search'
            and events.occurred_on > {{ as_of_date() }} - 14
            and coalesce(events.occurred_at > purchases.last_ordered_at, true)
        ) as searches_without_purchase_14,
        count_if(
            events.occurred_on > {{ as_of_date() }} - 30
            and {{ trimmed('events.results') }} = '0'
        ) as searches_without_result_30,
        count_if(
            events.event_name = 'product_view'
            and events.occurred_on > {{ as_of_date() }} - 30
            and not products.is_active
        ) as views_of_sold_out_30,
        count_if({{ lowered(trimmed('events.topic')) }} = 'complaint') as complaints_90
    from events
    left join products
        on events.product_id = products.product_id
    left join purchases
        on events.customer_id = purchases.customer_id
    group by events.customer_id

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
        count_if(not is_used) as open_coupons,
        min(nullif(coupon_code, '')) filter (where not is_used) as open_coupon_code
    from used
    group by customer_id

),

-- of test accounts nothing is counted
signals as (

    select
        profiles.customer_id,
        profiles.is_test,
        coupons.open_coupon_code,
        coalesce(coupons.open_coupons, 0)::int as open_coupons,
        coalesce(counted.searches_without_purchase_14, 0)::int
            as searches_without_purchase_14,
        coalesce(counted.searches_without_result_30, 0)::int
            as searches_without_result_30,
        coalesce(counted.views_of_sold_out_30, 0)::int as views_of_sold_out_30,
        coalesce(counted.complaints_90, 0)::int as complaints_90
    from profiles
    left join counted
        on
            profiles.customer_id = counted.customer_id
            and not profiles.is_test
    left join coupons
        on
            profiles.customer_id = coupons.customer_id
            and not profiles.is_test

)

select * from signals
