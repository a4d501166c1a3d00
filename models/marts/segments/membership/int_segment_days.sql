with

records as (

    select * from {{ ref('segment_records') }}

),

runs as (

    select * from {{ ref('segment_runs') }}
    where is_in_force

),

-- recorded of past days; of this one as it is built now
told as (

    select
        records.segment,
        records.as_of_date,
        records.change <> 'no_data' as is_known
    from records
    inner join runs
        on records.run_number = runs.run_number
    where
        records.segment is not null
        and records.as_of_date <> {{ as_of_date() }}

    union all

    select
        segment,
        {{ as_of_date() }} as as_of_date,
        data_state = 'known' as is_known
    from {{ ref('int_segment_definitions') }}

),

segments as (

    select
        segment,
        min(as_of_date) as first_day
    from told
    group by segment

),

unknown_days as (

    select distinct
        segment,
        as_of_date
    from told
    where not is_known

),

segment_days as (

    select
        segments.segment,
        runs.as_of_date,
        unknown_days.segment is null as is_known
    from segments
    inner join runs
        on segments.first_day <= runs.as_of_date
    left join unknown_days
        on
            segments.segment = unknown_days.segment
            and runs.as_of_date = unknown_days.as_of_date

),

followed as (

    select
        segment,
        as_of_date,
        is_known,
        max(case when is_known then as_of_date end) over (
            partition by segment
            order by as_of_date
            rows between unbounded preceding and 1 preceding
        ) as known_before_on
    from segment_days

)

select * from followed
