-- Orders that only a message brought about. Whom it can still win: people who have
-- bought and have not dropped out.
create or replace temp table lifted_orders as
with bought as (

    select
        k,
        count(*) as order_count,
        min(drawn_s) as first_s,
        max(drawn_s) as last_s
    from drawn_orders
    where j > 0
    group by k

)

select
    messages.k,
    600 + messages.n as j,
    nth(messages.h, 600) as order_h,
    messages.sent_s + 3600 + pick(messages.h, 'buys after', 5 * 86400) as drawn_s
from messages
inner join bought on messages.k = bought.k
inner join people on messages.k = people.k
where
    messages.is_lifted
    and messages.sent_s > bought.first_s
    and (
        bought.order_count < people.lifetime_orders
        or messages.sent_s + 7 * 86400 < bought.last_s
    );
