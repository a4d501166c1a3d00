-- each change of stage is in the seed, and says the stage it comes from truly
with

spells as (

    select
        customer_id,
        purchase_stage,
        valid_from,
        previous_stage,
        reason,
        lag(purchase_stage) over (
            partition by customer_id
            order by valid_from
        ) as stage_before
    from {{ ref('purchase_stage_spells') }}

),

transitions as (

    select * from {{ ref('purchase_stage_transitions') }}

),

illegal as (

    select spells.*
    from spells
    where
        spells.previous_stage is distinct from spells.stage_before
        or not exists (
            select 1
            from transitions
            where
                transitions.previous_stage is not distinct from spells.previous_stage
                and transitions.purchase_stage = spells.purchase_stage
                and transitions.reason = spells.reason
        )

)

select * from illegal
