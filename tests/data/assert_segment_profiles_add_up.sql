-- values are parts of a whole: what is shown never exceeds it, and is all of it when
-- nothing is hidden; a hidden value is never alone
with

segment_profile as (

    select * from {{ ref('segment_profile') }}

),

segment_sizes as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    where not is_stale
    group by segment

),

added as (

    select
        segment,
        trait,
        max(segment_size) as segment_size,
        max(population_size) as population_size,
        count(*) as value_count,
        sum(case when is_suppressed then 1 else 0 end) as suppressed_count,
        coalesce(sum(segment_count), 0) as segment_count,
        coalesce(sum(population_count), 0) as population_count,
        coalesce(sum(segment_share), 0) as segment_share
    from segment_profile
    group by segment, trait

),

unequal as (

    select added.*
    from added
    left join segment_sizes
        on added.segment = segment_sizes.segment
    where
        added.segment_size is distinct from segment_sizes.customer_count
        or added.segment_count > added.segment_size
        or added.population_count > added.population_size
        or (added.suppressed_count = 1 and added.value_count > 1)
        or (
            added.suppressed_count = 0
            and (
                added.segment_count <> added.segment_size
                or added.population_count <> added.population_size
                or abs(added.segment_share - 1) > 0.000000001
            )
        )

)

select * from unequal
