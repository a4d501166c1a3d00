{%- set month_start = "date '" ~ as_of_day().replace(day=1).isoformat() ~ "'" -%}

with

-- what was known when the month began: an amount holds for a month
orders as (

    select (net_revenue * 100)::bigint as hundredths
    from {{ ref('orders') }}
    where
        is_valid
        and ordered_on < {{ month_start }}

),

ranked as (

    select
        count(*)::bigint as order_count,
        percentile_disc(0.9) within group (order by hundredths) as tenth,
        percentile_disc(0.98) within group (order by hundredths) as fiftieth
    from orders

),

-- of fewer orders nobody can say which are large
order_amounts as (

    select
        {{ month_start }} - 1 as known_on,
        order_count,
        case
            when order_count >= {{ var('rfm_reliable_from') }}
                then tenth::decimal(20, 0) * 0.01::decimal(4, 2)
        end::decimal(18, 2) as big_basket_amount,
        case
            when order_count >= {{ var('rfm_reliable_from') }}
                then fiftieth::decimal(20, 0) * 0.01::decimal(4, 2)
        end::decimal(18, 2) as high_ticket_amount
    from ranked

)

select * from order_amounts
