-- What was returned or complained about is refunded, sometimes in two parts.
create or replace temp view refunds_rows as
with owed as (

    select
        order_number,
        currency,
        gross - discount as net,
        case
            when status = 'returned' and pick(order_h, 'refund', 100) < 70 then 100
            else 10 + pick(order_h, 'refund share', 50)
        end as refunded_share,
        case when pick(order_h, 'in two', 100) < 10 then 2 else 1 end as instalments,
        case when status = 'returned' then return_s else delivered_s end
        + pick(order_h, 'refunded', 3 * 86400) as refunded_s
    from settled
    where
        gross > discount
        and (
            status = 'returned'
            or (status = 'delivered' and pick(order_h, 'complaint', 1000) < 14)
        )

),

halves as (

    select
        owed.order_number,
        owed.currency,
        parts.part,
        owed.refunded_s + parts.part * 86400 as refunded_s,
        case
            when owed.refunded_share < 100 then owed.net * owed.refunded_share // 100
            when owed.instalments = 1 then owed.net
            when parts.part = 0 then owed.net // 2
            else owed.net - owed.net // 2
        end as amount
    from owed, unnest([0, 1]) as parts (part)
    where parts.part = 0 or (owed.refunded_share = 100 and owed.instalments = 2)

)

select
    currency,
    'R' || (order_number * 10 + part) as refund_id,
    'O' || order_number as order_id,
    moment(refunded_s) as refunded_at,
    money(amount, currency) as amount,
    order_number * 10 + part as row_n
from halves
where refunded_s < end_s() and amount > 0;
