{{ config(group='warehouse') }}

-- the recorded members are those whose rule is true at the end of the as-of day
with

segment_members as (

    select *
    from {{ ref('segment_members') }}
    where not is_stale

),

matches as (

    select * from {{ ref('int_segment_memberships') }}

),

unequal as (

    select
        matches.segment as rule_says,
        segment_members.segment as record_says,
        coalesce(matches.customer_id, segment_members.customer_id) as customer_id
    from matches
    full outer join segment_members
        on
            matches.segment = segment_members.segment
            and matches.customer_id = segment_members.customer_id
    where matches.segment is null or segment_members.segment is null

)

select * from unequal
