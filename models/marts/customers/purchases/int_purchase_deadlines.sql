with

gaps as (

    select * from {{ ref('int_purchase_gaps') }}

),

calibration as (

    select *
    from {{ ref('stage_calibration') }}
    where is_in_force

),

expected as (

    select
        gaps.*,
        calibration.is_calibrated,
        calibration.risk_days,
        calibration.risk_lateness,
        calibration.churn_days,
        calibration.churn_lateness,
        {{ expected_gap() }} as expected_gap_days
    from gaps
    inner join calibration
        on gaps.buyer_class = calibration.buyer_class

),

late as (

    select
        *,
        {{ stage_deadline('risk') }} as at_risk_day,
        {{ stage_deadline('churn') }} as churned_day
    from expected

),

-- who would be both on one day is churned
deadlines as (

    select
        customer_id,
        purchased_on,
        previous_purchased_on,
        next_purchased_on,
        buyer_class,
        own_gap_count,
        own_gap_days,
        expected_gap_days,
        purchased_on + floor(expected_gap_days)::int as expected_on,
        case
            when coalesce(at_risk_day < churned_day, true)
                then purchased_on + at_risk_day
        end as at_risk_on,
        purchased_on + churned_day as churned_on
    from late

)

select * from deadlines
