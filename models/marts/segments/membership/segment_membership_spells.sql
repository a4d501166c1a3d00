{{ config(materialized='view') }}

with

changes as (

    select
        *,
        lead(changed_on) over (
            partition by segment, customer_id
            order by changed_on
        ) as next_changed_on
    from {{ ref('segment_membership_log') }}

),

spells as (

    select
        segment,
        customer_id,
        changed_on as valid_from,
        next_changed_on as valid_to
    from changes
    where change = 'entered'

)

select * from spells
