with

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid and category is not null

),

last_purchase_days as (

    select *
    from {{ ref('int_purchase_days') }}
    where next_purchased_on is null

),

reporting_currency as (

    select *
    from {{ ref('currencies') }}
    where currency = '{{ var("reporting_currency") }}'

),

summed as (

    select
        customer_id,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on,
        count(*) as order_count,
        sum(net_revenue) as net_revenue,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(case when discount_amount > 0 then 1 else 0 end) as discounted_order_count
    from orders
    group by customer_id

),

categories as (

    select
        customer_id,
        category,
        sum(quantity) as quantity,
        sum(reporting_amount) as reporting_amount
    from order_lines
    group by customer_id, category

),

favourites as (

    select
        customer_id,
        category
    from categories
    qualify row_number() over (
        partition by customer_id
        order by quantity desc, reporting_amount desc, category asc
    ) = 1

),

-- averages are rounded in minor units, where a half is exact
purchases as (

    select
        summed.customer_id,
        summed.first_ordered_on,
        summed.last_ordered_on,
        favourites.category as favourite_category,
        summed.order_count::int as order_count,
        summed.net_revenue::decimal(18, 2) as net_revenue,
        summed.discounted_order_count::int as discounted_order_count,
        case
            when summed.gross_amount > 0
                then summed.discount_amount / summed.gross_amount
        end::decimal(5, 4) as discount_share,
        (
            round(
                summed.net_revenue
                * reporting_currency.minor_units
                / summed.order_count,
                0
            )
            / reporting_currency.minor_units
        )::decimal(18, 2) as average_order_value,
        case
            when last_purchase_days.own_gap_count > 0
                then last_purchase_days.own_gap_days / last_purchase_days.own_gap_count
        end::decimal(9, 2) as purchase_cadence_days
    from summed
    cross join reporting_currency
    left join favourites
        on summed.customer_id = favourites.customer_id
    left join last_purchase_days
        on summed.customer_id = last_purchase_days.customer_id

)

select * from purchases
