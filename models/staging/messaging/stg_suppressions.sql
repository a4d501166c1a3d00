{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'suppressions') }}

),

cleaned as (

    select
        identifier,
        reason,
        starts_at,
        ends_at,
        loaded_at,
        source_file,
        source_row,
        coalesce(nullif({{ lowered(trimmed('channel')) }}, ''), 'all') as channel
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce({{ trimmed('cleaned.identifier') }}, '') = ''
                then {{ fault('cleaned.identifier', 'missing_id') }}
        end as fault,
        false as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'identifier, channel, reason, starts_at',
            'loaded_at',
            row_hash('suppressions')
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
