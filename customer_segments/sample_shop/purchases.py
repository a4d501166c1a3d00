"""When customers buy, through which channel, and when they really leave."""

# When each customer buys: gaps drawn around their own pace on the scale of busy
# time, until the drawn number of orders is reached (dropped out) or the sample ends.
DRAWN = """
create or replace temp table drawn_orders as
with candidates as (

    select
        people.*,
        j,
        nth(people.h, 100 + j) as order_h,
    from people,
        unnest(range(1, 1 + least(
            people.lifetime_orders,
            4 + 3 * (busy_end() - people.busy_from) // people.order_gap,
            599
        ))) as numbers (j)
    where not people.never_buys

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
        ) over (partition by candidates.k order by candidates.j)::bigint as busy,
    from candidates
    inner join shapes on shapes.slot = pick(candidates.order_h, 'gap', 1024)

),

dated as (

    select
        k,
        j,
        order_h,
        busy,
    from spaced
    where busy < busy_end()

    union all

    select
        k,
        0 as j,
        nth(h, 100) as order_h,
        draw(h, 'guest order') * busy_end() >> 32 as busy,
    from people
    where pick(h, 'is guest', 100) < 14

),

timed as (

    select
        dated.k,
        dated.j,
        dated.order_h,
        start_s() + busy_time.d * 86400 + hour_slots.hour * 3600
        + pick(dated.order_h, 'second', 3600) as drawn_s,
    from dated
    inner join busy_time on busy_time.slot = dated.busy // 25
    inner join hour_slots on hour_slots.slot = pick(dated.order_h, 'hour', 1000)

)

select *
from timed
"""

# Some customers of old bought once soon after they signed up, before the sample begins
# and before there were events or rates. Order 999 counts for no pace and no drop-out.
EARLY_ORDERS = """
create or replace temp table early_orders as
select
    k,
    999 as j,
    nth(h, 999) as order_h,
    created_s + 3600 + pick(h, 'early order', 5 * 86400) as drawn_s,
from people
where
    sign_up_day < -10
    and country = 'KR'
    and not never_buys
    and pick(h, 'bought early', 100) < 10
"""

# Orders of the shop's own making are spared by the outage: half of those who wanted to
# buy went to a marketplace, half came back.
PLACED = """
create or replace temp table placed as
with waited as (

    select
        orders.k,
        orders.j,
        orders.order_h,
        orders.j = 0 as is_guest,
        case
            when orders.j = 0 then orders.drawn_s
            else greatest(
                orders.drawn_s,
                people.created_s + 2400 + pick(orders.order_h, 'haste', 1800)
            )
        end as wanted_s,
        case
            when orders.j = 999 then 'store'
            when pick(orders.order_h, 'sales channel', 100) < 46
                then case when people.uses_app then 'own_app' else 'own_web' end
            when pick(orders.order_h, 'sales channel', 100) < 68 then 'own_web'
            when people.country <> 'KR' then 'own_web'
            when pick(orders.order_h, 'sales channel', 100) < 83 then 'smartstore'
            when pick(orders.order_h, 'sales channel', 100) < 95 then 'coupang'
            else 'store'
        end as wanted_channel,
        case
            when orders.j = 0 or people.country = 'KR' then 'KRW'
            when people.country = 'JP' then 'JPY'
            else 'USD'
        end as currency,
    from (
        from drawn_orders
        union all
        from lifted_orders
        union all
        from early_orders
    ) as orders
    inner join people on orders.k = people.k

),

diverted as (

    select
        *,
        wanted_channel in ('own_app', 'own_web') and in_outage(wanted_s)
            as meets_outage,
        currency = 'KRW' and not is_guest and pick(order_h, 'goes elsewhere', 2) = 0
            as goes_elsewhere,
    from waited

),

settled_on as (

    select
        k,
        j,
        order_h,
        is_guest,
        (10000000 + k) * 1000 + j as order_number,
        currency,
        case
            when meets_outage and not goes_elsewhere then spared(wanted_s)
            else wanted_s
        end as ordered_s,
        case when meets_outage and goes_elsewhere then 'smartstore' else wanted_channel
            end as sales_channel,
    from diverted

)

select *
from settled_on
where ordered_s < end_s()
order by order_number
"""

# The last day on which each customer was really a customer of the shop.
ACTIVE_UNTIL = """
create or replace temp table active_until as
with bought as (

    select
        k,
        count(*) as order_count,
        max(ordered_s) as last_ordered_s,
    from placed
    where j between 1 and 599
    group by k

)

select
    people.k,
    people.customer_id,
    coalesce(bought.order_count = people.lifetime_orders, false) as is_churned,
    case
        when bought.order_count = people.lifetime_orders then bought.last_ordered_s
    end as churned_s,
    least(
        end_s() - 1,
        case
            when bought.order_count = people.lifetime_orders
                then bought.last_ordered_s + shapes.exponential * 10 * 86400 // 1000000
            when people.never_buys
                then greatest(people.created_s, start_s())
                    + shapes.exponential * 70 * 86400 // 1000000
            else end_s() - 1
        end
    ) as last_s,
from people
left join bought on people.k = bought.k
inner join shapes on shapes.slot = pick(people.h, 'lingers', 1024)
"""
