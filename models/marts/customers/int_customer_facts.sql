{{ config(materialized='view') }}

with

profiles as (

    select * from {{ ref('int_customer_profiles') }}

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

activity as (

    select * from {{ ref('int_customer_activity') }}

),

facts as (

    select
        profiles.customer_id,
        profiles.name,
        profiles.email,
        profiles.phone,
        profiles.birth_date,
        profiles.age,
        profiles.age_band,
        profiles.gender,
        profiles.country,
        profiles.region,
        profiles.city,
        profiles.language,
        profiles.interests,
        purchases.liked_categories,
        activity.favourite_content,
        profiles.signup_channel,
        coalesce(
            profiles.signup_campaign,
            activity.first_campaign_id,
            nullif({{ trimmed('profiles.signup_channel') }}, '')
        ) as first_touch_source,
        profiles.plan,
        moments.membership_grade,
        moments.points,
        moments.days_to_points_expiry,
        moments.days_to_birthday,
        moments.is_birthday_month,
        moments.days_to_sign_up_anniversary,
        coalesce(customer_plans.trial_state, 'none') as trial_state,
        customer_plans.trial_days_left,
        customer_plans.trial_key_actions,
        customer_plans.last_plan_change,
        customer_plans.days_since_plan_change,
        profiles.is_test,
        profiles.is_segment_candidate,
        profiles.signed_up_on,
        profiles.known_on,
        profiles.days_since_sign_up,
        profiles.profile_fields_known,
        profiles.profile_completeness,
        purchases.first_ordered_on,
        purchases.last_ordered_on,
        purchases.days_since_first_order,
        purchases.days_since_last_order,
        purchases.order_count,
        purchases.net_revenue,
        purchases.average_order_value,
        purchases.has_big_baskets,
        purchases.largest_order_amount,
        moments.last_order_amount,
        purchases.has_large_order,
        purchases.net_revenue_90,
        purchases.net_revenue_previous_90,
        purchases.revenue_trend,
        purchases.refund_rate,
        purchases.discounted_order_count,
        purchases.full_price_order_count,
        purchases.discount_only,
        purchases.discount_share,
        purchases.price_sensitivity,
        purchases.favourite_category,
        purchases.category_share,
        purchases.purchase_cadence_days,
        purchases.days_to_replenishment,
        purchases.days_to_expected_order,
        purchases.purchase_stage,
        purchases.purchase_stage_since,
        purchases.slips_on,
        purchases.churns_on,
        activity.activity_state,
        activity.activity_state_since,
        activity.first_active_on,
        activity.last_active_on,
        activity.days_since_last_active,
        activity.active_days_7,
        activity.active_days_28,
        activity.active_days_30,
        activity.active_days_90,
        activity.engaged_minutes_7,
        activity.engaged_minutes_30,
        activity.engaged_minutes_90,
        coalesce(activity.is_power_user, false) as is_power_user,
        coalesce(activity.has_used_app, false) as has_used_app,
        coalesce(activity.is_desktop_only, false) as is_desktop_only,
        coalesce(activity.is_app_only, false) as is_app_only,
        activity.primary_device,
        activity.primary_os,
        activity.primary_browser,
        activity.best_hour,
        coalesce(activity.devices_used_90, 0) as devices_used_90,
        carts.open_cart_items,
        carts.open_cart_amount,
        carts.days_since_cart_add,
        carts.cart_abandon_reason,
        carts.cart_abandonments_90,
        moments.cart_price_drops,
        carts.wishlist_items,
        carts.wishlist_waiting_days,
        moments.wishlist_price_drops,
        carts.open_coupons,
        carts.searches_without_purchase_14,
        carts.searches_without_result_30,
        carts.views_of_sold_out_30,
        purchases.rfm_segment,
        purchases.recency_score,
        purchases.frequency_score,
        purchases.monetary_score,
        profiles.is_reachable_by_email,
        profiles.is_reachable_by_sms,
        profiles.is_reachable_by_push,
        profiles.is_reachable_by_alimtalk,
        profiles.is_reachable_by_brand_message,
        profiles.is_reachable_by_in_app,
        responses.messages_received_30,
        responses.messages_received_90,
        responses.messages_opened_30,
        responses.messages_opened_90,
        responses.messages_clicked_90,
        responses.days_since_unsubscribe,
        responses.days_since_last_message,
        responses.support_tickets_30,
        responses.tickets_without_order_30,
        carts.complaints_90,
        responses.negative_signal_after_outage
    from profiles
    left join {{ ref('int_customer_plans') }} as customer_plans
        on profiles.customer_id = customer_plans.customer_id
    left join purchases
        on profiles.customer_id = purchases.customer_id
    left join activity
        on profiles.customer_id = activity.customer_id
    left join {{ ref('int_customer_carts') }} as carts
        on profiles.customer_id = carts.customer_id
    left join {{ ref('int_customer_responses') }} as responses
        on profiles.customer_id = responses.customer_id
    left join {{ ref('int_customer_moments') }} as moments
        on profiles.customer_id = moments.customer_id

)

select * from facts
