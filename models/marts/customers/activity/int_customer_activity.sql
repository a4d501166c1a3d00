with

customer_days as (

    select
        *,
        lag(active_on) over (
            partition by customer_id
            order by active_on
        ) as previous_active_on
    from {{ ref('customer_days') }}

),

events as (

    select
        customer_id,
        campaign_id,
        event_id,
        occurred_at,
        occurred_on
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and coalesce(campaign_id, '') <> ''

),

outages as (

    select
        release_id,
        {{ business_date('started_at') }} as began_on,
        {{ business_date('coalesce(ended_at, started_at)') }} as ended_on
    from {{ ref('stg_releases') }}
    where row_state = 'kept' and kind = 'outage'

),

summed as (

    select
        customer_id,
        min(active_on) as first_active_on,
        max(active_on) as last_active_on,
        max_by(previous_active_on, active_on) as previous_active_on,
        sum(case when active_on > {{ as_of_date() }} - 7 then 1 else 0 end)
            as active_days_7,
        sum(case when active_on > {{ as_of_date() }} - 28 then 1 else 0 end)
            as active_days_28,
        sum(case when active_on > {{ as_of_date() }} - 30 then 1 else 0 end)
            as active_days_30,
        sum(case when active_on > {{ as_of_date() }} - 90 then 1 else 0 end)
            as active_days_90,
        sum(
            case
                when active_on > {{ as_of_date() }} - 7 then duration_seconds else 0
            end
        ) as engaged_seconds_7,
        sum(
            case
                when active_on > {{ as_of_date() }} - 30 then duration_seconds else 0
            end
        ) as engaged_seconds_30,
        sum(
            case
                when active_on > {{ as_of_date() }} - 90 then duration_seconds else 0
            end
        ) as engaged_seconds_90,
        sum(
            case
                when active_on > {{ as_of_date() }} - 30
                    then support_ticket_count
                else 0
            end
        ) as support_tickets_30,
        sum(case when active_on > {{ as_of_date() }} - 90 then order_count else 0 end)
            as orders_90,
        max(case when unsubscribe_count > 0 then active_on end) as last_unsubscribed_on,
        sum(app_event_count) as app_event_count,
        sum(desktop_event_count) as desktop_event_count,
        sum(event_count) as event_count
    from customer_days
    group by customer_id

),

first_campaigns as (

    select
        events.customer_id,
        events.campaign_id
    from events
    inner join summed
        on
            events.customer_id = summed.customer_id
            and events.occurred_on = summed.first_active_on
    qualify row_number() over (
        partition by events.customer_id
        order by events.occurred_at asc, events.event_id asc
    ) = 1

),

around_outages as (

    select
        customer_days.customer_id,
        outages.release_id,
        outages.ended_on,
        sum(case when customer_days.active_on < outages.began_on then 1 else 0 end)
            as active_days_before,
        sum(case when customer_days.active_on > outages.ended_on then 1 else 0 end)
            as active_days_after,
        sum(
            case
                when customer_days.active_on >= outages.began_on
                    then
                        customer_days.support_ticket_count
                        + customer_days.subscription_cancel_count
                        + customer_days.unsubscribe_count
                        + customer_days.cart_remove_count
                else 0
            end
        ) as sign_count
    from customer_days
    inner join outages
        on
            outages.began_on - 7 <= customer_days.active_on
            and outages.ended_on + 7 >= customer_days.active_on
    where
        outages.ended_on > {{ as_of_date() }} - 30
        and outages.began_on <= {{ as_of_date() }}
    group by
        customer_days.customer_id,
        outages.release_id,
        outages.ended_on

),

-- half the visits of somebody who came every other day is no accident, once the week
-- is over
upset as (

    select
        customer_id,
        bool_or(
            sign_count > 0
            or (
                ended_on + 7 <= {{ as_of_date() }}
                and active_days_before >= 4
                and active_days_after * 2 <= active_days_before
            )
        ) as negative_signal_after_outage
    from around_outages
    group by customer_id

),

described as (

    select
        customer_id,
        first_active_on,
        last_active_on,
        last_unsubscribed_on,
        support_tickets_30::int as support_tickets_30,
        case when orders_90 = 0 then support_tickets_30 else 0 end::int
            as tickets_without_order_30,
        active_days_7::int as active_days_7,
        active_days_28::int as active_days_28,
        active_days_30::int as active_days_30,
        active_days_90::int as active_days_90,
        floor(engaged_seconds_7 / 60)::int as engaged_minutes_7,
        floor(engaged_seconds_30 / 60)::int as engaged_minutes_30,
        floor(engaged_seconds_90 / 60)::int as engaged_minutes_90,
        {{ days_between('last_active_on', as_of_date()) }}::int
            as days_since_last_active,
        app_event_count > 0 as has_used_app,
        event_count > 0 and desktop_event_count = event_count as is_desktop_only,
        event_count > 0 and app_event_count = event_count as is_app_only,
        case
            when last_active_on = {{ as_of_date() }}
                then {{ activity_on_visit('previous_active_on', 'last_active_on') }}
            when {{ days_between('last_active_on', as_of_date()) }} <= 6
                then 'at_risk_wau'
            when {{ days_between('last_active_on', as_of_date()) }} <= 29
                then 'at_risk_mau'
            else 'dormant'
        end as activity_state
    from summed

),

introduced as (

    select
        described.*,
        first_campaigns.campaign_id as first_campaign_id,
        coalesce(upset.negative_signal_after_outage, false)
            as negative_signal_after_outage
    from described
    left join upset
        on described.customer_id = upset.customer_id
    left join first_campaigns
        on described.customer_id = first_campaigns.customer_id

)

select * from introduced
