"""What customers allow and forbid: consents, suppressions, deletion requests."""

# When each customer granted and withdrew which consent.
GRANTS = """
create or replace temp table grants as
with numbered_shares as (

    select
        *,
        row_number() over (order by channel, purpose) as consent_n,
    from consent_shares

),

asked as (

    select
        people.k,
        people.customer_id,
        numbered_shares.channel,
        numbered_shares.purpose,
        numbered_shares.granted,
        numbered_shares.refused,
        numbered_shares.withdrawn,
        mix(
            people.h
            + purpose_number(numbered_shares.channel || numbered_shares.purpose)
        ) as h,
        numbered_shares.consent_n,
        people.created_s + case
            when pick(people.h, 'asked later', 100) < 12
                then (end_s() - people.created_s) * pick(people.h, 'asked when', 1000)
                    // 1000
            else 0
        end as asked_s,
    from people
    cross join numbered_shares
    where pick(people.h, 'consent record', 1000) >= 100

),

answered as (

    select
        *,
        pick(h, 'answer', 1000) < granted as has_granted,
        case
            when pick(h, 'answer', 1000) < granted
                and pick(h, 'withdraws', 1000) < withdrawn
                then asked_s + 3600
                    + (end_s() - asked_s) * pick(h, 'withdraws when', 10000) // 10000
        end as withdrawn_s,
    from asked
    where pick(h, 'answer', 1000) < granted + refused

)

select
    *,
    case
        when pick(h, 'grants again', 100) < 20
            then withdrawn_s + 86400
                + (end_s() - withdrawn_s) * pick(h, 'grants when', 10000) // 10000
    end as granted_again_s,
from answered
"""

CONSENTS = """
create or replace temp view consents_rows as
with declared as (

    select
        *,
        0 as change,
        case when has_granted then 'granted' else 'withdrawn' end as status,
        asked_s as changed_s,
    from grants

    union all

    select
        *,
        1 as change,
        'withdrawn' as status,
        withdrawn_s as changed_s,
    from grants
    where withdrawn_s < end_s()

    union all

    select
        *,
        2 as change,
        'granted' as status,
        granted_again_s as changed_s,
    from grants
    where granted_again_s < end_s()

),

numbered as (

    select
        customer_id,
        channel,
        purpose,
        status,
        changed_s,
        k * 100 + consent_n * 4 + change as row_n,
    from declared

    union all

    select
        customer_id,
        channel,
        'ad' as purpose,
        'withdrawn' as status,
        unsubscribed_s as changed_s,
        k * 100 + 60 + (row_number() over (partition by k order by channel)) as row_n,
    from messages
    where unsubscribed_s is not null

)

select
    customer_id,
    channel,
    purpose,
    status,
    moment(changed_s) as changed_at,
    row_n,
from numbered
"""

SUPPRESSIONS = """
create or replace temp table suppressions_rows as
with reached as (

    select
        people.k,
        people.h,
        people.customer_id,
        customers_rows.email,
        customers_rows.phone,
        people.created_s + 86400
        + (end_s() - people.created_s) * pick(people.h, 'suppressed when', 1000) // 1000
            as starts_s,
        row_number() over (partition by customers_rows.email order by people.k) = 1
            as is_first_email,
        row_number() over (partition by customers_rows.phone order by people.k) = 1
            as is_first_phone,
    from people
    inner join customers_rows
        on people.k = customers_rows.row_n // 2 and customers_rows.is_newest

),

suppressed as (

    select
        *,
        email as identifier,
        'email' as channel,
        case
            when pick(h, 'bounces', 1000) < 15 then 'bounce' else 'complaint'
        end as reason,
        0 as kind,
    from reached
    where pick(h, 'bounces', 1000) < 18 and email is not null and is_first_email

    union all

    select
        *,
        phone as identifier,
        'sms' as channel,
        case
            when pick(h, 'unreachable', 1000) < 6 then 'bounce' else 'do_not_call'
        end as reason,
        1 as kind,
    from reached
    where pick(h, 'unreachable', 1000) < 9 and length(phone) > 6 and is_first_phone

    union all

    select
        *,
        customer_id as identifier,
        'all' as channel,
        'complaint' as reason,
        2 as kind,
    from reached
    where pick(h, 'complains', 1000) < 3

)

select
    identifier,
    channel,
    reason,
    moment(starts_s) as starts_at,
    case
        when pick(h, 'suppressed until', 100) < 30
            and starts_s + (30 + pick(h, 'days', 90)) * 86400 < end_s()
            then moment(starts_s + (30 + pick(h, 'days', 90)) * 86400)
    end as ends_at,
    k * 4 + kind as row_n,
from suppressed
where starts_s < end_s()
"""

FORGOTTEN = """
create or replace temp table forgotten as
with asked as (

    select
        k,
        customer_id,
        created_s + 86400
        + (end_s() - created_s) * pick(h, 'asks when', 1000) // 1000 as requested_s,
    from people
    where pick(h, 'asks to be forgotten', 10000) < 15

)

select *
from asked
where requested_s < end_s()
"""

DELETION_REQUESTS = """
create or replace temp view deletion_requests_rows as
select
    'D' || (10000000 + k) as request_id,
    customer_id,
    moment(requested_s) as requested_at,
    k as row_n,
from forgotten
"""
