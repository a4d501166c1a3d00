-- a segment with a parent holds only members of that one
with

children as (

    select
        segment,
        parent
    from {{ ref('segments') }}
    where parent is not null

),

segment_members as (

    select *
    from {{ ref('segment_members') }}
    where not is_stale

),

orphans as (

    select
        segment_members.segment,
        segment_members.customer_id,
        children.parent
    from segment_members
    inner join children
        on segment_members.segment = children.segment
    left join segment_members as parents
        on
            children.parent = parents.segment
            and segment_members.customer_id = parents.customer_id
    where parents.customer_id is null

)

select * from orphans
