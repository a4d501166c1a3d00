-- Amounts in the smallest unit of the currency, and what became of the order.
create or replace temp table settled as
with baskets as (

    select
        order_number,
        sum(quantity * unit_minor)::bigint as gross,
        min_by(product_number, line) as product_number
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
            when
                placed.j = 1 and people.sign_up_day >= 0
                and pick(placed.order_h, 'coupon', 100) < 40
                then 'WELCOME10'
            when
                not people.hides_birth_date
                and month(people.real_birth_date) = month(seoul_date(placed.ordered_s))
                and pick(placed.order_h, 'coupon', 100) < 45 then 'BIRTHDAY10'
            when baskets.gross >= 50000 and pick(placed.order_h, 'coupon', 100) < 24
                then 'SAVE5000'
            -- some buy hardly anything without a discount
            when
                baskets.gross >= 12000 and pick(people.h, 'bargains', 100) < 5
                and pick(placed.order_h, 'bargain', 100) < 94
                then 'SAVE5000'
        end as coupon_code,
        pick(placed.order_h, 'fate', 1000) as fate,
        placed.ordered_s + 4 * 3600 + pick(placed.order_h, 'packing', 36 * 3600)
            as shipped_s
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
        end as return_s
    from discounted

)

select
    k,
    j,
    order_h,
    order_number,
    is_guest,
    customer_id,
    product_number,
    sales_channel,
    currency,
    ordered_s,
    delivered_s,
    cancel_s,
    return_s,
    gross,
    discount,
    coupon_code,
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
    end as shipping
from delivered;
