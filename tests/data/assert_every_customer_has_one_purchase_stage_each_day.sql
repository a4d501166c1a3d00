{{ config(group='warehouse') }}

-- spells begin on the day a customer becomes known, touch each other, and stay open
with

known_customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

spells as (

    select
        customer_id,
        purchase_stage,
        valid_from,
        valid_to,
        lag(valid_to) over history as previous_valid_to,
        row_number() over history as spell_number,
        count(*) over (partition by customer_id) as spell_count
    from {{ ref('purchase_stage_spells') }}
    window history as (
        partition by customer_id
        order by valid_from
    )

),

compared as (

    select
        spells.purchase_stage,
        spells.valid_from,
        spells.valid_to,
        coalesce(known_customers.customer_id, spells.customer_id) as customer_id,
        case
            when spells.spell_number = 1
                then known_customers.known_on
            else spells.previous_valid_to
        end as due_from,
        coalesce(spells.spell_number = spells.spell_count, false) as is_last
    from known_customers
    full outer join spells
        on known_customers.customer_id = spells.customer_id

),

broken as (

    select *
    from compared
    where
        valid_from is distinct from due_from
        or valid_from is null
        or is_last <> (valid_to is null)
        or valid_to <= valid_from
        or valid_from > {{ as_of_date() }}
        or valid_to > {{ as_of_date() }}

)

select * from broken
