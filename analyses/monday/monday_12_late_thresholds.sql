with

calibrations as (

    select
        *,
        lag(at_risk_from_en) over classes as at_risk_before_en,
        lag(churned_from_en) over classes as churned_before_en
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
        at_risk_from_en as now_en,
        at_risk_from_ko as now_ko
    from calibrations
    where is_in_force

    union all

    select
        buyer_class,
        'churned' as purchase_stage,
        churned_before_en as before_en,
        churned_from_en as now_en,
        churned_from_ko as now_ko
    from calibrations
    where is_in_force

)

select
    thresholds.buyer_class,
    thresholds.purchase_stage,
    thresholds.before_en,
    thresholds.now_en,
    thresholds.now_ko,
    coalesce(sum(moves.customer_count), 0)::bigint as customer_count,
    coalesce(
        sum(
            case when moves.stage_before <> moves.stage_now then moves.customer_count end
        ),
        0
    )::bigint as moved_count
from thresholds
left join stage_recalibration as moves
    on
        thresholds.buyer_class = moves.buyer_class
        and thresholds.purchase_stage = moves.stage_now
group by
    thresholds.buyer_class,
    thresholds.purchase_stage,
    thresholds.before_en,
    thresholds.now_en,
    thresholds.now_ko
order by thresholds.buyer_class, thresholds.purchase_stage
