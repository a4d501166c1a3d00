with

carts as (

    select
        open_cart_items,
        open_cart_amount,
        case
            when days_since_cart_add < 1
                then '1: less than a day'
            when days_since_cart_add < 7
                then '2: 1 to 6 days'
            when days_since_cart_add < 30
                then '3: 7 to 29 days'
            else '4: 30 days or more'
        end as cart_age,
        (
            is_reachable_by_email
            or is_reachable_by_sms
            or is_reachable_by_push
            or is_reachable_by_brand_message
        ) as is_reachable
    from customers
    where open_cart_items > 0 and not is_test

),

ages as (

    select
        cart_age,
        count(*) as customer_count,
        sum(case when is_reachable then 1 else 0 end)::bigint as reachable_count,
        sum(open_cart_items)::bigint as product_count,
        sum(open_cart_amount) as open_cart_amount
    from carts
    group by cart_age

)

select * from ages
order by cart_age
