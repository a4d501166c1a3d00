-- The last day on which each customer was really a customer of the shop.
create or replace temp table active_until as
with bought as (

    select
        k,
        count(*) as order_count,
        max(ordered_s) filter (where not is_guest) as last_ordered_s
    from placed
    where j between 1 and 599
    group by k

)

select
    people.k,
    people.customer_id,
    coalesce(
        bought.order_count = people.lifetime_orders
        and bought.last_ordered_s is not null,
        false
    ) as is_churned,
    case
        when bought.order_count = people.lifetime_orders then bought.last_ordered_s
    end as churned_s,
    least(
        end_s() - 1,
        case
            when bought.order_count = people.lifetime_orders
                then bought.last_ordered_s + shapes.exponential * 10 * 86400 // 1000000
            when people.never_buys
                then
                    greatest(people.created_s, start_s())
                    + shapes.exponential * 86400
                    * case people.kind when 'shop' then 70 else 240 end // 1000000
            else end_s() - 1
        end
    ) as last_s
from people
left join bought on people.k = bought.k
inner join lookups.shapes on shapes.slot = pick(people.h, 'lingers', 1024);
