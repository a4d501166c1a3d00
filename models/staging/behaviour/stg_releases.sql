with

source as (

    select * from {{ source('raw', 'releases') }}

),

cleaned as (

    select
        release_id,
        name,
        started_at,
        ended_at,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('kind')) }} as kind
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.release_id, '') = ''
                then {{ fault('cleaned.release_id', 'missing_id') }}
            when cleaned.kind is null or cleaned.kind not in ('release', 'outage')
                then {{ fault('cleaned.kind', 'unknown_kind') }}
            {{ time_fault('cleaned.started_at') }}
            when cleaned.ended_at < cleaned.started_at
                then {{ fault('cleaned.ended_at', 'ended_before_started') }}
            when cleaned.ended_at > cleaned.loaded_at + interval 5 minute
                then {{ fault('cleaned.ended_at', 'future_time') }}
        end as fault,
        cleaned.started_at >= {{ as_of_end() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'release_id',
            'loaded_at',
            row_hash('releases')
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
