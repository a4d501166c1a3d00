-- What the orders hold.
create or replace temp table lines as
with numbered as (

    select
        k,
        order_number,
        order_h,
        ordered_s,
        currency,
        unnest(range(1, 2 + case
            when pick(order_h, 'lines', 100) < 66 then 0
            when pick(order_h, 'lines', 100) < 89 then 1
            when pick(order_h, 'lines', 100) < 97 then 2
            else 3
        end)) as line
    from placed

),

opened as (

    select
        *,
        nth(order_h, 50 + line) as h
    from numbered

),

chosen as (

    select
        opened.*,
        case
            when pick(opened.h, 'usual choice', 100) < 50 then people.favourite_n
            else category_slots.category_n
        end as category_n
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
        end as product_number
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
        when
            pick(found.h, 'quantity', 100) < 84
            or found.category_n = fact('digital_category') then 1
        when pick(found.h, 'quantity', 100) < 96 then 2
        else 3
    end as quantity,
    case found.currency
        when 'USD' then (price_changes.price * 100 + 675) // 1350
        when 'JPY' then (price_changes.price * 10 + 46) // 92
        else price_changes.price
    end as unit_minor
from found
inner join price_changes
    on
        found.product_number = price_changes.product_number
        and found.ordered_s >= price_changes.from_s
        and found.ordered_s < price_changes.to_s;
