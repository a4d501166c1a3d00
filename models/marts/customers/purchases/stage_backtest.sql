with

gaps as (

    select * from {{ ref('int_purchase_gaps') }}

),

calibrations as (

    select
        *,
        last_day(calibrated_on + 1)::date as observed_until
    from {{ ref('stage_calibration') }}
    where gap_count > 0

),

-- who had not bought again by the month end, and who bought in the month after it
waiting as (

    select
        calibrations.*,
        gaps.purchased_on,
        gaps.next_purchased_on,
        gaps.own_gap_count,
        {{ expected_gap() }} as expected_gap_days
    from calibrations
    inner join gaps
        on
            calibrations.buyer_class = gaps.buyer_class
            and calibrations.observed_until >= gaps.purchased_on
            and coalesce(calibrations.calibrated_on < gaps.next_purchased_on, true)

),

late as (

    select
        *,
        {{ stage_deadline('risk') }} as at_risk_day,
        {{ stage_deadline('churn') }} as churned_day
    from waiting

),

beginnings as (

    select
        *,
        'at_risk' as purchase_stage,
        purchased_on + at_risk_day as begun_on
    from late
    where coalesce(at_risk_day < churned_day, true)

    union all

    select
        *,
        'churned' as purchase_stage,
        purchased_on + churned_day as begun_on
    from late

),

spells as (

    select
        *,
        {{ days_between('begun_on', 'next_purchased_on') }} as days_away
    from beginnings
    where
        begun_on > calibrated_on
        and begun_on <= least(observed_until, {{ as_of_date() }})
        and coalesce(next_purchased_on > begun_on, true)

),

-- null until the time is over for everybody of the month
months as (

    select
        calibrations.calibrated_on,
        calibrations.buyer_class,
        calibrations.is_calibrated,
        lapsed.purchase_stage,
        calibrations.observed_until,
        count(spells.begun_on) as spell_count,
        case
            when calibrations.observed_until + 30 <= {{ as_of_date() }}
                then sum(case when spells.days_away <= 30 then 1 else 0 end)
        end as bought_within_30,
        case
            when calibrations.observed_until + 90 <= {{ as_of_date() }}
                then sum(case when spells.days_away <= 90 then 1 else 0 end)
        end as bought_within_90
    from calibrations
    cross join (values ('at_risk'), ('churned')) as lapsed (purchase_stage)
    left join spells
        on
            calibrations.calibrated_on = spells.calibrated_on
            and calibrations.buyer_class = spells.buyer_class
            and lapsed.purchase_stage = spells.purchase_stage
    group by
        calibrations.calibrated_on,
        calibrations.buyer_class,
        calibrations.is_calibrated,
        lapsed.purchase_stage,
        calibrations.observed_until

),

judged as (

    select
        calibrated_on,
        buyer_class,
        is_calibrated,
        purchase_stage,
        spell_count,
        bought_within_30,
        bought_within_90
    from months

    union all

    select
        null::date as calibrated_on,
        buyer_class,
        is_calibrated,
        purchase_stage,
        sum(spell_count) as spell_count,
        sum(bought_within_30) as bought_within_30,
        sum(bought_within_90) as bought_within_90
    from months
    where bought_within_90 is not null
    group by buyer_class, is_calibrated, purchase_stage

),

backtest as (

    select
        calibrated_on,
        buyer_class,
        is_calibrated,
        purchase_stage,
        spell_count::bigint as spell_count,
        bought_within_30::bigint as bought_within_30,
        (bought_within_30 / nullif(spell_count, 0))::decimal(7, 4)
            as bought_within_30_share,
        {{ wilson_bound('bought_within_30', 'spell_count', '-') }}
            as bought_within_30_low,
        {{ wilson_bound('bought_within_30', 'spell_count', '+') }}
            as bought_within_30_high,
        bought_within_90::bigint as bought_within_90,
        (bought_within_90 / nullif(spell_count, 0))::decimal(7, 4)
            as bought_within_90_share,
        {{ wilson_bound('bought_within_90', 'spell_count', '-') }}
            as bought_within_90_low,
        {{ wilson_bound('bought_within_90', 'spell_count', '+') }}
            as bought_within_90_high
    from judged

)

select * from backtest
