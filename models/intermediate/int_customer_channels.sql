{{ config(materialized='view') }}

with

customers as (

    select *
    from {{ ref('stg_customers') }}
    where row_state = 'kept'

),

deletion_requests as (

    select *
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'

),

channels as (

    select * from {{ ref('channels') }}

),

suppressed_identifiers as (

    select * from {{ ref('int_suppressed_identifiers') }}

),

consents as (

    select
        customer_id,
        channel,
        bool_or(purpose = 'ad') as has_ad_consent,
        bool_or(purpose = 'night_ad') as has_night_consent,
        bool_or(purpose = 'third_party') as has_third_party_consent
    from {{ ref('int_consents') }}
    where is_granted
    group by customer_id, channel

),

normalised as (

    select
        customer_id,
        is_test,
        {{ normalised_email('email') }} as email,
        {{ normalised_phone('phone') }} as phone,
        case
            when push_enabled
                then nullif({{ trimmed('push_token') }}, '')
        end as push_token
    from customers
    where
        not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = customers.customer_id
        )

),

addressed as (

    select
        normalised.customer_id,
        normalised.is_test,
        channels.channel,
        case channels.identifier_kind
            when 'email'
                then normalised.email
            when 'phone'
                then normalised.phone
            when 'push_token'
                then normalised.push_token
            else normalised.customer_id
        end as identifier,
        case channels.identifier_kind
            when 'email'
                then {{ is_email('normalised.email') }}
            when 'phone'
                then {{ is_mobile_number('normalised.phone') }}
            else true
        end as is_valid_identifier
    from normalised
    cross join channels

),

checked as (

    select
        addressed.customer_id,
        addressed.channel,
        addressed.is_test,
        addressed.identifier,
        addressed.is_valid_identifier,
        (
            by_identifier.identifier is not null
            or by_customer.identifier is not null
        ) as is_suppressed,
        coalesce(consents.has_ad_consent, false) as has_ad_consent,
        coalesce(consents.has_night_consent, false) as has_night_consent,
        coalesce(consents.has_third_party_consent, false) as has_third_party_consent
    from addressed
    left join consents
        on
            addressed.customer_id = consents.customer_id
            and addressed.channel = consents.channel
    left join suppressed_identifiers as by_identifier
        on
            addressed.identifier = by_identifier.identifier
            and addressed.channel = by_identifier.channel
    left join suppressed_identifiers as by_customer
        on
            addressed.customer_id = by_customer.identifier
            and addressed.channel = by_customer.channel

)

select * from checked
