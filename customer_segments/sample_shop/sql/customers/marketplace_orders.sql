-- Orders of strangers, whom only a marketplace knows: drawn beside a customer, of whom
-- they are not.
create or replace temp table marketplace_orders as
with numbered as (

    select
        k,
        h,
        unnest(range(950, 950 + case
            when pick(h, 'marketplace orders', 100) < 52 then 0
            when pick(h, 'marketplace orders', 100) < 78 then 1
            when pick(h, 'marketplace orders', 100) < 92 then 2
            else 4
        end)) as j
    from people
    where kind = 'shop'

),

drawn as (

    select
        k,
        j,
        nth(h, j - 250) as order_h
    from numbered

)

select
    drawn.k,
    drawn.j,
    drawn.order_h,
    start_s() + busy_time.d * 86400 + hour_slots.hour * 3600
    + pick(drawn.order_h, 'second', 3600) as drawn_s
from drawn
inner join busy_time
    on
        busy_time.slot
        = (draw(drawn.order_h, 'marketplace order') * fact('busy_end') >> 32) // 25
inner join hour_slots on hour_slots.slot = pick(drawn.order_h, 'hour', 1000);
