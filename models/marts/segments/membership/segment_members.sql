with

definitions as (

    select
        segment,
        data_state = 'no_data' as is_stale
    from {{ ref('int_segment_definitions') }}

),

spells as (

    select *
    from {{ ref('segment_membership_spells') }}
    where valid_to is null

),

members as (

    select
        spells.segment,
        spells.customer_id,
        spells.valid_from as entered_on,
        coalesce(definitions.is_stale, false) as is_stale
    from spells
    left join definitions
        on spells.segment = definitions.segment

)

select * from members
