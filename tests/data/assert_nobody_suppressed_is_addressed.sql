{{ config(group='warehouse') }}

-- compared by bare letters and digits, so that no spelling of an address escapes
with

members as (

    select
        audience,
        customer_id,
        channel,
        identifier,
        right({{ replace_all('identifier', '[^0-9]', '') }}, 9) as last_digits
    from {{ ref('audience_members') }}

),

channels as (

    select * from {{ ref('channels') }}

),

suppressions as (

    select
        {{ lowered(trimmed('identifier')) }} as identifier,
        channel,
        right({{ replace_all('identifier', '[^0-9]', '') }}, 9) as last_digits
    from {{ ref('stg_suppressions') }}
    where
        row_state <> 'quarantined'
        and (ends_at is null or ends_at >= {{ as_of_end() }})

),

suppressed as (

    select
        members.*,
        suppressions.identifier as suppressed_identifier
    from members
    inner join channels
        on members.channel = channels.channel
    inner join suppressions
        on
            (
                {{ lowered('members.identifier') }} = suppressions.identifier
                or {{ lowered('members.customer_id') }} = suppressions.identifier
                or (
                    channels.identifier_kind = 'phone'
                    and length(suppressions.last_digits) = 9
                    and members.last_digits = suppressions.last_digits
                )
            )
            and (
                members.channel = suppressions.channel
                or not exists (
                    select 1
                    from channels as known_channels
                    where known_channels.channel = suppressions.channel
                )
            )

)

select * from suppressed
