with

events as (

    select *
    from {{ ref('stg_events') }}
    where row_state = 'kept'

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

event_days as (

    select
        customer_id,
        occurred_on as active_on,
        count(*) as event_count,
        sum(case when app_version is not null then 1 else 0 end) as app_event_count,
        sum(case when device = 'desktop' then 1 else 0 end) as desktop_event_count,
        sum(coalesce(duration_seconds, 0)) as duration_seconds,
        sum(case when event_name = 'page_view' then 1 else 0 end)
            as page_view_count,
        sum(case when event_name = 'product_view' then 1 else 0 end)
            as product_view_count,
        sum(case when event_name = 'event_page_click' then 1 else 0 end)
            as event_page_click_count,
        sum(case when event_name = 'search' then 1 else 0 end)
            as search_count,
        sum(case when event_name = 'wishlist_add' then 1 else 0 end)
            as wishlist_add_count,
        sum(case when event_name = 'wishlist_remove' then 1 else 0 end)
            as wishlist_remove_count,
        sum(case when event_name = 'share' then 1 else 0 end)
            as share_count,
        sum(case when event_name = 'review' then 1 else 0 end)
            as review_count,
        sum(case when event_name = 'cart_add' then 1 else 0 end)
            as cart_add_count,
        sum(case when event_name = 'cart_remove' then 1 else 0 end)
            as cart_remove_count,
        sum(case when event_name = 'checkout_start' then 1 else 0 end)
            as checkout_start_count,
        sum(case when event_name = 'coupon_download' then 1 else 0 end)
            as coupon_download_count,
        sum(case when event_name = 'sign_up' then 1 else 0 end)
            as sign_up_count,
        sum(case when event_name = 'profile_completed' then 1 else 0 end)
            as profile_completed_count,
        sum(case when event_name = 'app_open' then 1 else 0 end)
            as app_open_count,
        sum(case when event_name = 'session_ping' then 1 else 0 end)
            as session_ping_count,
        sum(case when event_name = 'trial_start' then 1 else 0 end)
            as trial_start_count,
        sum(case when event_name = 'plan_change' then 1 else 0 end)
            as plan_change_count,
        sum(case when event_name = 'subscription_cancel' then 1 else 0 end)
            as subscription_cancel_count,
        sum(case when event_name = 'pricing_page_view' then 1 else 0 end)
            as pricing_page_view_count,
        sum(case when event_name = 'webinar_register' then 1 else 0 end)
            as webinar_register_count,
        sum(case when event_name = 'support_ticket' then 1 else 0 end)
            as support_ticket_count,
        sum(case when event_name = 'like' then 1 else 0 end)
            as like_count,
        sum(case when event_name = 'content_view' then 1 else 0 end)
            as content_view_count,
        sum(case when event_name = 'unsubscribe' then 1 else 0 end)
            as unsubscribe_count
    from events
    where customer_id is not null
    group by customer_id, occurred_on

),

order_days as (

    select
        customer_id,
        ordered_on as active_on,
        count(*) as order_count
    from orders
    group by customer_id, ordered_on

),

-- a day with an order and no event is an active day too
combined as (

    select
        coalesce(event_days.customer_id, order_days.customer_id) as customer_id,
        coalesce(event_days.active_on, order_days.active_on) as active_on,
        coalesce(order_days.order_count, 0) as order_count,
        coalesce(event_days.event_count, 0) as event_count,
        coalesce(event_days.app_event_count, 0) as app_event_count,
        coalesce(event_days.desktop_event_count, 0) as desktop_event_count,
        coalesce(event_days.duration_seconds, 0) as duration_seconds,
        coalesce(event_days.page_view_count, 0) as page_view_count,
        coalesce(event_days.product_view_count, 0) as product_view_count,
        coalesce(event_days.event_page_click_count, 0) as event_page_click_count,
        coalesce(event_days.search_count, 0) as search_count,
        coalesce(event_days.wishlist_add_count, 0) as wishlist_add_count,
        coalesce(event_days.wishlist_remove_count, 0) as wishlist_remove_count,
        coalesce(event_days.share_count, 0) as share_count,
        coalesce(event_days.review_count, 0) as review_count,
        coalesce(event_days.cart_add_count, 0) as cart_add_count,
        coalesce(event_days.cart_remove_count, 0) as cart_remove_count,
        coalesce(event_days.checkout_start_count, 0) as checkout_start_count,
        coalesce(event_days.coupon_download_count, 0) as coupon_download_count,
        coalesce(event_days.sign_up_count, 0) as sign_up_count,
        coalesce(event_days.profile_completed_count, 0) as profile_completed_count,
        coalesce(event_days.app_open_count, 0) as app_open_count,
        coalesce(event_days.session_ping_count, 0) as session_ping_count,
        coalesce(event_days.trial_start_count, 0) as trial_start_count,
        coalesce(event_days.plan_change_count, 0) as plan_change_count,
        coalesce(event_days.subscription_cancel_count, 0) as subscription_cancel_count,
        coalesce(event_days.pricing_page_view_count, 0) as pricing_page_view_count,
        coalesce(event_days.webinar_register_count, 0) as webinar_register_count,
        coalesce(event_days.support_ticket_count, 0) as support_ticket_count,
        coalesce(event_days.like_count, 0) as like_count,
        coalesce(event_days.content_view_count, 0) as content_view_count,
        coalesce(event_days.unsubscribe_count, 0) as unsubscribe_count
    from event_days
    full outer join order_days
        on
            event_days.customer_id = order_days.customer_id
            and event_days.active_on = order_days.active_on

),

customer_days as (

    select
        combined.customer_id,
        combined.active_on,
        combined.order_count::int as order_count,
        combined.event_count::int as event_count,
        combined.app_event_count::int as app_event_count,
        combined.desktop_event_count::int as desktop_event_count,
        combined.duration_seconds::bigint as duration_seconds,
        combined.page_view_count::int as page_view_count,
        combined.product_view_count::int as product_view_count,
        combined.event_page_click_count::int as event_page_click_count,
        combined.search_count::int as search_count,
        combined.wishlist_add_count::int as wishlist_add_count,
        combined.wishlist_remove_count::int as wishlist_remove_count,
        combined.share_count::int as share_count,
        combined.review_count::int as review_count,
        combined.cart_add_count::int as cart_add_count,
        combined.cart_remove_count::int as cart_remove_count,
        combined.checkout_start_count::int as checkout_start_count,
        combined.coupon_download_count::int as coupon_download_count,
        combined.sign_up_count::int as sign_up_count,
        combined.profile_completed_count::int as profile_completed_count,
        combined.app_open_count::int as app_open_count,
        combined.session_ping_count::int as session_ping_count,
        combined.trial_start_count::int as trial_start_count,
        combined.plan_change_count::int as plan_change_count,
        combined.subscription_cancel_count::int as subscription_cancel_count,
        combined.pricing_page_view_count::int as pricing_page_view_count,
        combined.webinar_register_count::int as webinar_register_count,
        combined.support_ticket_count::int as support_ticket_count,
        combined.like_count::int as like_count,
        combined.content_view_count::int as content_view_count,
        combined.unsubscribe_count::int as unsubscribe_count
    from combined
    inner join known_customers
        on combined.customer_id = known_customers.customer_id

)

select * from customer_days
