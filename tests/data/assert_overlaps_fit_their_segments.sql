-- every pair of segments with members is there once, and shares no more than either has
with

segment_overlap as (

    select * from {{ ref('segment_overlap') }}

),

sizes as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    where not is_stale
    group by segment

),

pairs as (

    select
        firsts.segment as segment_a,
        seconds.segment as segment_b,
        firsts.customer_count as size_a,
        seconds.customer_count as size_b
    from sizes as firsts
    inner join sizes as seconds
        on firsts.segment < seconds.segment

),

unequal as (

    select
        coalesce(pairs.segment_a, segment_overlap.segment_a) as segment_a,
        coalesce(pairs.segment_b, segment_overlap.segment_b) as segment_b
    from pairs
    full outer join segment_overlap
        on
            pairs.segment_a = segment_overlap.segment_a
            and pairs.segment_b = segment_overlap.segment_b
    where
        pairs.size_a is distinct from segment_overlap.size_a
        or pairs.size_b is distinct from segment_overlap.size_b
        or segment_overlap.shared_count > least(pairs.size_a, pairs.size_b)
        or segment_overlap.is_suppressed <> (segment_overlap.shared_count is null)
        or segment_overlap.jaccard not between 0 and 1
        or segment_overlap.share_of_a not between 0 and 1
        or segment_overlap.share_of_b not between 0 and 1

)

select * from unequal
