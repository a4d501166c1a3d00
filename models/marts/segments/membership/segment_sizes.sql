with

segments as (

    select segment
    from {{ ref('segments') }}

),

runs as (

    select as_of_date
    from {{ ref('segment_runs') }}
    where is_in_force

),

changes as (

    select
        segment,
        changed_on,
        sum(case when change = 'entered' then 1 else 0 end) as entered,
        sum(case when change = 'left' then 1 else 0 end) as left_count
    from {{ ref('segment_membership_log') }}
    group by segment, changed_on

),

-- a segment that is no longer defined keeps its past
known_segments as (

    select segment
    from segments

    union distinct

    select segment
    from changes

),

segment_days as (

    select
        known_segments.segment,
        runs.as_of_date,
        coalesce(changes.entered, 0) as entered,
        coalesce(changes.left_count, 0) as left_count
    from known_segments
    cross join runs
    left join changes
        on
            known_segments.segment = changes.segment
            and runs.as_of_date = changes.changed_on

),

sizes as (

    select
        segment,
        as_of_date,
        sum(entered - left_count) over (
            partition by segment
            order by as_of_date
            rows between unbounded preceding and current row
        )::bigint as customer_count,
        entered::bigint as entered,
        left_count::bigint as {{ adapter.quote("left") }}
    from segment_days

)

select * from sizes
