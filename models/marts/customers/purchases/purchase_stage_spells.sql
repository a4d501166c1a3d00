with

customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

deadlines as (

    select * from {{ ref('int_purchase_deadlines') }}

),

compared as (

    select
        *,
        lag(churned_on) over (
            partition by customer_id
            order by purchased_on
        ) as previous_churned_on
    from deadlines

),

-- every day on which a stage may begin; a later purchase forestalls a deadline
beginnings as (

    select
        customer_id,
        known_on as valid_from,
        'prospect' as purchase_stage,
        'signed_up' as reason
    from customers
    where first_ordered_on is null or known_on < first_ordered_on

    union all

    select
        customer_id,
        purchased_on as valid_from,
        case
            when previous_purchased_on is null
                then 'first_purchase'
            when purchased_on > previous_churned_on
                then 'reactivated'
            else 'existing'
        end as purchase_stage,
        case
            when previous_purchased_on is null
                then 'first_order'
            when purchased_on > previous_churned_on
                then 'order_after_churn'
            else 'repeat_order'
        end as reason
    from compared

    union all

    select
        customer_id,
        at_risk_on as valid_from,
        'at_risk' as purchase_stage,
        'order_overdue' as reason
    from deadlines
    where at_risk_on < coalesce(next_purchased_on, {{ as_of_date() }} + 1)

    union all

    select
        customer_id,
        churned_on as valid_from,
        'churned' as purchase_stage,
        'order_long_overdue' as reason
    from deadlines
    where churned_on < coalesce(next_purchased_on, {{ as_of_date() }} + 1)

),

preceded as (

    select
        *,
        lag(purchase_stage) over (
            partition by customer_id
            order by valid_from
        ) as previous_stage
    from beginnings

),

changes as (

    select
        *,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from
        ) as valid_to
    from preceded
    where purchase_stage is distinct from previous_stage

),

spells as (

    select
        customer_id,
        purchase_stage,
        valid_from,
        valid_to,
        previous_stage,
        reason
    from changes

)

select * from spells
