with

customer_channels as (

    select * from {{ ref('int_customer_channels') }}

),

channels as (

    select * from {{ ref('channels') }}

),

-- for advertising; where a channel takes none, for information
judged as (

    select
        customer_channels.customer_id,
        customer_channels.channel,
        case
            when customer_channels.is_test
                then 'test_account'
            when customer_channels.identifier is null
                then 'no_identifier'
            when not customer_channels.is_valid_identifier
                then 'invalid_identifier'
            when customer_channels.is_suppressed
                then 'suppressed'
            when
                not customer_channels.has_ad_consent
                and channels.ad_needs_consent
                and channels.allows_ad
                then 'no_consent'
        end as reason
    from customer_channels
    inner join channels
        on customer_channels.channel = channels.channel

),

reach as (

    select
        customer_id,
        channel,
        reason,
        reason is null as is_reachable
    from judged

)

select * from reach
