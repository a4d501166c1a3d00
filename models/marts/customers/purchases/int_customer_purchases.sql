{%- set medium_from, high_from = var('price_sensitivity_percent') -%}

with

orders as (

    select *
    from {{ ref('orders') }}
    where
        customer_id is not null
        and (is_valid or invalid_reason = 'fully_refunded')

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid

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
        max(net_revenue) as largest_order_amount,
        sum(
            case
                when ordered_on > {{ as_of_date() }} - 90
                    then net_revenue
                else 0::decimal(18, 2)
            end
        ) as net_revenue_90,
        sum(
            case
                when
                    ordered_on > {{ as_of_date() }} - 180
                    and ordered_on <= {{ as_of_date() }} - 90
                    then net_revenue
                else 0::decimal(18, 2)
            end
        ) as net_revenue_previous_90,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(case when discount_amount > 0 then 1 else 0 end) as discounted_order_count
    from orders
    where is_valid
    group by customer_id

),

-- an order that was refunded in full is no valid order any more, and a refund it is
refunds as (

    select
        customer_id,
        count(*) as order_count,
        sum(
            case
                when refunded_amount > 0 or status = 'returned' or not is_valid
                    then 1
                else 0
            end
        ) as refunded_order_count
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
    where category is not null
    group by customer_id, category

),

favourites as (

    select
        customer_id,
        category,
        quantity,
        sum(quantity) over (partition by customer_id) as quantity_of_all
    from categories
    qualify row_number() over (
        partition by customer_id
        order by quantity desc, reporting_amount desc, category asc
    ) = 1

),

product_days as (

    select
        customer_id,
        product_id,
        ordered_on
    from order_lines
    where product_id is not null
    group by customer_id, product_id, ordered_on

),

product_gaps as (

    select
        customer_id,
        product_id,
        max(ordered_on) as last_ordered_on,
        floor(
            {{ days_between('min(ordered_on)', 'max(ordered_on)') }} / (count(*) - 1)
        )::int as gap_days
    from product_days
    group by customer_id, product_id
    having count(*) > 1

),

-- what is overdue by more than its own gap was given up, and is waited for no longer
refills as (

    select
        customer_id,
        min({{ days_between(as_of_date(), 'last_ordered_on + gap_days') }})
            as days_to_replenishment
    from product_gaps
    where last_ordered_on + gap_days + gap_days >= {{ as_of_date() }}
    group by customer_id

),

-- averages are rounded in minor units, where a half is exact
purchases as (

    select
        refunds.customer_id,
        summed.first_ordered_on,
        summed.last_ordered_on,
        favourites.category as favourite_category,
        (favourites.quantity / favourites.quantity_of_all)::decimal(5, 4)
            as category_share,
        coalesce(summed.order_count, 0)::int as order_count,
        coalesce(summed.net_revenue, 0)::decimal(18, 2) as net_revenue,
        summed.largest_order_amount::decimal(18, 2) as largest_order_amount,
        coalesce(summed.net_revenue_90, 0)::decimal(18, 2) as net_revenue_90,
        coalesce(summed.net_revenue_previous_90, 0)::decimal(18, 2)
            as net_revenue_previous_90,
        (refunds.refunded_order_count / refunds.order_count)::decimal(5, 4)
            as refund_rate,
        refills.days_to_replenishment::int as days_to_replenishment,
        coalesce(summed.discounted_order_count, 0)::int as discounted_order_count,
        coalesce(summed.order_count - summed.discounted_order_count, 0)::int
            as full_price_order_count,
        coalesce(
            summed.order_count > 1
            and summed.discounted_order_count = summed.order_count,
            false
        ) as discount_only,
        case
            when coalesce(summed.order_count, 0) < 2
                then 'unknown'
            when
                summed.discounted_order_count * 100
                >= summed.order_count * {{ high_from }}
                then 'high'
            when
                summed.discounted_order_count * 100
                >= summed.order_count * {{ medium_from }}
                then 'medium'
            else 'low'
        end as price_sensitivity,
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
    from refunds
    cross join reporting_currency
    left join summed
        on refunds.customer_id = summed.customer_id
    left join favourites
        on refunds.customer_id = favourites.customer_id
    left join refills
        on refunds.customer_id = refills.customer_id
    left join last_purchase_days
        on refunds.customer_id = last_purchase_days.customer_id

)

select * from purchases
