{%- set years = var('consent_renotification_years') -%}

with

customers as (

    select customer_id
    from {{ ref('customers') }}
    where not is_test

),

channels as (

    select channel
    from {{ ref('channels') }}
    where allows_ad

),

consents as (

    select
        customer_id,
        channel,
        purpose,
        {{ business_date('granted_at') }} as granted_on
    from {{ ref('int_consents') }}
    where is_granted and purpose in ('ad', 'night_ad')

),

campaigns as (

    select campaign_id
    from {{ ref('stg_campaigns') }}
    where row_state = 'kept' and goal = 'consent_renotification'

),

campaign_messages as (

    select
        campaign_id,
        customer_id,
        {{ business_date('sent_at') }} as sent_on
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept'

),

notices as (

    select
        campaign_messages.customer_id,
        max(campaign_messages.sent_on) as last_notified_on
    from campaign_messages
    inner join campaigns
        on campaign_messages.campaign_id = campaigns.campaign_id
    group by campaign_messages.customer_id

),

-- what was told before a consent was given is not about it
told as (

    select
        consents.customer_id,
        consents.channel,
        consents.purpose,
        consents.granted_on,
        case
            when notices.last_notified_on >= consents.granted_on
                then notices.last_notified_on
        end as last_notified_on
    from consents
    inner join customers
        on consents.customer_id = customers.customer_id
    inner join channels
        on consents.channel = channels.channel
    left join notices
        on consents.customer_id = notices.customer_id

),

-- before the same day, and where that year has no 29 February, before the 28th
due as (

    select
        *,
        (coalesce(last_notified_on, granted_on) + interval {{ years }} year)::date - 1
            as due_on
    from told

),

counted as (

    select
        *,
        {{ days_between(as_of_date(), 'due_on') }} as days_until_due
    from due

),

listed as (

    select
        customer_id,
        channel,
        purpose,
        granted_on,
        last_notified_on,
        due_on,
        days_until_due,
        days_until_due < 0 as is_overdue
    from counted
    where days_until_due <= {{ var('consent_renotification_ahead_days') }}

)

select * from listed
