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
        loaded_at,
        status as change,
        {{ declared_at('changed_at', 'loaded_at') }} as declared_at
    from {{ ref('stg_consents') }}
    where row_state = 'kept' and purpose in ('ad', 'night_ad')

),

opt_outs as (

    select
        customer_id,
        channel,
        loaded_at,
        unsubscribed_at
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept' and unsubscribed_at is not null

),

-- who opts out through a message is told once, though it ends night advertising too
declared as (

    select
        customer_id,
        channel,
        purpose,
        change,
        declared_at,
        loaded_at
    from consents

    union all

    select
        customer_id,
        channel,
        'ad' as purpose,
        'withdrawn' as change,
        unsubscribed_at as declared_at,
        loaded_at
    from opt_outs

),

-- nothing was declared later than it was loaded, whatever its time says
dated as (

    select
        declared.customer_id,
        declared.channel,
        declared.purpose,
        declared.change,
        {{ business_date(
            'least(declared.declared_at,'
            ~ ' coalesce(declared.loaded_at, declared.declared_at))'
        ) }} as changed_on
    from declared
    inner join customers
        on declared.customer_id = customers.customer_id
    inner join channels
        on declared.channel = channels.channel

),

changes as (

    select
        customer_id,
        channel,
        purpose,
        change,
        changed_on,
        {{ days_between(
            as_of_date(), '(changed_on + ' ~ var('consent_notice_days') ~ ')'
        ) }} as days_until_due
    from dated
    group by customer_id, channel, purpose, change, changed_on

),

-- of a change whose time nobody knows, nobody knows when it had to be told
listed as (

    select
        customer_id,
        channel,
        purpose,
        change,
        changed_on,
        changed_on + {{ var('consent_notice_days') }} as notice_due_on,
        days_until_due,
        days_until_due < 0 as is_overdue
    from changes
    where
        days_until_due >= -{{ var('consent_notice_overdue_days') }}
        and changed_on < date '9999-12-31'

)

select * from listed
