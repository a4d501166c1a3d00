with

changes as (

    select
        segment,
        changed_on,
        sum(case when change = 'entered' then 1 else 0 end) as entered,
        sum(case when change = 'left' then 1 else 0 end) as left_count
    from {{ ref('segment_membership_log') }}
    group by segment, changed_on

),

segment_days as (

    select
        known_days.segment,
        known_days.as_of_date,
        known_days.is_known,
        coalesce(changes.entered, 0) as entered,
        coalesce(changes.left_count, 0) as left_count
    from {{ ref('int_segment_days') }} as known_days
    left join changes
        on
            known_days.segment = changes.segment
            and known_days.as_of_date = changes.changed_on

),

-- of a day without data nothing is told; the next one goes on from the last known
summed as (

    select
        *,
        sum(entered - left_count) over (
            partition by segment
            order by as_of_date
            rows between unbounded preceding and current row
        ) as customer_count
    from segment_days

),

sizes as (

    select
        segment,
        as_of_date,
        case when is_known then customer_count end::bigint as customer_count,
        case when is_known then entered end::bigint as entered,
        case when is_known then left_count end::bigint as {{ adapter.quote("left") }}
    from summed

)

select * from sizes
