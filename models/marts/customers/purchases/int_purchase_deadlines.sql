{%- set weight = var('population_gap_weight') -%}
{%- set shortest, longest = var('expected_gap_days') -%}

with

purchase_days as (

    select * from {{ ref('int_purchase_days') }}

),

population_gaps as (

    select * from {{ ref('int_population_gaps') }}

),

-- the customer's own gaps so far, steadied by what is usual
expected as (

    select
        purchase_days.*,
        case
            when purchase_days.own_gap_count = 0
                then population_gaps.first_gap_days::double
            else
                (
                    purchase_days.own_gap_days
                    + {{ weight }} * population_gaps.population_gap_days
                )::double
                / (purchase_days.own_gap_count + {{ weight }})
        end as raw_gap_days
    from purchase_days
    cross join population_gaps

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
        expected_gap_days,
        purchased_on + floor(expected_gap_days)::int + 1 as at_risk_on,
        purchased_on
        + greatest(
            {{ var('churned_from_days') }}, floor(2 * expected_gap_days) + 1
        )::int as churned_on
    from bounded

)

select * from deadlines
