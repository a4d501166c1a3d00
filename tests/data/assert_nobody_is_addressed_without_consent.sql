{{ config(group='warehouse') }}

-- straight from what people declared, not from what audiences are made of
with

audience_members as (

    select * from {{ ref('audience_members') }}

),

audiences as (

    select * from {{ ref('audiences') }}

),

channels as (

    select * from {{ ref('channels') }}

),

destinations as (

    select * from {{ ref('destinations') }}

),

grants as (

    select *
    from {{ ref('stg_consents') }}
    where row_state = 'kept' and status = 'granted'

),

-- a withdrawal with something wrong in it is one too, of anything
withdrawals as (

    select
        *,
        row_state = 'quarantined' as is_of_anything
    from {{ ref('stg_consents') }}
    where status is distinct from 'granted'

),

members as (

    select
        audience_members.*,
        audiences.touches_night,
        audiences.needs_ad_consent,
        audiences.needs_night_consent,
        audiences.needs_third_party_consent,
        destinations.passes_to_third_party
    from audience_members
    inner join audiences
        on audience_members.audience = audiences.audience
    inner join destinations
        on audiences.destination = destinations.destination

),

needed as (

    select
        members.audience,
        members.customer_id,
        members.channel,
        'ad' as purpose
    from members
    inner join channels
        on members.channel = channels.channel
    where
        members.needs_ad_consent
        or (members.message_class = 'ad' and channels.ad_needs_consent)

    union all

    select
        members.audience,
        members.customer_id,
        members.channel,
        'night_ad' as purpose
    from members
    inner join channels
        on members.channel = channels.channel
    where
        members.needs_night_consent
        or (
            members.message_class = 'ad'
            and channels.night_consent_applies
            and members.touches_night
        )

    union all

    select
        members.audience,
        members.customer_id,
        members.channel,
        'third_party' as purpose
    from members
    where members.needs_third_party_consent or members.passes_to_third_party

),

-- at equal times the withdrawal wins
in_force as (

    select
        grants.customer_id,
        grants.channel,
        grants.purpose
    from grants
    where
        not exists (
            select 1
            from withdrawals
            where
                withdrawals.customer_id = grants.customer_id
                and (
                    withdrawals.is_of_anything
                    or (
                        withdrawals.channel = grants.channel
                        and withdrawals.purpose = grants.purpose
                    )
                )
                and case
                    when withdrawals.is_of_anything
                        then withdrawals.loaded_at
                    else coalesce(withdrawals.changed_at, withdrawals.loaded_at)
                end >= grants.changed_at
        )

),

without_consent as (

    select needed.*
    from needed
    where
        not exists (
            select 1
            from in_force
            where
                in_force.customer_id = needed.customer_id
                and in_force.channel = needed.channel
                and in_force.purpose = needed.purpose
        )

)

select * from without_consent
