with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

days as (

    select
        daily_revenue.order_count,
        daily_revenue.sales_amount,
        daily_revenue.refunded_amount,
        daily_revenue.net_revenue,
        case
            when daily_revenue.revenue_on > as_of.as_of_date - 7
                then as_of.as_of_date - 6
            else as_of.as_of_date - 13
        end as week_start
    from daily_revenue
    cross join as_of
    where
        daily_revenue.revenue_on > as_of.as_of_date - 14
        and daily_revenue.revenue_on <= as_of.as_of_date

),

weeks as (

    select
        week_start,
        sum(order_count)::bigint as order_count,
        sum(sales_amount) as sales_amount,
        sum(refunded_amount) as refunded_amount,
        sum(net_revenue) as net_revenue
    from days
    group by week_start

),

compared as (

    select
        week_start,
        order_count,
        sales_amount,
        refunded_amount,
        net_revenue,
        week_start + 6 as week_end,
        round(
            net_revenue / nullif(lag(net_revenue) over (order by week_start), 0) - 1, 3
        ) as net_revenue_change
    from weeks

)

select * from compared
order by week_start desc
