{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'deletion_requests') }}

),

checked as (

    select
        source.*,
        case
            when coalesce(source.customer_id, '') = ''
                then {{ fault('source.customer_id', 'missing_id') }}
        end as fault,
        false as is_not_yet
    from source

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'coalesce(request_id, customer_id)', 'requested_at', row_hash('deletion_requests')
        ) }} as version_rank
    from checked

),

judged as (

    select
        *,
        {{ row_state() }} as row_state
    from ranked

)

select * from judged
