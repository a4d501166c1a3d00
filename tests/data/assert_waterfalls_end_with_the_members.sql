-- each condition leaves no more than the one before; the last one leaves the members
with

steps as (

    select
        segment,
        condition_number,
        met_count,
        left_count,
        lag(left_count, 1, candidate_count) over (
            partition by segment
            order by condition_number
        ) as left_before,
        lead(left_count) over (
            partition by segment
            order by condition_number
        ) is null as is_last
    from {{ ref('segment_waterfall') }}

),

segments as (

    select * from {{ ref('segments') }}

),

wrong as (

    select
        segments.segment,
        segments.customer_count,
        steps.condition_number,
        steps.left_count,
        steps.left_before
    from segments
    left join steps
        on
            segments.segment = steps.segment
            and (
                steps.is_last
                or steps.left_count > least(steps.left_before, steps.met_count)
            )
    where
        steps.segment is null
        or steps.left_count > least(steps.left_before, steps.met_count)
        or steps.left_count <> segments.customer_count

)

select * from wrong
