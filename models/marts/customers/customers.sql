with

customers as (

    select *
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

region_aliases as (

    select
        alias,
        region
    from {{ ref('region_aliases') }}
    where
        coalesce(valid_from <= {{ as_of_date() }}, true)
        and coalesce(valid_to > {{ as_of_date() }}, true)

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

customer_products as (

    select * from {{ ref('customer_products') }}

),

customer_reach as (

    select * from {{ ref('customer_reach') }}

),

customer_activity as (

    select * from {{ ref('int_customer_activity') }}

),

customer_habits as (

    select * from {{ ref('int_customer_habits') }}

),

customer_carts as (

    select * from {{ ref('int_customer_carts') }}

),

customer_signals as (

    select * from {{ ref('int_customer_signals') }}

),

customer_plans as (

    select * from {{ ref('int_customer_plans') }}

),

customer_messages as (

    select * from {{ ref('int_customer_messages') }}

),

open_activity_spells as (

    select
        customer_id,
        valid_from
    from {{ ref('activity_spells') }}
    where valid_to is null

),

customer_rfm as (

    select * from {{ ref('customer_rfm') }}

),

open_stages as (

    select
        customer_id,
        purchase_stage,
        valid_from
    from {{ ref('purchase_stage_spells') }}
    where valid_to is null

),

last_deadlines as (

    select
        customer_id,
        at_risk_on,
        churned_on
    from {{ ref('int_purchase_deadlines') }}
    where next_purchased_on is null

),

baskets as (

    select
        customer_id,
        sum(case when is_in_cart then 1 else 0 end) as open_cart_items,
        sum(case when is_in_cart then coalesce(price, 0) else 0 end)
            as open_cart_amount,
        max(case when is_in_cart then cart_added_at end) as last_cart_added_at,
        sum(case when is_on_wishlist then 1 else 0 end) as wishlist_items,
        min(on_wishlist_since) as on_wishlist_since
    from customer_products
    group by customer_id

),

reach_by_channel as (

    select
        customer_id,
        bool_or(is_reachable and channel = 'email') as is_reachable_by_email,
        bool_or(is_reachable and channel = 'sms') as is_reachable_by_sms,
        bool_or(is_reachable and channel = 'push') as is_reachable_by_push,
        bool_or(is_reachable and channel = 'alimtalk') as is_reachable_by_alimtalk,
        bool_or(is_reachable and channel = 'brand_message')
            as is_reachable_by_brand_message,
        bool_or(is_reachable and channel = 'in_app') as is_reachable_by_in_app
    from customer_reach
    group by customer_id

),

aged as (

    select
        *,
        {{ completed_years('birth_date') }} as age
    from customers

),

-- who lives elsewhere, or writes what nobody knows, is left as entered
profiles as (

    select
        aged.customer_id,
        aged.name,
        aged.email,
        aged.phone,
        aged.birth_date,
        aged.age,
        {{ age_band('aged.age') }} as age_band,
        case
            when aged.gender in ('female', 'f', 'w', '여', '여성', '여자')
                then 'female'
            when aged.gender in ('male', 'm', '남', '남성', '남자')
                then 'male'
            else 'unknown'
        end as gender,
        aged.country,
        coalesce(
            region_aliases.region, nullif({{ trimmed('aged.region') }}, '')
        ) as region,
        aged.city,
        aged.language,
        aged.interests,
        aged.signup_channel,
        nullif({{ trimmed('aged.signup_campaign') }}, '') as signup_campaign,
        aged.plan,
        aged.is_test,
        {{ business_date('aged.created_at') }} as signed_up_on,
        (
            case when aged.name is not null then 1 else 0 end
            + case when aged.email is not null then 1 else 0 end
            + case when aged.phone is not null then 1 else 0 end
            + case when aged.birth_date is not null then 1 else 0 end
            + case when aged.gender is not null then 1 else 0 end
            + case when {{ trimmed('aged.region') }} <> '' then 1 else 0 end
        ) as profile_fields_known
    from aged
    left join region_aliases
        on
            {{ region_spelling('aged.region') }} = region_aliases.alias
            and coalesce(
                nullif(upper({{ trimmed('aged.country') }}), ''), 'KR'
            ) = 'KR'

),

joined as (

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
        customer_signals.liked_categories,
        customer_signals.favourite_content,
        profiles.signup_channel,
        coalesce(
            profiles.signup_campaign,
            customer_activity.first_campaign_id,
            nullif({{ trimmed('profiles.signup_channel') }}, '')
        ) as first_touch_source,
        profiles.plan,
        coalesce(customer_plans.trial_state, 'none') as trial_state,
        customer_plans.trial_days_left,
        customer_plans.trial_key_actions,
        customer_plans.last_plan_change,
        customer_plans.days_since_plan_change,
        profiles.is_test,
        not profiles.is_test and profiles.age_band <> 'under_14'
            as is_segment_candidate,
        profiles.signed_up_on,
        coalesce(known_customers.known_on, profiles.signed_up_on) as known_on,
        {{ days_between('profiles.signed_up_on', as_of_date()) }}::int
            as days_since_sign_up,
        profiles.profile_fields_known::int as profile_fields_known,
        (profiles.profile_fields_known / 6)::decimal(5, 4) as profile_completeness,
        purchases.first_ordered_on,
        purchases.last_ordered_on,
        {{ days_between('purchases.first_ordered_on', as_of_date()) }}::int
            as days_since_first_order,
        {{ days_between('purchases.last_ordered_on', as_of_date()) }}::int
            as days_since_last_order,
        coalesce(purchases.order_count, 0)::int as order_count,
        coalesce(purchases.net_revenue, 0)::decimal(18, 2) as net_revenue,
        purchases.average_order_value,
        purchases.largest_order_amount,
        coalesce(purchases.net_revenue_90, 0)::decimal(18, 2) as net_revenue_90,
        coalesce(purchases.net_revenue_previous_90, 0)::decimal(18, 2)
            as net_revenue_previous_90,
        case
            when
                coalesce({{ days_between(
                    'purchases.first_ordered_on', as_of_date()
                ) }}, 0) < 180
                then 'unknown'
            when purchases.net_revenue_90 = 0 and purchases.net_revenue_previous_90 = 0
                then 'unknown'
            when
                purchases.net_revenue_90 * 100
                >= purchases.net_revenue_previous_90
                * {{ 100 + var('revenue_trend_percent') }}
                then 'rising'
            when
                purchases.net_revenue_90 * 100
                <= purchases.net_revenue_previous_90
                * {{ 100 - var('revenue_trend_percent') }}
                then 'falling'
            else 'steady'
        end as revenue_trend,
        purchases.refund_rate,
        coalesce(purchases.discounted_order_count, 0)::int as discounted_order_count,
        coalesce(purchases.full_price_order_count, 0)::int as full_price_order_count,
        coalesce(purchases.discount_only, false) as discount_only,
        purchases.discount_share,
        coalesce(purchases.price_sensitivity, 'unknown') as price_sensitivity,
        purchases.favourite_category,
        purchases.category_share,
        purchases.purchase_cadence_days,
        purchases.days_to_replenishment,
        {{ days_between(as_of_date(), 'last_deadlines.at_risk_on - 1') }}::int
            as days_to_expected_order,
        open_stages.purchase_stage,
        open_stages.valid_from as purchase_stage_since,
        case
            when
                open_stages.purchase_stage not in ('prospect', 'at_risk', 'churned')
                then last_deadlines.at_risk_on
        end as slips_on,
        case
            when open_stages.purchase_stage not in ('prospect', 'churned')
                then last_deadlines.churned_on
        end as churns_on,
        case
            when not profiles.is_test
                then coalesce(customer_activity.activity_state, 'never_active')
        end as activity_state,
        open_activity_spells.valid_from as activity_state_since,
        customer_activity.first_active_on,
        customer_activity.last_active_on,
        customer_activity.days_since_last_active,
        case
            when not profiles.is_test
                then coalesce(customer_activity.active_days_7, 0)
        end as active_days_7,
        case
            when not profiles.is_test
                then coalesce(customer_activity.active_days_28, 0)
        end as active_days_28,
        case
            when not profiles.is_test
                then coalesce(customer_activity.active_days_30, 0)
        end as active_days_30,
        case
            when not profiles.is_test
                then coalesce(customer_activity.active_days_90, 0)
        end as active_days_90,
        case
            when not profiles.is_test
                then coalesce(customer_activity.engaged_minutes_7, 0)
        end as engaged_minutes_7,
        case
            when not profiles.is_test
                then coalesce(customer_activity.engaged_minutes_30, 0)
        end as engaged_minutes_30,
        case
            when not profiles.is_test
                then coalesce(customer_activity.engaged_minutes_90, 0)
        end as engaged_minutes_90,
        coalesce(customer_activity.active_days_28, 0)
        >= {{ var('power_user_days') }} as is_power_user,
        coalesce(customer_activity.has_used_app, false) as has_used_app,
        coalesce(customer_activity.is_desktop_only, false) as is_desktop_only,
        coalesce(customer_activity.is_app_only, false) as is_app_only,
        customer_habits.primary_device,
        customer_habits.primary_os,
        customer_habits.primary_browser,
        customer_habits.best_hour,
        coalesce(customer_habits.devices_used_90, 0) as devices_used_90,
        coalesce(baskets.open_cart_items, 0)::int as open_cart_items,
        coalesce(baskets.open_cart_amount, 0)::decimal(18, 2) as open_cart_amount,
        {{ whole_hours_between('baskets.last_cart_added_at', as_of_end()) }}::int
            as hours_since_cart_add,
        customer_carts.cart_abandon_reason,
        coalesce(customer_carts.cart_abandonments_90, 0) as cart_abandonments_90,
        coalesce(baskets.wishlist_items, 0)::int as wishlist_items,
        {{ days_between(
            business_date('baskets.on_wishlist_since'), as_of_date()
        ) }}::int as wishlist_waiting_days,
        coalesce(customer_signals.open_coupons, 0) as open_coupons,
        coalesce(customer_signals.searches_without_purchase_14, 0)
            as searches_without_purchase_14,
        coalesce(customer_signals.searches_without_result_30, 0)
            as searches_without_result_30,
        coalesce(customer_signals.views_of_sold_out_30, 0) as views_of_sold_out_30,
        case
            when not profiles.is_test
                then coalesce(customer_rfm.rfm_segment, 'prospect')
        end as rfm_segment,
        customer_rfm.recency_score,
        customer_rfm.frequency_score,
        customer_rfm.monetary_score,
        coalesce(reach_by_channel.is_reachable_by_email, false)
            as is_reachable_by_email,
        coalesce(reach_by_channel.is_reachable_by_sms, false) as is_reachable_by_sms,
        coalesce(reach_by_channel.is_reachable_by_push, false) as is_reachable_by_push,
        coalesce(reach_by_channel.is_reachable_by_alimtalk, false)
            as is_reachable_by_alimtalk,
        coalesce(reach_by_channel.is_reachable_by_brand_message, false)
            as is_reachable_by_brand_message,
        coalesce(reach_by_channel.is_reachable_by_in_app, false)
            as is_reachable_by_in_app,
        coalesce(customer_messages.messages_received_30, 0) as messages_received_30,
        coalesce(customer_messages.messages_received_90, 0) as messages_received_90,
        coalesce(customer_messages.messages_opened_30, 0) as messages_opened_30,
        coalesce(customer_messages.messages_opened_90, 0) as messages_opened_90,
        coalesce(customer_messages.messages_clicked_90, 0) as messages_clicked_90,
        {{ days_between(
            'greatest(customer_activity.last_unsubscribed_on, '
            ~ 'customer_messages.last_unsubscribed_on)',
            as_of_date()
        ) }}::int as days_since_unsubscribe,
        coalesce(customer_activity.support_tickets_30, 0) as support_tickets_30,
        coalesce(customer_activity.tickets_without_order_30, 0)
            as tickets_without_order_30,
        coalesce(customer_signals.complaints_90, 0) as complaints_90,
        coalesce(customer_activity.negative_signal_after_outage, false)
            as negative_signal_after_outage
    from profiles
    left join known_customers
        on profiles.customer_id = known_customers.customer_id
    left join purchases
        on profiles.customer_id = purchases.customer_id
    left join open_stages
        on profiles.customer_id = open_stages.customer_id
    left join last_deadlines
        on profiles.customer_id = last_deadlines.customer_id
    left join customer_activity
        on profiles.customer_id = customer_activity.customer_id
    left join open_activity_spells
        on profiles.customer_id = open_activity_spells.customer_id
    left join customer_carts
        on profiles.customer_id = customer_carts.customer_id
    left join customer_signals
        on profiles.customer_id = customer_signals.customer_id
    left join customer_plans
        on profiles.customer_id = customer_plans.customer_id
    left join customer_messages
        on profiles.customer_id = customer_messages.customer_id
    left join customer_habits
        on profiles.customer_id = customer_habits.customer_id
    left join baskets
        on profiles.customer_id = baskets.customer_id
    left join customer_rfm
        on profiles.customer_id = customer_rfm.customer_id
    left join reach_by_channel
        on profiles.customer_id = reach_by_channel.customer_id

)

select * from joined
