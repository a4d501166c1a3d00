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

quiet_states (activity_state, from_day, to_day) as (

    values
    {%- for state, days in quiet_states().items() %}
    ('{{ state }}', {{ days.from_day }}, {{ days.to_day or 'null' }})
    {{- ',' if not loop.last }}
    {%- endfor %}

),

-- each visit lends its customers to the quiet states until the next one
stays as (

    select
        state_on_visit as activity_state,
        active_on as begun_on,
        active_on + 1 as ended_on,
        customer_count
    from visits

    union all

    select
        quiet_states.activity_state,
        visits.active_on + quiet_states.from_day as begun_on,
        least(visits.active_on + quiet_states.to_day, visits.next_on) as ended_on,
        visits.customer_count
    from visits
    inner join quiet_states
        on visits.active_on + quiet_states.from_day < visits.next_on

),

movements as (

    select
        begun_on as day,
        activity_state,
        customer_count as change
    from stays

    union all

    select
        ended_on as day,
        activity_state,
        -customer_count as change
    from stays

),

changes as (

    select
        day,
        sum(change) filter (where activity_state = 'new') as more_new,
        sum(change) filter (where activity_state = 'current') as more_current,
        sum(change) filter (where activity_state = 'reactivated') as more_reactivated,
        sum(change) filter (where activity_state = 'resurrected') as more_resurrected,
        sum(change) filter (where activity_state = 'at_risk_wau') as more_at_risk_wau,
        sum(change) filter (where activity_state = 'at_risk_mau') as more_at_risk_mau,
        sum(change) filter (where activity_state = 'dormant') as more_dormant
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
        sum(coalesce(changes.more_new, 0)) over until_day as new_count,
        sum(coalesce(changes.more_current, 0)) over until_day as current_count,
        sum(coalesce(changes.more_reactivated, 0)) over until_day as reactivated_count,
        sum(coalesce(changes.more_resurrected, 0)) over until_day as resurrected_count,
        sum(coalesce(changes.more_at_risk_wau, 0)) over until_day as at_risk_wau_count,
        sum(coalesce(changes.more_at_risk_mau, 0)) over until_day as at_risk_mau_count,
        sum(coalesce(changes.more_dormant, 0)) over until_day as dormant_count
    from days
    left join changes
        on days.day = changes.day
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
