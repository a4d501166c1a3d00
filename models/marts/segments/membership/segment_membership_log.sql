{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('segment_records') }}

),

segment_membership_log as (

    select
        segment,
        customer_id,
        change,
        changed_on,
        version
    from {{ alive_changes('records') }} as changes

)

select * from segment_membership_log
