-- active today, this week and this month are sums of the seven; nobody drops out
with

growth_accounting as (

    select
        *,
        new_count
        + current_count
        + reactivated_count
        + resurrected_count
        + at_risk_wau_count
        + at_risk_mau_count
        + dormant_count as everybody,
        lag(
            new_count
            + current_count
            + reactivated_count
            + resurrected_count
            + at_risk_wau_count
            + at_risk_mau_count
            + dormant_count,
            1,
            0
        ) over (order by day) as everybody_before
    from {{ ref('growth_accounting') }}

),

broken as (

    select
        day,
        daily_active_customers,
        weekly_active_customers,
        monthly_active_customers,
        everybody,
        everybody_before
    from growth_accounting
    where
        daily_active_customers
        <> new_count + current_count + reactivated_count + resurrected_count
        or weekly_active_customers <> daily_active_customers + at_risk_wau_count
        or monthly_active_customers <> weekly_active_customers + at_risk_mau_count
        or everybody <> everybody_before + new_count

)

select * from broken
