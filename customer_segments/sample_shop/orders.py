"""What orders hold and what becomes of them: versions, lines, refunds."""

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
            when placed.j = 1 and people.sign_up_day >= 0
                and pick(placed.order_h, 'coupon', 100) < 40
                then 'WELCOME10'
            when not people.hides_birth_date
                and month(people.real_birth_date) = month(seoul_date(placed.ordered_s))
                and pick(placed.order_h, 'coupon', 100) < 45 then 'BIRTHDAY10'
            when baskets.gross >= 50000 and pick(placed.order_h, 'coupon', 100) < 24
                then 'SAVE5000'
            -- some buy hardly anything without a discount
            when baskets.gross >= 12000 and pick(people.h, 'bargains', 100) < 5
                and pick(placed.order_h, 'bargain', 100) < 94
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
