-- a pair with a name that is not there, or with itself, would never be contradicted
with

disjoint_segments as (

    select * from {{ ref('disjoint_segments') }}

),

segments as (

    select * from {{ ref('segments') }}

),

named as (

    select
        segment_a as segment,
        segment_b as other_segment
    from disjoint_segments

    union all

    select
        segment_b as segment,
        segment_a as other_segment
    from disjoint_segments

),

unknown as (

    select named.segment
    from named
    where
        named.segment = named.other_segment
        or not exists (
            select 1
            from segments
            where segments.segment = named.segment
        )

)

select * from unknown
