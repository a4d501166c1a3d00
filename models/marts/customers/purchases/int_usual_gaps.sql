{%- set fewest = var('population_gap_minimum') -%}
{%- set default_days = var('population_gap_default_days') -%}

with

gaps as (

    select * from {{ ref('int_purchase_gaps') }}

),

month_ends (calibrated_on) as (

    values {{ month_ends_before(24) }}

),

ended as (

    select
        month_ends.calibrated_on,
        gaps.gap_days,
        case when gaps.own_gap_count = 0 then gaps.gap_days end as first_gap_days
    from month_ends
    left join gaps
        on month_ends.calibrated_on >= gaps.next_purchased_on

),

-- percentiles of few gaps say little
usual as (

    select
        calibrated_on,
        case
            when count(gap_days) < {{ fewest }}
                then {{ default_days }}
            else percentile_disc(0.5) within group (order by gap_days)
        end::int as population_gap_days,
        case
            when count(first_gap_days) < {{ fewest }}
                then {{ default_days }}
            else percentile_disc(0.8) within group (order by first_gap_days)
        end::int as first_gap_days
    from ended
    group by calibrated_on

)

select * from usual
