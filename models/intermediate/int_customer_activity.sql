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
        sum(app_event_count) as app_event_count,
        sum(desktop_event_count) as desktop_event_count,
        sum(event_count) as event_count
    from customer_days
    group by customer_id

),

described as (

    select
        customer_id,
        first_active_on,
        last_active_on,
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

)

select * from described
