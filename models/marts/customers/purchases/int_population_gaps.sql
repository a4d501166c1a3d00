{%- set minimum = var('population_gap_minimum') -%}
{%- set default_days = var('population_gap_default_days') -%}

with

-- known at the end of the month before the as-of date, so that what is expected of
-- everybody moves once a month and not every morning
gaps as (

    select
        own_gap_count,
        gap_days::bigint as gap_days
    from {{ ref('int_purchase_days') }}
    where
        gap_days is not null
        and purchased_on < date '{{ as_of_day().replace(day=1).isoformat() }}'

),

measured as (

    select
        count(*) as gap_count,
        percentile_disc(0.5) within group (order by gap_days) as median_gap_days
    from gaps

),

measured_first as (

    select
        count(*) as gap_count,
        percentile_disc(0.8) within group (order by gap_days) as slow_gap_days
    from gaps
    where own_gap_count = 1

),

settled as (

    select
        case
            when measured.gap_count < {{ minimum }}
                then {{ default_days }}
            else measured.median_gap_days
        end::int as population_gap_days,
        case
            when measured_first.gap_count < {{ minimum }}
                then {{ default_days }}
            else measured_first.slow_gap_days
        end::int as first_gap_days
    from measured
    cross join measured_first

)

select * from settled
