{%- set longest = var('stage_longest_gap_days') -%}

with

gaps as (

    select * from {{ ref('int_purchase_gaps') }}

),

usual as (

    select * from {{ ref('int_usual_gaps') }}

),

-- as far as was known on that day: a gap that ended later, or lasts too long, is open
known as (

    select
        usual.calibrated_on,
        usual.population_gap_days,
        usual.first_gap_days,
        gaps.buyer_class,
        gaps.own_gap_count,
        gaps.own_gap_days,
        least(
            {{ days_between('gaps.purchased_on', 'usual.calibrated_on') }},
            coalesce(gaps.gap_days, {{ longest }}),
            {{ longest }}
        )::int as waited_days,
        coalesce(
            gaps.next_purchased_on <= usual.calibrated_on
            and gaps.gap_days <= {{ longest }},
            false
        ) as has_ended
    from gaps
    inner join usual
        on gaps.purchased_on <= usual.calibrated_on

),

expected as (

    select
        *,
        {{ expected_gap() }} as expected_gap_days
    from known
    where buyer_class = 'repeat'

),

-- in days, and those of repeat buyers in twentieths of the gap that was expected; day 0
-- begins each curve
waits as (

    select
        calibrated_on,
        buyer_class,
        'days' as scale,
        waited_days as waited,
        has_ended,
        1 as gap_count
    from known

    union all

    select
        calibrated_on,
        buyer_class,
        'gaps' as scale,
        ceil(20 * waited_days / expected_gap_days - 1e-9)::int as waited,
        has_ended,
        1 as gap_count
    from expected

    union all

    select
        calibrated_on,
        buyer_class,
        'days' as scale,
        0 as waited,
        false as has_ended,
        0 as gap_count
    from known
    group by calibrated_on, buyer_class

),

counted as (

    select
        calibrated_on,
        buyer_class,
        scale,
        waited,
        sum(case when has_ended then 1 else 0 end)::bigint as ended_count,
        sum(gap_count)::bigint as gap_count
    from waits
    group by calibrated_on, buyer_class, scale, waited

),

followed as (

    select
        *,
        sum(gap_count) over (
            partition by calibrated_on, buyer_class, scale
            order by waited desc
        )::bigint as there_count
    from counted

),

-- Kaplan-Meier
curves as (

    select
        calibrated_on,
        buyer_class,
        scale,
        waited,
        ended_count,
        gap_count,
        there_count,
        case
            when min(there_count - ended_count) over until_then = 0
                then 0
            else
                round(
                    exp(
                        sum(
                            case
                                when ended_count < there_count
                                    then ln(1 - ended_count::double / there_count)
                                else 0
                            end
                        ) over until_then
                    ),
                    9
                )
        end as still_open_share
    from followed
    window until_then as (
        partition by calibrated_on, buyer_class, scale
        order by waited
    )

)

select * from curves
