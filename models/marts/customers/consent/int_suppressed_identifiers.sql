{{ config(materialized='view') }}

with

suppressions as (

    select *
    from {{ ref('stg_suppressions') }}
    where row_state = 'kept'

),

channels as (

    select * from {{ ref('channels') }}

),

-- a suppression counts once it is loaded and until it ends; to bounce is nobody's wish
in_force as (

    select
        identifier,
        channel,
        case
            when {{ lowered('reason') }} not like '%bounce%'
                then least(coalesce(starts_at, loaded_at), loaded_at)
        end as wished_at
    from suppressions
    where ends_at is null or ends_at >= {{ as_of_end() }}

),

-- what it is nobody says: it stops whatever it can be
readings as (

    select
        {{ trimmed('identifier') }} as identifier,
        channel,
        wished_at
    from in_force

    union distinct

    select
        {{ normalised_email('identifier') }} as identifier,
        channel,
        wished_at
    from in_force

    union distinct

    select
        {{ normalised_phone('identifier') }} as identifier,
        channel,
        wished_at
    from in_force

),

-- a channel that nobody knows stops them all
spread as (

    select
        readings.identifier,
        channels.channel,
        max(readings.wished_at) as wished_at
    from readings
    left join channels as known_channels
        on readings.channel = known_channels.channel
    inner join channels
        on
            readings.channel = channels.channel
            or known_channels.channel is null
    where readings.identifier is not null
    group by readings.identifier, channels.channel

)

select * from spread
