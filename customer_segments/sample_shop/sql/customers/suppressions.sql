-- Addresses that bounce or complain; one that several share has one row.
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
            as is_first_phone
    from people
    inner join customers_rows
        on people.k = customers_rows.row_n // 2 and customers_rows.row_n % 2 = 1

),

suppressed as (

    select
        *,
        email as identifier,
        'email' as channel,
        case
            when pick(h, 'bounces', 1000) < 15 then 'bounce' else 'complaint'
        end as reason,
        0 as kind
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
        1 as kind
    from reached
    where pick(h, 'unreachable', 1000) < 9 and length(phone) > 6 and is_first_phone

    union all

    select
        *,
        customer_id as identifier,
        'all' as channel,
        'complaint' as reason,
        2 as kind
    from reached
    where pick(h, 'complains', 1000) < 3

)

select
    identifier,
    channel,
    reason,
    moment(starts_s) as starts_at,
    case
        when
            pick(h, 'suppressed until', 100) < 30
            and starts_s + (30 + pick(h, 'days', 90)) * 86400 < end_s()
            then moment(starts_s + (30 + pick(h, 'days', 90)) * 86400)
    end as ends_at,
    k * 4 + kind as row_n
from suppressed
where starts_s < end_s();
