-- What customers allow and forbid, a row for each change.
create or replace temp view consents_rows as
with declared as (

    select
        *,
        0 as change,
        case when has_granted then 'granted' else 'withdrawn' end as status,
        asked_s as changed_s
    from grants

    union all

    select
        *,
        1 as change,
        'withdrawn' as status,
        withdrawn_s as changed_s
    from grants
    where withdrawn_s < end_s()

    union all

    select
        *,
        2 as change,
        'granted' as status,
        granted_again_s as changed_s
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
        k * 100 + consent_n * 4 + change as row_n
    from declared

    union all

    select
        customer_id,
        channel,
        'ad' as purpose,
        'withdrawn' as status,
        unsubscribed_s as changed_s,
        k * 100 + 60 + (row_number() over (partition by k order by channel, n)) as row_n
    from messages
    where unsubscribed_s is not null

)

select
    customer_id,
    channel,
    purpose,
    status,
    row_n,
    moment(changed_s) as changed_at
from numbered;
