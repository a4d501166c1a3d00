-- who meets every condition, each told once, is a member, and nobody else; asked of
-- some customers, as everybody would be a row for each customer and condition
with

some_customers as (

    select customer_id
    from {{ ref('customers') }}
    where is_segment_candidate
    order by customer_id
    limit 200

),

segment_reasons as (

    select reasons.*
    from {{ ref('segment_reasons') }} as reasons
    inner join some_customers
        on reasons.customer_id = some_customers.customer_id

),

segment_members as (

    select *
    from {{ ref('segment_members') }}
    where not is_stale

),

explained as (

    select
        segment,
        customer_id,
        min(case when is_met then 1 else 0 end) = 1 as is_member,
        count(*) > count(distinct condition_number) as is_said_twice
    from segment_reasons
    group by segment, customer_id

),

unequal as (

    select
        explained.segment,
        explained.customer_id
    from explained
    left join segment_members
        on
            explained.segment = segment_members.segment
            and explained.customer_id = segment_members.customer_id
    where
        explained.is_member <> (segment_members.customer_id is not null)
        or explained.is_said_twice

)

select * from unequal
