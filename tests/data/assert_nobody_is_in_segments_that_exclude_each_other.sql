-- stage_at_risk and stage_churned as well as the pairs of the seed
with

segment_members as (

    select
        segment,
        customer_id,
        case
            when substr(segment, 1, 6) = 'stage_'
                then 'stage'
            when substr(segment, 1, 9) = 'activity_'
                then 'activity'
            when substr(segment, 1, 4) = 'rfm_'
                then 'rfm'
        end as exclusive_family
    from {{ ref('segment_members') }}
    where not is_stale

),

disjoint_segments as (

    select * from {{ ref('disjoint_segments') }}

),

contradictions as (

    select
        firsts.segment as segment_a,
        seconds.segment as segment_b,
        firsts.customer_id
    from disjoint_segments
    inner join segment_members as firsts
        on disjoint_segments.segment_a = firsts.segment
    inner join segment_members as seconds
        on
            disjoint_segments.segment_b = seconds.segment
            and firsts.customer_id = seconds.customer_id

    union all

    select
        min(segment) as segment_a,
        max(segment) as segment_b,
        customer_id
    from segment_members
    where exclusive_family is not null
    group by customer_id, exclusive_family
    having count(*) > 1

)

select * from contradictions
