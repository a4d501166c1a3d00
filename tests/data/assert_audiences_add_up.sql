-- members of the segments = those who receive it + those left out, and nobody is both
with

audiences as (

    select * from {{ ref('audiences') }}

),

members as (

    select
        audience,
        customer_id
    from {{ ref('audience_members') }}

),

exclusions as (

    select
        audience,
        customer_id
    from {{ ref('audience_exclusions') }}

),

counted_members as (

    select
        audience,
        count(*) as customer_count
    from members
    group by audience

),

counted_exclusions as (

    select
        audience,
        count(*) as customer_count
    from exclusions
    group by audience

),

in_both as (

    select members.audience
    from members
    inner join exclusions
        on
            members.audience = exclusions.audience
            and members.customer_id = exclusions.customer_id
    group by members.audience

),

compared as (

    select
        audiences.audience,
        audiences.member_count,
        audiences.sendable_count,
        coalesce(counted_members.customer_count, 0) as receiving,
        coalesce(counted_exclusions.customer_count, 0) as left_out,
        in_both.audience is not null as has_both
    from audiences
    left join counted_members
        on audiences.audience = counted_members.audience
    left join counted_exclusions
        on audiences.audience = counted_exclusions.audience
    left join in_both
        on audiences.audience = in_both.audience

),

unequal as (

    select *
    from compared
    where
        member_count <> receiving + left_out
        or sendable_count <> receiving
        or has_both

)

select * from unequal
