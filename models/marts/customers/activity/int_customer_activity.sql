with

customer_days as (

    select * from {{ ref('customer_days') }}

),

campaign_events as (

    select *
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and campaign_id <> ''

),

open_spells as (

    select *
    from {{ ref('activity_spells') }}
    where valid_to is null

),

habits as (

    select * from {{ ref('int_customer_habits') }}

),

summed as (

    select
        customer_id,
        min(active_on) as first_active_on,
        max(active_on) as last_active_on,
        count(case when active_on > {{ as_of_date() }} - 7 then 1 end) as active_days_7,
        count(case when active_on > {{ as_of_date() }} - 28 then 1 end)
            as active_days_28,
        count(case when active_on > {{ as_of_date() }} - 30 then 1 end)
            as active_days_30,
        count(case when active_on > {{ as_of_date() }} - 90 then 1 end)
            as active_days_90,
        sum(case when active_on > {{ as_of_date() }} - 7 then duration_seconds end)
            as engaged_seconds_7,
        sum(case when active_on > {{ as_of_date() }} - 30 then duration_seconds end)
            as engaged_seconds_30,
        sum(case when active_on > {{ as_of_date() }} - 90 then duration_seconds end)
            as engaged_seconds_90,
        sum(app_event_count) as app_event_count,
        sum(desktop_event_count) as desktop_event_count,
        sum(event_count) as event_count
    from customer_days
    group by customer_id

),

first_campaigns as (

    select
        campaign_events.customer_id,
        campaign_events.campaign_id
    from campaign_events
    inner join summed
        on
            campaign_events.customer_id = summed.customer_id
            and campaign_events.occurred_on = summed.first_active_on
    qualify row_number() over (
        partition by campaign_events.customer_id
        order by campaign_events.occurred_at asc, campaign_events.event_id asc
    ) = 1

),

-- everybody known is in a state, also who was never active
activity as (

    select
        open_spells.customer_id,
        open_spells.activity_state,
        open_spells.valid_from as activity_state_since,
        summed.first_active_on,
        summed.last_active_on,
        first_campaigns.campaign_id as first_campaign_id,
        habits.primary_device,
        habits.primary_os,
        habits.primary_browser,
        habits.best_hour,
        habits.favourite_content,
        coalesce(habits.devices_used_90, 0) as devices_used_90,
        {{ days_between('summed.last_active_on', as_of_date()) }}::int
            as days_since_last_active,
        coalesce(summed.active_days_7, 0)::int as active_days_7,
        coalesce(summed.active_days_28, 0)::int as active_days_28,
        coalesce(summed.active_days_30, 0)::int as active_days_30,
        coalesce(summed.active_days_90, 0)::int as active_days_90,
        floor(coalesce(summed.engaged_seconds_7, 0) / 60)::int as engaged_minutes_7,
        floor(coalesce(summed.engaged_seconds_30, 0) / 60)::int as engaged_minutes_30,
        floor(coalesce(summed.engaged_seconds_90, 0) / 60)::int as engaged_minutes_90,
        coalesce(summed.active_days_28 >= {{ var('power_user_days') }}, false)
            as is_power_user,
        coalesce(summed.app_event_count > 0, false) as has_used_app,
        coalesce(
            summed.event_count > 0 and summed.desktop_event_count = summed.event_count,
            false
        ) as is_desktop_only,
        coalesce(
            summed.event_count > 0 and summed.app_event_count = summed.event_count,
            false
        ) as is_app_only
    from open_spells
    left join summed
        on open_spells.customer_id = summed.customer_id
    left join first_campaigns
        on open_spells.customer_id = first_campaigns.customer_id
    left join habits
        on open_spells.customer_id = habits.customer_id

)

select * from activity
