with

source as (

    select * from {{ source('raw', 'campaigns') }}

),

channels as (

    select * from {{ ref('channels') }}

),

checked as (

    select
        source.*,
        case
            when coalesce(source.campaign_id, '') = ''
                then {{ fault('source.campaign_id', 'missing_id') }}
            when channels.channel is null
                then {{ fault('source.channel', 'unknown_channel') }}
        end as fault,
        coalesce(source.starts_at >= {{ as_of_end() }}, false) as is_not_yet
    from source
    left join channels
        on source.channel = channels.channel

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'campaign_id', 'starts_at', row_hash('campaigns')
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
