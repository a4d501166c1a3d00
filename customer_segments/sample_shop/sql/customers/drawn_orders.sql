-- When each customer buys: gaps drawn around their own pace on the scale of busy
-- time, until the drawn number of orders is reached (dropped out) or the sample ends.
create or replace temp table drawn_orders as
with numbered as (

    select
        k,
        h,
        sign_up_day,
        busy_from,
        order_gap,
        unnest(range(1, 1 + least(
            lifetime_orders,
            4 + 3 * (fact('busy_end') - busy_from) // order_gap,
            599
        ))) as j
    from people
    where not never_buys

),

candidates as (

    select
        *,
        nth(h, 100 + j) as order_h
    from numbered

),

spaced as (

    select
        candidates.k,
        candidates.j,
        candidates.order_h,
        candidates.busy_from + sum(
            case
                when candidates.j > 1 or candidates.sign_up_day < 0
                    then shapes.exponential * candidates.order_gap // 1000000
                when pick(candidates.h, 'buys at once', 100) < 40
                    then pick(candidates.h, 'first busy time', 300)
                else shapes.exponential * 24 // 1000
            end
        ) over (partition by candidates.k order by candidates.j)::bigint as busy
    from candidates
    inner join lookups.shapes on shapes.slot = pick(candidates.order_h, 'gap', 1024)

),

dated as (

    select
        k,
        j,
        order_h,
        busy
    from spaced
    where busy < fact('busy_end')

    union all

    select
        k,
        0 as j,
        nth(h, 100) as order_h,
        draw(h, 'guest order') * fact('busy_end') >> 32 as busy
    from people
    where kind = 'shop' and pick(h, 'is guest', 100) < 14

)

select
    dated.k,
    dated.j,
    dated.order_h,
    start_s() + busy_time.d * 86400 + hour_slots.hour * 3600
    + pick(dated.order_h, 'second', 3600) as drawn_s
from dated
inner join busy_time on busy_time.slot = dated.busy // 25
inner join hour_slots on hour_slots.slot = pick(dated.order_h, 'hour', 1000);
