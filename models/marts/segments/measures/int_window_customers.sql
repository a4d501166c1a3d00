with

customers as (

    select * from {{ ref('customers') }}

),

purchases as (

    select * from {{ ref('int_window_purchases') }}

),

customer_days as (

    select *
    from {{ ref('customer_days') }}
    where {{ kpi_window('active_on') }}

),

campaign_messages as (

    select *
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept' and {{ kpi_window(business_date('sent_at')) }}

),

-- churning takes longer than a month: of these there is one in a window
lapses as (

    select
        customer_id,
        max(valid_from) as churned_on,
        max(valid_to) as back_on
    from {{ ref('purchase_stage_spells') }}
    where
        purchase_stage = 'churned'
        and coalesce(
            valid_to > {{ as_of_date() }} - {{ var('kpi_window_days') }}, true
        )
    group by customer_id

),

conversion as (

    select event
    from {{ ref('conversions') }}
    where conversion = {{ sql_text(var('conversion')) }}

),

window_days as (

    select
        customer_days.*,
        case conversion.event
            {%- for name, event in (event_registry() if execute else {}).items() %}
            when {{ sql_text(name) }} then customer_days.{{ event.column }}
            {%- endfor %}
            else 0
        end as conversion_count
    from customer_days
    cross join conversion

),

-- whether something happened after a day is whether it last happened after it
visits as (

    select
        customer_id,
        count(*) as active_days,
        floor(sum(duration_seconds) / 60) as engaged_minutes,
        sum(conversion_count) as conversion_count,
        max(share_count) > 0 as has_shared,
        max(review_count) > 0 as has_reviewed,
        max(support_ticket_count) > 0 as has_complained,
        max(active_on) as last_active_on,
        max(active_on) filter (where conversion_count > 0) as last_converted_on,
        max(active_on) filter (where order_count > 0) as last_ordered_on,
        max(active_on) filter (where app_event_count > 0) as last_app_on,
        max(active_on) filter (where plan_change_count > 0) as last_plan_change_on,
        max(active_on) filter (where subscription_cancel_count > 0)
            as last_cancelled_on,
        max(active_on) filter (where unsubscribe_count > 0) as last_unsubscribed_on
    from window_days
    group by customer_id

),

messages as (

    select
        customer_id,
        count_if(delivered_at < {{ as_of_end() }}) as delivered_count,
        count_if(opened_at < {{ as_of_end() }}) as opened_count,
        count_if(clicked_at < {{ as_of_end() }}) as clicked_count,
        max(
            case
                when unsubscribed_at < {{ as_of_end() }}
                    then {{ business_date('unsubscribed_at') }}
            end
        ) as last_unsubscribed_on
    from campaign_messages
    group by customer_id

),

joined as (

    select
        customers.customer_id,
        customers.purchase_stage,
        customers.first_ordered_on,
        customers.profile_completeness,
        customers.is_reachable_by_email,
        customers.is_reachable_by_sms,
        customers.is_reachable_by_push,
        customers.is_reachable_by_alimtalk,
        customers.is_reachable_by_brand_message,
        customers.is_reachable_by_in_app,
        lapses.churned_on,
        lapses.back_on,
        visits.active_days,
        visits.engaged_minutes,
        visits.conversion_count,
        visits.has_shared,
        visits.has_reviewed,
        visits.has_complained,
        visits.last_active_on,
        visits.last_converted_on,
        visits.last_ordered_on,
        visits.last_app_on,
        visits.last_plan_change_on,
        visits.last_cancelled_on,
        purchases.order_count,
        purchases.coupon_order_count,
        purchases.gross_amount,
        purchases.discount_amount,
        purchases.net_revenue,
        purchases.margin,
        purchases.charged_amount,
        purchases.refunded_amount,
        messages.delivered_count,
        messages.opened_count,
        messages.clicked_count,
        greatest(visits.last_unsubscribed_on, messages.last_unsubscribed_on)
            as last_unsubscribed_on
    from customers
    left join visits
        on customers.customer_id = visits.customer_id
    left join purchases
        on customers.customer_id = purchases.customer_id
    left join messages
        on customers.customer_id = messages.customer_id
    left join lapses
        on customers.customer_id = lapses.customer_id

)

select * from joined
