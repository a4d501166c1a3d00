with

due as (

    select
        'confirm' as what,
        channel,
        purpose,
        due_on,
        is_overdue
    from consent_renotifications

    union all

    select
        'tell the result' as what,
        channel,
        purpose,
        notice_due_on as due_on,
        is_overdue
    from consent_change_notices

)

select
    what,
    channel,
    purpose,
    count(*) as customer_count,
    count(*) filter (where is_overdue) as overdue_count,
    min(due_on) as first_due_on
from due
group by what, channel, purpose
order by overdue_count desc, customer_count desc, what asc, channel asc, purpose asc
