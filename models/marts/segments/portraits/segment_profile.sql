{%- set cells = {'of': 'segment, trait', 'key': 'value_number'} -%}
{%- set small = 'is_small_in_population' -%}

with

trait_counts as (

    select
        *,
        {{ is_small_group('population_count') }} as is_small_in_population
    from {{ ref('int_segment_trait_counts') }}

),

-- what is not shown of everybody is not shown of a segment
hidden_in_population as (

    select
        *,
        {{ hidden_with_complement(small, 'population_count', cells) }}
            as is_hidden_in_population
    from trait_counts

),

-- members and the rest are two groups: either one may be small
judged as (

    select
        *,
        (
            is_hidden_in_population
            or {{ is_small_group('segment_count') }}
            or {{ is_small_group('population_count - segment_count') }}
            or segment_size < {{ var('k_minimum') }}
            or {{ is_small_group('population_size - segment_size') }}
        ) as is_hidden
    from hidden_in_population

),

suppressed as (

    select
        segment,
        trait,
        trait_value,
        value_number,
        segment_size,
        segment_count,
        population_size,
        population_count,
        {{ hidden_with_complement('is_hidden', 'segment_count', cells) }}
            as is_suppressed
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
        is_suppressed,
        case when not is_suppressed then segment_count end as segment_count,
        case when not is_suppressed then population_count end as population_count
    from suppressed

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
