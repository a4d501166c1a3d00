with

audiences as (

    select * from {{ ref('audiences') }}

),

exclusions as (

    select * from {{ ref('audience_exclusions') }}

),

exclusion_reasons as (

    select * from {{ ref('exclusion_reasons') }}

),

counted as (

    select
        audience,
        reason,
        lost_to,
        count(*) as excluded_count
    from exclusions
    group by audience, reason, lost_to

),

-- a reason that left nobody out is a step too
steps as (

    select
        audiences.audience,
        audiences.member_count,
        exclusion_reasons.reason,
        exclusion_reasons.label_en,
        exclusion_reasons.label_ko,
        counted.lost_to,
        coalesce(counted.excluded_count, 0) as excluded_count,
        row_number() over (
            partition by audiences.audience
            order by exclusion_reasons.place asc, counted.lost_to asc nulls first
        ) as step
    from audiences
    cross join exclusion_reasons
    left join counted
        on
            audiences.audience = counted.audience
            and exclusion_reasons.reason = counted.reason

),

waterfall as (

    select
        audience,
        step::int as step,
        reason,
        label_en,
        label_ko,
        lost_to,
        member_count,
        excluded_count::bigint as excluded_count,
        (
            member_count - sum(excluded_count) over (
                partition by audience
                order by step
                rows between unbounded preceding and current row
            )
        )::bigint as remaining_count
    from steps

)

select * from waterfall
