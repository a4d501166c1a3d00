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
        bool_or(is_granted and purpose = 'ad') as has_ad_consent,
        bool_or(is_granted and purpose = 'night_ad') as has_night_consent,
        bool_or(is_granted and purpose = 'third_party') as has_third_party_consent,
        max(case when not is_granted and purpose = 'ad' then withdrawn_at end)
            as ad_withdrawn_at
    from {{ ref('int_consents') }}
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

judged as (

    select
        *,
        {{ email_problem('email') }} as email_problem,
        {{ phone_problem('phone') }} as phone_problem,
        case
            when push_token is null
                then 'empty'
        end as push_token_problem
    from normalised

),

addressed as (

    select
        judged.customer_id,
        judged.is_test,
        channels.channel,
        case channels.identifier_kind
            when 'email'
                then judged.email
            when 'phone'
                then judged.phone
            when 'push_token'
                then judged.push_token
            else judged.customer_id
        end as identifier,
        case channels.identifier_kind
            when 'email'
                then judged.email_problem
            when 'phone'
                then judged.phone_problem
            when 'push_token'
                then judged.push_token_problem
        end as identifier_problem
    from judged
    cross join channels

),

checked as (

    select
        addressed.customer_id,
        addressed.channel,
        addressed.is_test,
        addressed.identifier,
        addressed.identifier_problem,
        consents.ad_withdrawn_at,
        addressed.identifier_problem is null as is_valid_identifier,
        (
            by_identifier.identifier is not null
            or by_customer.identifier is not null
        ) as is_suppressed,
        greatest(by_identifier.wished_at, by_customer.wished_at)
            as suppression_wished_at,
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
