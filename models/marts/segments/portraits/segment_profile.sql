with

trait_counts as (

    select
        *,
        population_count between 1 and {{ var('k_minimum') }} - 1
            as is_small_in_population
    from {{ ref('int_segment_trait_counts') }}

),

-- what the size of everybody would give away is hidden with one value more
population_ranked as (

    select
        *,
        sum(case when is_small_in_population then 1 else 0 end) over (
            partition by segment, trait
        ) as small_value_count,
        row_number() over (
            partition by segment, trait
            order by
                case when is_small_in_population then 0 else 1 end,
                population_count,
                value_number
        ) as population_rank
    from trait_counts

),

-- members and the rest are two groups: either one may be small
judged as (

    select
        segment,
        trait,
        trait_value,
        value_number,
        segment_count,
        segment_size,
        population_count,
        population_size,
        (
            is_small_in_population
            or (small_value_count = 1 and population_rank = 2)
            or segment_count between 1 and {{ var('k_minimum') }} - 1
            or population_count - segment_count
            between 1 and {{ var('k_minimum') }} - 1
            or segment_size < {{ var('k_minimum') }}
            or population_size - segment_size
            between 1 and {{ var('k_minimum') }} - 1
        ) as is_hidden
    from population_ranked

),

-- the same for the size of the segment: the next smallest value that somebody has
ranked as (

    select
        *,
        sum(case when is_hidden then 1 else 0 end) over (
            partition by segment, trait
        ) as hidden_value_count,
        row_number() over (
            partition by segment, trait
            order by
                case when is_hidden then 0 else 1 end,
                case when segment_count > 0 then 0 else 1 end,
                segment_count,
                value_number
        ) as hiding_rank
    from judged

),

shown as (

    select
        segment,
        trait,
        trait_value,
        value_number,
        segment_size,
        population_size,
        is_hidden or (hidden_value_count = 1 and hiding_rank = 2) as is_suppressed,
        case
            when not (is_hidden or (hidden_value_count = 1 and hiding_rank = 2))
                then segment_count
        end as segment_count,
        case
            when not (is_hidden or (hidden_value_count = 1 and hiding_rank = 2))
                then population_count
        end as population_count
    from ranked

),

shares as (

    select
        *,
        segment_count::double / segment_size as segment_share,
        population_count::double / population_size as population_share
    from shown

),

segment_profile as (

    select
        segment,
        trait,
        trait_value,
        value_number::int as value_number,
        segment_size::bigint as segment_size,
        segment_count::bigint as segment_count,
        segment_share,
        population_size::bigint as population_size,
        population_count::bigint as population_count,
        population_share,
        100 * segment_share / population_share as share_index,
        {{ effect_size('segment_share', 'population_share') }} as effect_size,
        is_suppressed
    from shares

)

select * from segment_profile
