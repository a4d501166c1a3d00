with

source as (

    select * from {{ source('raw', 'campaigns') }}

),

channels as (

    select * from {{ ref('channels') }}

),

cleaned as (

    select
        campaign_id,
        name,
        goal,
        starts_at,
        ends_at,
        cost,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('channel')) }} as channel,
        {{ lowered(trimmed('message_class')) }} as message_class
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.campaign_id, '') = ''
                then {{ fault('cleaned.campaign_id', 'missing_id') }}
            when channels.channel is null
                then {{ fault('cleaned.channel', 'unknown_channel') }}
        end as fault,
        coalesce(cleaned.starts_at >= {{ as_of_end() }}, false) as is_not_yet
    from cleaned
    left join channels
        on cleaned.channel = channels.channel

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'campaign_id',
            'loaded_at',
            row_hash('campaigns')
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
