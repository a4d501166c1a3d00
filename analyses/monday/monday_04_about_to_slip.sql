with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

slipping as (

    select
        customers.customer_id,
        customers.slips_on,
        customers.rfm_segment,
        customers.days_since_last_order,
        customers.order_count,
        customers.net_revenue,
        customers.favourite_category,
        customers.is_reachable_by_email,
        customers.is_reachable_by_sms,
        customers.is_reachable_by_push
    from customers
    cross join as_of
    where
        customers.monetary_score >= 4
        and customers.is_segment_candidate
        and customers.slips_on <= as_of.as_of_date + 7
        -- within their usual gap they are not late
        and customers.days_to_expected_order < 0

)

select * from slipping
order by net_revenue desc, customer_id asc
