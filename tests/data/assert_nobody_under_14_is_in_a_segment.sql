-- by the day of birth itself, not by the band that segments are made of
with

children as (

    select customer_id
    from {{ ref('customers') }}
    where
        birth_date <= {{ as_of_date() }}
        and birth_date + interval 14 year > {{ as_of_date() }}

),

segment_members as (

    select * from {{ ref('segment_members') }}

),

child_members as (

    select
        segment_members.segment,
        segment_members.customer_id
    from segment_members
    inner join children
        on segment_members.customer_id = children.customer_id

)

select * from child_members
