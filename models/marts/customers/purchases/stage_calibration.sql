{%- set horizon = var('stage_horizon_days') -%}
{%- set thresholds = [
    ('risk', var('stage_chances')[0], var('stage_lateness_shares')[0]),
    ('churn', var('stage_chances')[1], var('stage_lateness_shares')[1]),
] -%}

with

usual as (

    select * from {{ ref('int_usual_gaps') }}

),

curves as (

    select * from {{ ref('int_return_curves') }}

),

-- what a handful did later decides nothing
followed as (

    select
        *,
        max(waited) over scales as followed_until,
        min(still_open_share) over scales as open_at_the_end,
        min(still_open_share) over (
            partition by calibrated_on, buyer_class, scale
            order by waited
            range between current row and {{ horizon }} following
        ) as open_after_horizon
    from curves
    where there_count >= {{ var('stage_followed_gaps') }}
    window scales as (partition by calibrated_on, buyer_class, scale)

),

totals as (

    select
        calibrated_on,
        buyer_class,
        sum(gap_count) as gap_count,
        sum(ended_count) as ended_count
    from curves
    where scale = 'days'
    group by calibrated_on, buyer_class

),

-- from which day on too few of those still away come back in time, and how late most
-- returns were
found as (

    select
        calibrated_on,
        buyer_class,
        {%- for name, chance, share in thresholds %}
        min(
            case
                when
                    scale = 'days'
                    and waited + {{ horizon }} <= followed_until
                    and still_open_share > 0
                    and 1 - open_after_horizon / still_open_share < {{ chance }} - 1e-9
                    then waited
            end
        ) as {{ name }}_days,
        min(
            case
                when
                    scale = case buyer_class when 'repeat' then 'gaps' else 'days' end
                    and open_at_the_end < 1
                    and (1 - still_open_share) / (1 - open_at_the_end)
                    >= {{ share }} - 1e-9
                    then waited
            end
        ) as {{ name }}_lateness,
        {%- endfor %}
        max(case when scale = 'days' then followed_until end) as followed_days
    from followed
    group by calibrated_on, buyer_class

),

classes (buyer_class) as (

    values ('one_time'), ('repeat')

),

judged as (

    select
        usual.calibrated_on,
        classes.buyer_class,
        usual.population_gap_days,
        usual.first_gap_days,
        found.risk_days,
        found.churn_days,
        found.risk_lateness,
        found.churn_lateness,
        coalesce(found.followed_days, 0)::int as followed_days,
        coalesce(totals.gap_count, 0)::bigint as gap_count,
        coalesce(totals.ended_count, 0)::bigint as ended_count,
        coalesce(
            totals.ended_count >= {{ var('stage_calibrated_from_gaps') }}
            and found.followed_days >= {{ var('stage_calibrated_from_days') }},
            false
        ) as is_calibrated,
        row_number() over (
            partition by classes.buyer_class
            order by usual.calibrated_on desc
        ) = 1 as is_in_force
    from usual
    cross join classes
    left join totals
        on
            usual.calibrated_on = totals.calibrated_on
            and classes.buyer_class = totals.buyer_class
    left join found
        on
            usual.calibrated_on = found.calibrated_on
            and classes.buyer_class = found.buyer_class

),

calibration as (

    select
        calibrated_on,
        buyer_class,
        is_in_force,
        is_calibrated,
        {%- for name, chance, share in thresholds %}
        case when is_calibrated then {{ name }}_days end::int as {{ name }}_days,
        case
            when is_calibrated and buyer_class = 'repeat'
                then {{ name }}_lateness / 20.0
            when is_calibrated
                then {{ name }}_lateness
        end::decimal(7, 2) as {{ name }}_lateness,
        {%- endfor %}
        population_gap_days,
        first_gap_days,
        gap_count,
        ended_count,
        followed_days
    from judged

),

told as (

    select
        *,
        {{ stage_deadline_words('risk', 'en') }} as at_risk_from_en,
        {{ stage_deadline_words('risk', 'ko') }} as at_risk_from_ko,
        {{ stage_deadline_words('churn', 'en') }} as churned_from_en,
        {{ stage_deadline_words('churn', 'ko') }} as churned_from_ko
    from calibration

)

select * from told
