with

segments as (

    select
        segment,
        data_state
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

-- recorded of past days; of this one as it is built now
unknown_days as (

    select
        records.segment,
        records.as_of_date
    from {{ ref('segment_records') }} as records
    inner join {{ ref('segment_runs') }} as segment_runs
        on records.run_number = segment_runs.run_number
    where
        records.change = 'no_data'
        and segment_runs.is_in_force
        and records.as_of_date <> {{ as_of_date() }}

    union all

    select
        segment,
        {{ as_of_date() }} as as_of_date
    from segments
    where data_state = 'no_data'

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
        coalesce(changes.left_count, 0) as left_count,
        unknown_days.segment is null as is_known
    from known_segments
    cross join runs
    left join changes
        on
            known_segments.segment = changes.segment
            and runs.as_of_date = changes.changed_on
    left join unknown_days
        on
            known_segments.segment = unknown_days.segment
            and runs.as_of_date = unknown_days.as_of_date

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
