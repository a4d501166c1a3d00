{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('segment_records') }}

),

alive_runs as (

    select * from {{ alive_runs('records') }}

),

counted as (

    select
        run_number,
        as_of_date,
        sum(case when change = 'entered' then 1 else 0 end) as entered,
        sum(case when change = 'left' then 1 else 0 end) as left_count
    from records
    group by run_number, as_of_date

),

segment_runs as (

    select
        counted.run_number,
        counted.as_of_date,
        alive_runs.run_number is not null as is_in_force,
        counted.entered::bigint as entered,
        counted.left_count::bigint as {{ adapter.quote("left") }}
    from counted
    left join alive_runs
        on counted.run_number = alive_runs.run_number

)

select * from segment_runs
