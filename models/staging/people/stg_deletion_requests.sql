{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'deletion_requests') }}

),

cleaned as (

    select
        request_id,
        requested_at,
        loaded_at,
        source_file,
        source_row,
        {{ trimmed('customer_id') }} as customer_id
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.customer_id, '') = ''
                then {{ fault('cleaned.customer_id', 'missing_id') }}
        end as fault,
        false as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'request_id, customer_id',
            'loaded_at',
            row_hash('deletion_requests')
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
