"""What customers buy: orders and their versions, lines and refunds."""

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
    from (from drawn_orders union all from lifted_orders) as orders
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

LINES = """
create or replace temp table lines as
with opened as (

    select
        placed.k,
        placed.order_number,
        placed.ordered_s,
        placed.currency,
        line,
        nth(placed.order_h, 50 + line) as h,
    from placed,
        unnest(range(1, 2 + case
            when pick(placed.order_h, 'lines', 100) < 66 then 0
            when pick(placed.order_h, 'lines', 100) < 89 then 1
            when pick(placed.order_h, 'lines', 100) < 97 then 2
            else 3
        end)) as numbers (line)

),

chosen as (

    select
        opened.*,
        case
            when pick(opened.h, 'usual choice', 100) < 50 then people.favourite_n
            else category_slots.category_n
        end as category_n,
    from opened
    inner join people on opened.k = people.k
    inner join category_slots on category_slots.slot = pick(opened.h, 'category', 100)

),

found as (

    select
        chosen.*,
        case
            when chosen.ordered_s >= assortment.sold_out_s
                then assortment.substitute_number
            else shelf.product_number
        end as product_number,
    from chosen
    inner join shelf
        on shelf.shelf_n = chosen.category_n * 64 + pick(chosen.h, 'product', 64)
    inner join assortment on shelf.product_number = assortment.product_number

)

select
    found.order_number,
    found.line,
    found.currency,
    found.product_number,
    case
        when pick(found.h, 'quantity', 100) < 84
            or found.category_n = digital_category() then 1
        when pick(found.h, 'quantity', 100) < 96 then 2
        else 3
    end as quantity,
    case found.currency
        when 'USD' then (price_changes.price * 100 + 675) // 1350
        when 'JPY' then (price_changes.price * 10 + 46) // 92
        else price_changes.price
    end as unit_minor,
from found
inner join price_changes
    on price_changes.product_number = found.product_number
    and price_changes.from_s <= found.ordered_s
    and price_changes.to_s > found.ordered_s
"""

# Amounts in the smallest unit of the currency, and what became of the order.
SETTLED = """
create or replace temp table settled as
with baskets as (

    select
        order_number,
        sum(quantity * unit_minor)::bigint as gross,
        min_by(product_number, line) as product_number,
    from lines
    group by order_number

),

discounted as (

    select
        placed.*,
        people.customer_id,
        people.region,
        baskets.gross,
        baskets.product_number,
        case
            when placed.currency <> 'KRW' or placed.is_guest then null
            when placed.sales_channel not in ('own_app', 'own_web') then null
            when pick(placed.order_h, 'gift', 1000) < 1 then 'GIFT'
            when placed.j = 1 and pick(placed.order_h, 'coupon', 100) < 40
                then 'WELCOME10'
            when not people.hides_birth_date
                and month(people.real_birth_date) = month(seoul_date(placed.ordered_s))
                and pick(placed.order_h, 'coupon', 100) < 45 then 'BIRTHDAY10'
            when baskets.gross >= 50000 and pick(placed.order_h, 'coupon', 100) < 24
                then 'SAVE5000'
        end as coupon_code,
        pick(placed.order_h, 'fate', 1000) as fate,
        placed.ordered_s + 4 * 3600 + pick(placed.order_h, 'packing', 36 * 3600)
            as shipped_s,
    from placed
    inner join baskets on placed.order_number = baskets.order_number
    inner join people on placed.k = people.k

),

delivered as (

    select
        *,
        case coupon_code
            when 'GIFT' then gross
            when 'WELCOME10' then gross // 100 * 10
            when 'BIRTHDAY10' then gross // 100 * 10
            when 'SAVE5000' then 5000
            else 0
        end as discount,
        shipped_s + 12 * 3600 + pick(order_h, 'carrying', 48 * 3600) as delivered_s,
        case
            when fate < 40 then ordered_s + 600 + case
                when pick(order_h, 'late cancel', 100) < 70
                    then pick(order_h, 'cancels', 2 * 86400)
                else 2 * 86400 + pick(order_h, 'cancels', 23 * 86400)
            end
        end as cancel_s,
        case
            when fate between 40 and 64
                then ordered_s + 4 * 86400 + pick(order_h, 'returns', 12 * 86400)
        end as return_s,
    from discounted

)

select
    *,
    case
        when fate >= 995 then 'pending'
        when cancel_s < end_s() then 'cancelled'
        when return_s < end_s() then 'returned'
        when delivered_s < end_s() then 'delivered'
        when shipped_s < end_s() then 'shipped'
        else 'paid'
    end as status,
    case
        when fate >= 995 then ordered_s
        when cancel_s < end_s() then cancel_s
        when return_s < end_s() then return_s
        when delivered_s < end_s() then delivered_s
        when shipped_s < end_s() then shipped_s
        else ordered_s
    end as updated_s,
    case
        when gross - discount >= 50000 and currency = 'KRW' then 0
        when sales_channel = 'store' then 0
        when currency = 'USD' then 1200
        when currency = 'JPY' then 1500
        when region = '제주' then 6000
        else 3000
    end as shipping,
from delivered
"""

ORDERS = """
create or replace temp view orders_rows as
with versions as (

    select
        *,
        1 as version,
    from settled

    union all

    select
        * replace ('paid' as status, ordered_s as updated_s),
        0 as version,
    from settled
    where updated_s > ordered_s and updated_s >= end_s() - 40 * 86400

)

select
    'O' || order_number as order_id,
    case when not is_guest then customer_id end as customer_id,
    moment(ordered_s) as ordered_at,
    status,
    currency,
    money(gross, currency) as gross_amount,
    money(discount, currency) as discount_amount,
    money(shipping, currency) as shipping_amount,
    0::decimal(18, 4) as tax_amount,
    coupon_code,
    sales_channel,
    case when status = 'cancelled' then moment(cancel_s) end as cancelled_at,
    moment(updated_s) as updated_at,
    order_number * 2 + version as row_n,
    version = 1 as is_newest,
from versions
"""

ORDER_ITEMS = """
create or replace temp view order_items_rows as
select
    'O' || order_number as order_id,
    line::integer as line,
    'P' || (1000 + product_number) as product_id,
    quantity::integer as quantity,
    money(unit_minor, currency) as unit_price,
    order_number * 10 + line as row_n,
from lines
"""

REFUNDS = """
create or replace temp view refunds_rows as
with owed as (

    select
        order_number,
        order_h,
        currency,
        gross - discount as net,
        case
            when status = 'returned' and pick(order_h, 'refund', 100) < 70 then 100
            else 10 + pick(order_h, 'refund share', 50)
        end as percent,
        case when status = 'returned' then return_s else delivered_s end
        + pick(order_h, 'refunded', 3 * 86400) as refunded_s,
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
        order_number,
        currency,
        part,
        refunded_s + part * 86400 as refunded_s,
        case
            when percent < 100 then net * percent // 100
            when pick(order_h, 'in two', 100) >= 10 then net
            when part = 0 then net // 2
            else net - net // 2
        end as amount,
    from owed, unnest([0, 1]) as parts (part)
    where part = 0 or (percent = 100 and pick(order_h, 'in two', 100) < 10)

)

select
    'R' || (order_number * 10 + part) as refund_id,
    'O' || order_number as order_id,
    moment(refunded_s) as refunded_at,
    money(amount, currency) as amount,
    order_number * 10 + part as row_n,
from halves
where refunded_s < end_s() and amount > 0
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
