-- two computations of the seven counts of each day: by spells, and by visits
with

spells as (

    select *
    from {{ ref('activity_spells') }}
    where activity_state <> 'never_active'

),

growth_accounting as (

    select * from {{ ref('growth_accounting') }}

),

states (activity_state) as (

    values
    ('new'),
    ('current'),
    ('reactivated'),
    ('resurrected'),
    ('at_risk_wau'),
    ('at_risk_mau'),
    ('dormant')

),

movements as (

    select
        valid_from as day,
        activity_state,
        1 as change
    from spells

    union all

    select
        valid_to as day,
        activity_state,
        -1 as change
    from spells
    where valid_to is not null

),

day_changes as (

    select
        day,
        activity_state,
        sum(change) as change
    from movements
    group by day, activity_state

),

by_visits as (

    select
        growth_accounting.day,
        states.activity_state,
        case states.activity_state
            when 'new' then growth_accounting.new_count
            when 'current' then growth_accounting.current_count
            when 'reactivated' then growth_accounting.reactivated_count
            when 'resurrected' then growth_accounting.resurrected_count
            when 'at_risk_wau' then growth_accounting.at_risk_wau_count
            when 'at_risk_mau' then growth_accounting.at_risk_mau_count
            when 'dormant' then growth_accounting.dormant_count
        end as customer_count
    from growth_accounting
    cross join states

),

compared as (

    select
        by_visits.customer_count as count_by_visits,
        coalesce(by_visits.day, day_changes.day) as day,
        coalesce(by_visits.activity_state, day_changes.activity_state)
            as activity_state,
        sum(coalesce(day_changes.change, 0)) over (
            partition by
                coalesce(by_visits.activity_state, day_changes.activity_state)
            order by coalesce(by_visits.day, day_changes.day)
            rows between unbounded preceding and current row
        ) as count_by_spells
    from by_visits
    full outer join day_changes
        on
            by_visits.day = day_changes.day
            and by_visits.activity_state = day_changes.activity_state

),

unequal as (

    select *
    from compared
    where count_by_visits is distinct from count_by_spells

)

select * from unequal
