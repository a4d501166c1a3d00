{%- set fewest = var('population_gap_minimum') -%}
{%- set default_days = var('population_gap_default_days') -%}
{%- set weight = var('population_gap_weight') -%}
{%- set shortest, longest = var('expected_gap_days') -%}

with

purchase_days as (

    select
        customer_id,
        ordered_on as purchased_on
    from {{ ref('orders') }}
    where is_valid
    group by customer_id, ordered_on

),

ordered as (

    select
        customer_id,
        purchased_on,
        (row_number() over history - 1)::int as own_gap_count,
        lag(purchased_on) over history as previous_purchased_on,
        lead(purchased_on) over history as next_purchased_on,
        first_value(purchased_on) over history as first_purchased_on
    from purchase_days
    window history as (
        partition by customer_id
        order by purchased_on
    )

),

measured as (

    select
        *,
        {{ days_between('first_purchased_on', 'purchased_on') }}::int as own_gap_days,
        {{ days_between('previous_purchased_on', 'purchased_on') }}::bigint as gap_days
    from ordered

),

-- known at the end of the month before the as-of date, so that what is expected of
-- everybody moves once a month and not every morning
usual as (

    select
        count(gap_days) as gap_count,
        count(case when own_gap_count = 1 then gap_days end) as first_gap_count,
        percentile_disc(0.5) within group (order by gap_days) as median_gap_days,
        percentile_disc(0.8) within group (
            order by case when own_gap_count = 1 then gap_days end
        ) as slow_first_gap_days
    from measured
    where purchased_on < date '{{ as_of_day().replace(day=1).isoformat() }}'

),

settled as (

    select
        case
            when gap_count < {{ fewest }}
                then {{ default_days }}
            else median_gap_days
        end::int as population_gap_days,
        case
            when first_gap_count < {{ fewest }}
                then {{ default_days }}
            else slow_first_gap_days
        end::int as first_gap_days
    from usual

),

-- the customer's own gaps so far, steadied by what is usual
expected as (

    select
        measured.*,
        settled.population_gap_days,
        settled.first_gap_days,
        case
            when measured.own_gap_count = 0
                then settled.first_gap_days::double
            else
                (measured.own_gap_days + {{ weight }} * settled.population_gap_days)
                ::double
                / (measured.own_gap_count + {{ weight }})
        end as raw_gap_days
    from measured
    cross join settled

),

bounded as (

    select
        *,
        least(greatest(raw_gap_days, {{ shortest }}), {{ longest }})
            as expected_gap_days
    from expected

),

deadlines as (

    select
        customer_id,
        purchased_on,
        previous_purchased_on,
        next_purchased_on,
        own_gap_count,
        own_gap_days,
        population_gap_days,
        first_gap_days,
        expected_gap_days,
        purchased_on + floor(expected_gap_days)::int + 1 as at_risk_on,
        purchased_on
        + greatest(
            {{ var('churned_from_days') }}, floor(2 * expected_gap_days) + 1
        )::int as churned_on
    from bounded

)

select * from deadlines
