{{ config(materialized='view') }}

{%- set sensitive = (trait_registry() if execute else {}).items()
    | selectattr('1.pii') | map(attribute=0) | list %}

with

segment_profile as (

    select * from {{ ref('segment_profile') }}

),

conditions as (

    select * from {{ ref('int_segment_conditions') }}

),

sensitive_traits (trait) as (

    values
    {%- for trait in sensitive %}
    ({{ sql_text(trait) }}){{ ',' if not loop.last }}
    {%- endfor %}

),

decided_by as (

    select
        conditions.segment,
        sensitive_traits.trait
    from conditions
    inner join sensitive_traits
        on position('|' || sensitive_traits.trait || '|' in conditions.traits) > 0
    group by conditions.segment, sensitive_traits.trait

),

-- who did not say is in no age and no gender: shares are of those who did
known_counts as (

    select
        segment,
        trait,
        sum(case when trait_value = 'unknown' and is_suppressed then 1 else 0 end) > 0
            as is_unknown_suppressed,
        max(segment_size) - coalesce(
            max(case when trait_value = 'unknown' then segment_count end), 0
        ) as segment_known_count,
        max(population_size) - coalesce(
            max(case when trait_value = 'unknown' then population_count end), 0
        ) as population_known_count
    from segment_profile
    group by segment, trait

),

shares as (

    select
        segment_profile.segment,
        segment_profile.trait,
        segment_profile.trait_value,
        segment_profile.value_number,
        decided_by.segment is not null as is_by_rule,
        case
            when
                not known_counts.is_unknown_suppressed
                and known_counts.segment_known_count > 0
                then
                    segment_profile.segment_count::double
                    / known_counts.segment_known_count
        end as segment_share,
        case
            when not known_counts.is_unknown_suppressed
                then
                    segment_profile.population_count::double
                    / known_counts.population_known_count
        end as population_share
    from segment_profile
    inner join sensitive_traits
        on segment_profile.trait = sensitive_traits.trait
    left join decided_by
        on
            segment_profile.segment = decided_by.segment
            and segment_profile.trait = decided_by.trait
    inner join known_counts
        on
            segment_profile.segment = known_counts.segment
            and segment_profile.trait = known_counts.trait
    where segment_profile.trait_value <> 'unknown'

),

compared as (

    select
        *,
        case
            when segment_share is not null and population_share is not null
                then {{ effect_size('segment_share', 'population_share') }}
        end as effect_size
    from shares

),

segment_composition as (

    select
        segment,
        trait,
        trait_value,
        value_number,
        case when effect_size is not null then segment_share end as segment_share,
        case when effect_size is not null then population_share end
            as population_share,
        effect_size,
        is_by_rule,
        (
            not is_by_rule
            and coalesce(abs(effect_size) >= {{ var('proxy_effect_size') }}, false)
        ) as is_proxy_suspect,
        effect_size is null as is_suppressed
    from compared

)

select * from segment_composition
