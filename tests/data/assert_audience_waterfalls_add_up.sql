-- from the members of its segments to its receivers, reason by reason as excluded
with

waterfall as (

    select
        audience,
        step,
        reason,
        lost_to,
        member_count,
        excluded_count,
        remaining_count,
        lag(remaining_count, 1, member_count) over (
            partition by audience
            order by step
        ) as before_count,
        lead(step) over (
            partition by audience
            order by step
        ) is null as is_last
    from {{ ref('audience_waterfall') }}

),

audiences as (

    select * from {{ ref('audiences') }}

),

exclusions as (

    select
        audience,
        reason,
        lost_to,
        count(*) as customer_count
    from {{ ref('audience_exclusions') }}
    group by audience, reason, lost_to

),

steps_in_order as (

    select
        audiences.audience,
        waterfall.step::string as what
    from audiences
    left join waterfall
        on audiences.audience = waterfall.audience
    where
        waterfall.audience is null
        or waterfall.member_count <> audiences.member_count
        or waterfall.remaining_count
        <> waterfall.before_count - waterfall.excluded_count
        or (waterfall.is_last and waterfall.remaining_count <> audiences.sendable_count)

),

reasons as (

    select
        coalesce(exclusions.audience, waterfall.audience) as audience,
        coalesce(exclusions.reason, waterfall.reason) as what
    from exclusions
    full outer join waterfall
        on
            exclusions.audience = waterfall.audience
            and exclusions.reason = waterfall.reason
            and exclusions.lost_to is not distinct from waterfall.lost_to
    where
        coalesce(exclusions.customer_count, 0)
        <> coalesce(waterfall.excluded_count, 0)

),

wrong as (

    select * from steps_in_order

    union all

    select * from reasons

)

select * from wrong
