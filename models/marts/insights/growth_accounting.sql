with

customer_days as (

    select
        active_on,
        lag(active_on) over history as previous_active_on,
        lead(active_on) over history as next_active_on
    from {{ ref('customer_days') }}
    window history as (
        partition by customer_id
        order by active_on
    )

),

-- few rows whatever the number of customers: days times days
visits as (

    select
        active_on,
        {{ activity_on_visit('previous_active_on', 'active_on') }} as state_on_visit,
        coalesce(next_active_on, {{ as_of_date() }} + 1) as next_on,
        count(*) as customer_count
    from customer_days
    group by active_on, state_on_visit, next_on

),

-- each visit lends its customers to the quiet states until the next one
movements as (

    select
        active_on as day,
        state_on_visit as activity_state,
        customer_count as change
    from visits

    union all

    select
        active_on + 1 as day,
        state_on_visit as activity_state,
        -customer_count as change
    from visits

    union all

    select
        active_on + 1 as day,
        'at_risk_wau' as activity_state,
        customer_count as change
    from visits
    where active_on + 1 < next_on

    union all

    select
        least(active_on + 7, next_on) as day,
        'at_risk_wau' as activity_state,
        -customer_count as change
    from visits
    where active_on + 1 < next_on

    union all

    select
        active_on + 7 as day,
        'at_risk_mau' as activity_state,
        customer_count as change
    from visits
    where active_on + 7 < next_on

    union all

    select
        least(active_on + 30, next_on) as day,
        'at_risk_mau' as activity_state,
        -customer_count as change
    from visits
    where active_on + 7 < next_on

    union all

    select
        active_on + 30 as day,
        'dormant' as activity_state,
        customer_count as change
    from visits
    where active_on + 30 < next_on

    union all

    select
        next_on as day,
        'dormant' as activity_state,
        -customer_count as change
    from visits
    where active_on + 30 < next_on

),

day_changes as (

    select
        day,
        sum(case when activity_state = 'new' then change else 0 end) as new_change,
        sum(case when activity_state = 'current' then change else 0 end)
            as current_change,
        sum(case when activity_state = 'reactivated' then change else 0 end)
            as reactivated_change,
        sum(case when activity_state = 'resurrected' then change else 0 end)
            as resurrected_change,
        sum(case when activity_state = 'at_risk_wau' then change else 0 end)
            as at_risk_wau_change,
        sum(case when activity_state = 'at_risk_mau' then change else 0 end)
            as at_risk_mau_change,
        sum(case when activity_state = 'dormant' then change else 0 end)
            as dormant_change
    from movements
    group by day

),

first_day as (

    select min(active_on) as active_on
    from visits

),

days as (

    select {{ day_series('active_on', as_of_date()) }} as day
    from first_day

),

counted as (

    select
        days.day,
        sum(coalesce(day_changes.new_change, 0)) over until_day as new_count,
        sum(coalesce(day_changes.current_change, 0)) over until_day as current_count,
        sum(coalesce(day_changes.reactivated_change, 0)) over until_day
            as reactivated_count,
        sum(coalesce(day_changes.resurrected_change, 0)) over until_day
            as resurrected_count,
        sum(coalesce(day_changes.at_risk_wau_change, 0)) over until_day
            as at_risk_wau_count,
        sum(coalesce(day_changes.at_risk_mau_change, 0)) over until_day
            as at_risk_mau_count,
        sum(coalesce(day_changes.dormant_change, 0)) over until_day as dormant_count
    from days
    left join day_changes
        on days.day = day_changes.day
    window until_day as (
        order by days.day
        rows between unbounded preceding and current row
    )

),

growth_accounting as (

    select
        day,
        new_count::bigint as new_count,
        current_count::bigint as current_count,
        reactivated_count::bigint as reactivated_count,
        resurrected_count::bigint as resurrected_count,
        at_risk_wau_count::bigint as at_risk_wau_count,
        at_risk_mau_count::bigint as at_risk_mau_count,
        dormant_count::bigint as dormant_count,
        (new_count + current_count + reactivated_count + resurrected_count)::bigint
            as daily_active_customers,
        (
            new_count
            + current_count
            + reactivated_count
            + resurrected_count
            + at_risk_wau_count
        )::bigint as weekly_active_customers,
        (
            new_count
            + current_count
            + reactivated_count
            + resurrected_count
            + at_risk_wau_count
            + at_risk_mau_count
        )::bigint as monthly_active_customers
    from counted

)

select * from growth_accounting
