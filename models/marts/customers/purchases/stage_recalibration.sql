with

last_purchases as (

    select *
    from {{ ref('int_purchase_gaps') }}
    where next_purchased_on is null

),

calibrations as (

    select *
    from {{ ref('stage_calibration') }}
    qualify dense_rank() over (order by calibrated_on desc) <= 2

),

-- the last purchase says what the stage is, the one before it whether it won back
purchases as (

    select
        customer_id,
        purchased_on,
        own_gap_count,
        own_gap_days,
        buyer_class,
        true as is_last
    from last_purchases

    union all

    select
        customer_id,
        previous_purchased_on as purchased_on,
        own_gap_count - 1 as own_gap_count,
        own_gap_days
        - {{ days_between('previous_purchased_on', 'purchased_on') }} as own_gap_days,
        case when own_gap_count = 1 then 'one_time' else 'repeat' end as buyer_class,
        false as is_last
    from last_purchases
    where previous_purchased_on is not null

),

expected as (

    select
        purchases.*,
        calibrations.is_in_force,
        calibrations.is_calibrated,
        calibrations.risk_days,
        calibrations.risk_lateness,
        calibrations.churn_days,
        calibrations.churn_lateness,
        {{ expected_gap() }} as expected_gap_days
    from purchases
    inner join calibrations
        on purchases.buyer_class = calibrations.buyer_class

),

late as (

    select
        *,
        purchased_on + {{ stage_deadline('risk') }} as at_risk_on,
        purchased_on + {{ stage_deadline('churn') }} as churned_on
    from expected

),

compared as (

    select
        customer_id,
        is_in_force,
        max(case when is_last then buyer_class end) as buyer_class,
        max(case when is_last then purchased_on end) as purchased_on,
        max(case when is_last then at_risk_on end) as at_risk_on,
        max(case when is_last then churned_on end) as churned_on,
        max(case when not is_last then churned_on end) as previous_churned_on
    from late
    group by customer_id, is_in_force

),

staged as (

    select
        *,
        case
            when churned_on <= {{ as_of_date() }}
                then 'churned'
            when at_risk_on <= {{ as_of_date() }}
                then 'at_risk'
            when buyer_class = 'one_time'
                then 'first_purchase'
            when purchased_on > previous_churned_on
                then 'reactivated'
            else 'existing'
        end as purchase_stage
    from compared

),

pairs as (

    select
        buyer_class,
        max(case when not is_in_force then purchase_stage end) as stage_before,
        max(case when is_in_force then purchase_stage end) as stage_now
    from staged
    group by customer_id, buyer_class

),

recalibration as (

    select
        buyer_class,
        stage_before,
        stage_now,
        count(*) as customer_count
    from pairs
    group by buyer_class, stage_before, stage_now

)

select * from recalibration
