with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

moves as (

    select
        purchase_stage_spells.previous_stage,
        purchase_stage_spells.purchase_stage,
        count(*) as customer_count
    from purchase_stage_spells
    cross join as_of
    where
        purchase_stage_spells.valid_from > as_of.as_of_date - 7
        and purchase_stage_spells.previous_stage is not null
    group by
        purchase_stage_spells.previous_stage,
        purchase_stage_spells.purchase_stage

)

select * from moves
order by customer_count desc, previous_stage asc, purchase_stage asc
