-- Orders of the shop's own making are spared by the outage: half of those who wanted to
-- buy went to a marketplace, half came back.
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
        end as currency
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
            as goes_elsewhere
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
        end as sales_channel
    from diverted

)

select *
from settled_on
where ordered_s < end_s()
order by order_number;
