with

calibrations as (

    select
        *,
        lag(at_risk_from_en) over classes as at_risk_before_en,
        lag(at_risk_from_ko) over classes as at_risk_before_ko,
        lag(churned_from_en) over classes as churned_before_en,
        lag(churned_from_ko) over classes as churned_before_ko
    from stage_calibration
    window classes as (
        partition by buyer_class
        order by calibrated_on
    )

),

moved as (

    select
        buyer_class,
        sum(customer_count)::bigint as customer_count,
        sum(case when stage_before <> stage_now then customer_count end)::bigint
            as moved_count
    from stage_recalibration
    group by buyer_class

)

select
    calibrations.buyer_class,
    calibrations.at_risk_before_en,
    calibrations.at_risk_from_en,
    calibrations.churned_before_en,
    calibrations.churned_from_en,
    calibrations.at_risk_before_ko,
    calibrations.at_risk_from_ko,
    calibrations.churned_before_ko,
    calibrations.churned_from_ko,
    coalesce(moved.customer_count, 0) as customer_count,
    coalesce(moved.moved_count, 0) as moved_count
from calibrations
left join moved
    on calibrations.buyer_class = moved.buyer_class
where calibrations.is_in_force
order by calibrations.buyer_class
