{%- set window_days = var('rfm_window_days') -%}
{%- set window_opens_after = (
    as_of_date() ~ ' - ' ~ window_days if window_days else "date '0001-01-01'"
) -%}

with

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

windowed as (

    select
        *,
        ordered_on > {{ window_opens_after }} as is_in_window
    from orders

),

measures as (

    select
        customer_id,
        max(ordered_on) as last_order_on,
        {{ days_between('max(ordered_on)', as_of_date()) }}::int as recency_days,
        count(*)::int as lifetime_order_count,
        sum(case when is_in_window then 1 else 0 end)::int as frequency,
        sum(case when is_in_window then net_revenue else 0 end)::decimal(18, 2)
            as monetary
    from windowed
    group by customer_id

),

-- percentile_disc wants whole numbers on both engines
ranked as (

    select
        *,
        {{ days_between("date '1970-01-01'", 'last_order_on') }}::bigint
            as recency_rank_value,
        (monetary::decimal(22, 2) * 100)::bigint as monetary_rank_value
    from measures

)

select * from ranked
