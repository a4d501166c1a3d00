-- the stage and state of the profile are those of the spells that are still open
with

customers as (

    select * from {{ ref('customers') }}

),

open_stages as (

    select *
    from {{ ref('purchase_stage_spells') }}
    where valid_to is null

),

open_states as (

    select *
    from {{ ref('activity_spells') }}
    where valid_to is null

),

compared as (

    select
        customers.customer_id,
        customers.purchase_stage,
        customers.purchase_stage_since,
        customers.activity_state,
        open_stages.purchase_stage as open_stage,
        open_stages.valid_from as open_stage_since,
        open_states.activity_state as open_state
    from customers
    left join open_stages
        on customers.customer_id = open_stages.customer_id
    left join open_states
        on customers.customer_id = open_states.customer_id

),

unequal as (

    select *
    from compared
    where
        purchase_stage is distinct from open_stage
        or purchase_stage_since is distinct from open_stage_since
        or activity_state is distinct from open_state

)

select * from unequal
