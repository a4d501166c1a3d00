with

profiles as (

    select
        customer_id,
        is_test
    from {{ ref('int_customer_profiles') }}

),

open_stages as (

    select *
    from {{ ref('purchase_stage_spells') }}
    where valid_to is null

),

last_deadlines as (

    select *
    from {{ ref('int_purchase_deadlines') }}
    where next_purchased_on is null

),

order_lines as (

    select *
    from {{ ref('order_lines') }}
    where is_valid and product_id is not null

),

customer_rfm as (

    select * from {{ ref('customer_rfm') }}

),

product_days as (

    select
        customer_id,
        product_id,
        ordered_on
    from order_lines
    group by customer_id, product_id, ordered_on

),

product_gaps as (

    select
        customer_id,
        product_id,
        max(ordered_on) as last_ordered_on,
        floor(
            {{ days_between('min(ordered_on)', 'max(ordered_on)') }} / (count(*) - 1)
        )::int as gap_days
    from product_days
    group by customer_id, product_id
    having count(*) > 1

),

-- what is overdue by more than its own gap was given up, and is waited for no longer
refills as (

    select
        customer_id,
        min({{ days_between(as_of_date(), 'last_ordered_on + gap_days') }})
            as days_to_replenishment
    from product_gaps
    where last_ordered_on + gap_days + gap_days >= {{ as_of_date() }}
    group by customer_id

),

stages as (

    select
        profiles.customer_id,
        open_stages.purchase_stage,
        open_stages.valid_from as purchase_stage_since,
        customer_rfm.recency_score,
        customer_rfm.frequency_score,
        customer_rfm.monetary_score,
        case
            when not profiles.is_test
                then coalesce(customer_rfm.rfm_segment, 'prospect')
        end as rfm_segment,
        case
            when last_deadlines.own_gap_count > 0
                then last_deadlines.own_gap_days / last_deadlines.own_gap_count
        end::decimal(9, 2) as purchase_cadence_days,
        refills.days_to_replenishment::int as days_to_replenishment,
        {{ days_between(as_of_date(), 'last_deadlines.expected_on') }}::int
            as days_to_expected_order,
        case
            when
                open_stages.purchase_stage not in ('prospect', 'at_risk', 'churned')
                then last_deadlines.at_risk_on
        end as slips_on,
        case
            when open_stages.purchase_stage not in ('prospect', 'churned')
                then last_deadlines.churned_on
        end as churns_on
    from profiles
    left join open_stages
        on profiles.customer_id = open_stages.customer_id
    left join last_deadlines
        on profiles.customer_id = last_deadlines.customer_id
    left join refills
        on profiles.customer_id = refills.customer_id
    left join customer_rfm
        on profiles.customer_id = customer_rfm.customer_id

)

select * from stages
