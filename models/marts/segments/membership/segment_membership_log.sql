{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('segment_records') }}

),

alive_runs as (

    select * from {{ alive_runs('records') }}

),

segment_membership_log as (

    select
        records.segment,
        records.customer_id,
        records.change,
        records.as_of_date as changed_on,
        records.version
    from records
    inner join alive_runs
        on records.run_number = alive_runs.run_number
    where records.change in ('entered', 'left')

)

select * from segment_membership_log
