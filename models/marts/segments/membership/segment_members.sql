with

spells as (

    select *
    from {{ ref('segment_membership_spells') }}
    where valid_to is null

),

members as (

    select
        segment,
        customer_id,
        valid_from as entered_on
    from spells

)

select * from members
