{{ config(materialized='view') }}

with

consents as (

    select *
    from {{ ref('stg_consents') }}
    where row_state = 'kept'

),

unread_wishes as (

    select * from {{ ref('int_unread_wishes') }}

),

campaign_messages as (

    select *
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept' and unsubscribed_at is not null

),

channels as (

    select channel from {{ ref('channels') }}

),

purposes (purpose) as (

    values ('ad'), ('night_ad'), ('third_party')

),

-- a withdrawal without a usable time counts from when it was loaded
changes as (

    select
        customer_id,
        channel,
        purpose,
        {{ declared_at('changed_at', 'loaded_at') }} as changed_at,
        status = 'granted' as is_grant
    from consents

    union all

    -- what could not be read may have been a withdrawal, of anything
    select
        unread_wishes.customer_id,
        channels.channel,
        purposes.purpose,
        unread_wishes.loaded_at as changed_at,
        false as is_grant
    from unread_wishes
    cross join channels
    cross join purposes

    union all

    -- who opts out through a message withdraws from advertising on its channel
    select
        campaign_messages.customer_id,
        campaign_messages.channel,
        purposes.purpose,
        campaign_messages.unsubscribed_at as changed_at,
        false as is_grant
    from campaign_messages
    cross join purposes
    where purposes.purpose in ('ad', 'night_ad')

),

latest as (

    select
        customer_id,
        channel,
        purpose,
        max(case when is_grant then changed_at end) as granted_at,
        max(case when not is_grant then changed_at end) as withdrawn_at
    from changes
    group by customer_id, channel, purpose

),

-- at equal times the withdrawal wins
settled as (

    select
        customer_id,
        channel,
        purpose,
        granted_at,
        withdrawn_at,
        granted_at is not null
        and coalesce(granted_at > withdrawn_at, true) as is_granted
    from latest

)

select * from settled
