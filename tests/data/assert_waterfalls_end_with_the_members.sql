-- each condition leaves no more than the one before; the last one leaves the members
with

steps as (

    select
        segment,
        condition_number,
        met_count,
        remaining_count,
        lag(remaining_count, 1, candidate_count) over (
            partition by segment
            order by condition_number
        ) as before_count,
        lead(remaining_count) over (
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
        steps.remaining_count,
        steps.before_count
    from segments
    left join steps
        on
            segments.segment = steps.segment
            and (
                steps.is_last
                or steps.remaining_count > least(steps.before_count, steps.met_count)
            )
    where
        steps.segment is null
        or steps.remaining_count > least(steps.before_count, steps.met_count)
        or steps.remaining_count <> segments.customer_count

)

select * from wrong
