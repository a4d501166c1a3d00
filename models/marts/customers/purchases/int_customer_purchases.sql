{%- set medium_from, high_from = var('price_sensitivity_percent') -%}
{%- set trend_percent = var('revenue_trend_percent') -%}

with

stages as (

    select * from {{ ref('int_customer_stages') }}

),

tastes as (

    select * from {{ ref('int_customer_tastes') }}

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid or invalid_reason = 'fully_refunded'

),

reporting_currency as (

    select *
    from {{ ref('currencies') }}
    where currency = '{{ var("reporting_currency") }}'

),

-- an order that was refunded in full is no valid order any more, and a refund it is
summed as (

    select
        customer_id,
        count(*) as possible_order_count,
        count_if(refunded_amount > 0 or status = 'returned' or not is_valid)
            as refunded_order_count,
        count_if(is_valid) as order_count,
        count_if(is_valid and discount_amount > 0) as discounted_order_count,
        min(ordered_on) filter (where is_valid) as first_ordered_on,
        max(ordered_on) filter (where is_valid) as last_ordered_on,
        max(ordered_at) filter (where is_valid) as last_ordered_at,
        max(net_revenue) filter (where is_valid) as largest_order_amount,
        sum(gross_amount) filter (where is_valid) as gross_amount,
        sum(discount_amount) filter (where is_valid) as discount_amount,
        sum(net_revenue) filter (where is_valid) as net_revenue,
        sum(net_revenue) filter (
            where is_valid and ordered_on > {{ as_of_date() }} - 90
        ) as net_revenue_90,
        sum(net_revenue) filter (
            where is_valid
            and ordered_on > {{ as_of_date() }} - 180
            and ordered_on <= {{ as_of_date() }} - 90
        ) as net_revenue_previous_90
    from orders
    group by customer_id

),

counted as (

    select
        stages.customer_id,
        summed.possible_order_count,
        summed.refunded_order_count,
        summed.first_ordered_on,
        summed.last_ordered_on,
        summed.last_ordered_at,
        summed.gross_amount,
        summed.discount_amount,
        summed.largest_order_amount::decimal(18, 2) as largest_order_amount,
        coalesce(summed.order_count, 0)::int as order_count,
        coalesce(summed.discounted_order_count, 0)::int as discounted_order_count,
        coalesce(summed.net_revenue, 0)::decimal(18, 2) as net_revenue,
        coalesce(summed.net_revenue_90, 0)::decimal(18, 2) as net_revenue_90,
        coalesce(summed.net_revenue_previous_90, 0)::decimal(18, 2)
            as net_revenue_previous_90,
        {{ days_between('summed.first_ordered_on', as_of_date()) }}::int
            as days_since_first_order,
        {{ days_between('summed.last_ordered_on', as_of_date()) }}::int
            as days_since_last_order
    from stages
    left join summed
        on stages.customer_id = summed.customer_id

),

purchases as (

    select
        counted.*,
        stages.purchase_stage,
        stages.purchase_stage_since,
        stages.slips_on,
        stages.churns_on,
        stages.days_to_expected_order,
        stages.days_to_replenishment,
        stages.purchase_cadence_days,
        stages.rfm_segment,
        stages.recency_score,
        stages.frequency_score,
        stages.monetary_score,
        tastes.liked_categories,
        tastes.favourite_category,
        tastes.category_share,
        counted.largest_order_amount > order_amounts.high_ticket_amount
            as has_large_order,
        counted.order_count - counted.discounted_order_count as full_price_order_count,
        (
            counted.order_count > 1
            and counted.discounted_order_count = counted.order_count
        ) as discount_only,
        (counted.refunded_order_count / counted.possible_order_count)::decimal(5, 4)
            as refund_rate,
        case
            when counted.gross_amount > 0
                then counted.discount_amount / counted.gross_amount
        end::decimal(5, 4) as discount_share,
        case
            when counted.order_count > 0
                then {{ average_amount('counted.net_revenue', 'counted.order_count') }}
        end as average_order_value,
        counted.net_revenue
        > order_amounts.big_basket_amount * nullif(counted.order_count, 0)
            as has_big_baskets,
        case
            when counted.order_count < 2
                then 'unknown'
            when
                counted.discounted_order_count * 100
                >= counted.order_count * {{ high_from }}
                then 'high'
            when
                counted.discounted_order_count * 100
                >= counted.order_count * {{ medium_from }}
                then 'medium'
            else 'low'
        end as price_sensitivity,
        case
            when coalesce(counted.days_since_first_order, 0) < 180
                then 'unknown'
            when counted.net_revenue_90 = 0 and counted.net_revenue_previous_90 = 0
                then 'unknown'
            when
                counted.net_revenue_90 * 100
                >= counted.net_revenue_previous_90 * {{ 100 + trend_percent }}
                then 'rising'
            when
                counted.net_revenue_90 * 100
                <= counted.net_revenue_previous_90 * {{ 100 - trend_percent }}
                then 'falling'
            else 'steady'
        end as revenue_trend
    from counted
    cross join reporting_currency
    left join {{ ref('order_amounts') }} as order_amounts
        on true
    inner join stages
        on counted.customer_id = stages.customer_id
    left join tastes
        on counted.customer_id = tastes.customer_id

)

select * from purchases
