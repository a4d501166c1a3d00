{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('segment_records') }}

),

alive_runs as (

    select * from {{ alive_runs('records') }}

),

changes as (

    select
        run_number,
        count_if(change = 'entered') as entered,
        count_if(change = 'left') as left_count
    from {{ alive_changes('records') }} as changes
    group by run_number

),

runs as (

    select
        records.run_number,
        records.as_of_date,
        alive_runs.run_number is not null as is_in_force
    from records
    left join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change in ('run', 'past_run')

),

segment_runs as (

    select
        runs.run_number,
        runs.as_of_date,
        runs.is_in_force,
        case when runs.is_in_force then coalesce(changes.entered, 0) end::bigint
            as entered,
        case when runs.is_in_force then coalesce(changes.left_count, 0) end::bigint
            as {{ adapter.quote("left") }}
    from runs
    left join changes
        on runs.run_number = changes.run_number

)

select * from segment_runs
