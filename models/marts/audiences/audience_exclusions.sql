with

decisions as (

    select * from {{ ref('audience_decisions') }}

),

exclusions as (

    select
        audience,
        customer_id,
        reason,
        lost_to
    from decisions
    where reason is not null

)

select * from exclusions
