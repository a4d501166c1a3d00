-- Orders of the shop's own making are spared by the outage: half of those who wanted to
-- buy went to a marketplace, half came back. A marketplace tells the shop no member:
-- who buys there is a guest.
create or replace temp table placed as
with waited as (

    select
        orders.k,
        orders.j,
        orders.order_h,
        orders.j = 0 or orders.j between 950 and 959 as is_stranger,
        case
            when is_stranger then orders.drawn_s
            else greatest(
                orders.drawn_s,
                people.created_s + 2400 + pick(orders.order_h, 'haste', 1800)
            )
        end as wanted_s,
        case
            when orders.j = 0 then 'own_web'
            when orders.j = 999 then 'store'
            when is_stranger and pick(orders.order_h, 'sales channel', 100) < 56
                then 'smartstore'
            when is_stranger then 'coupang'
            when
                people.uses_app and pick(orders.order_h, 'sales channel', 100) < 65
                then 'own_app'
            when
                people.country <> 'KR'
                or pick(orders.order_h, 'sales channel', 100) < 92 then 'own_web'
            else 'store'
        end as wanted_channel,
        case
            when is_stranger or people.country = 'KR' then 'KRW'
            when people.country = 'JP' then 'JPY'
            else 'USD'
        end as currency
    from (
        from drawn_orders
        union all
        from lifted_orders
        union all
        from early_orders
        union all
        from marketplace_orders
    ) as orders
    inner join people on orders.k = people.k

),

diverted as (

    select
        *,
        wanted_channel in ('own_app', 'own_web') and in_outage(wanted_s)
            as meets_outage,
        currency = 'KRW' and j between 1 and 599
        and pick(order_h, 'goes elsewhere', 2) = 0 as goes_elsewhere
    from waited

),

settled_on as (

    select
        k,
        j,
        order_h,
        is_stranger or (meets_outage and goes_elsewhere) as is_guest,
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
