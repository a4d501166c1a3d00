with

source as (

    select * from {{ source('raw', 'segment_targets') }}

),

cleaned as (

    select
        month,
        target,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('segment')) }} as segment,
        {{ lowered(trimmed('metric')) }} as metric
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.segment, '') = ''
                then {{ fault('cleaned.segment', 'missing_id') }}
            {{ month_fault('cleaned.month') }}
            when coalesce(cleaned.metric, '') = ''
                then {{ fault('cleaned.metric', 'missing_id') }}
            when cleaned.target is null
                then {{ fault('cleaned.target', 'missing_amount') }}
            when cleaned.target < 0
                then {{ fault('cleaned.target', 'negative_amount') }}
        end as fault,
        false as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'segment, month, metric',
            'loaded_at',
            row_hash('segment_targets')
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
