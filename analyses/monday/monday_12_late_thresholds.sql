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

thresholds as (

    select
        buyer_class,
        'at_risk' as purchase_stage,
        at_risk_before_en as before_en,
        at_risk_before_ko as before_ko,
        at_risk_from_en as now_en,
        at_risk_from_ko as now_ko
    from calibrations
    where is_in_force

    union all

    select
        buyer_class,
        'churned' as purchase_stage,
        churned_before_en as before_en,
        churned_before_ko as before_ko,
        churned_from_en as now_en,
        churned_from_ko as now_ko
    from calibrations
    where is_in_force

),

moves as (

    select
        buyer_class,
        stage_now,
        sum(customer_count)::bigint as customer_count,
        sum(case when stage_before <> stage_now then customer_count end)::bigint
            as moved_count
    from stage_recalibration
    group by buyer_class, stage_now

)

select
    thresholds.buyer_class,
    thresholds.purchase_stage,
    thresholds.before_en,
    thresholds.before_ko,
    thresholds.now_en,
    thresholds.now_ko,
    coalesce(moves.customer_count, 0) as customer_count,
    coalesce(moves.moved_count, 0) as moved_count
from thresholds
left join moves
    on
        thresholds.buyer_class = moves.buyer_class
        and thresholds.purchase_stage = moves.stage_now
order by thresholds.buyer_class, thresholds.purchase_stage
