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

-- a suppression counts once it is loaded and until it ends
in_force as (

    select
        case
            when identifier like '%@%'
                then {{ normalised_email('identifier') }}
            when {{ is_mobile_number(normalised_phone('identifier')) }}
                then {{ normalised_phone('identifier') }}
            else trim(identifier)
        end as identifier,
        channel
    from suppressions
    where ends_at is null or ends_at >= {{ as_of_end() }}

),

-- a channel that nobody knows stops them all
spread as (

    select
        in_force.identifier,
        channels.channel
    from in_force
    inner join channels
        on
            in_force.channel = channels.channel
            or not exists (
                select 1
                from channels as known_channels
                where known_channels.channel = in_force.channel
            )
    group by in_force.identifier, channels.channel

)

select * from spread
