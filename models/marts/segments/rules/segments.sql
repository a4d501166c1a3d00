with

definitions as (

    select * from {{ ref('int_segment_definitions') }}

),

sizes as (

    select
        segment,
        count(*) as customer_count
    from {{ ref('segment_members') }}
    group by segment

),

segments as (

    select
        definitions.segment,
        definitions.family,
        definitions.label_en,
        definitions.label_ko,
        definitions.situation_en,
        definitions.situation_ko,
        definitions.need_en,
        definitions.need_ko,
        definitions.message_en,
        definitions.message_ko,
        definitions.metric,
        definitions.owner,
        definitions.version,
        definitions.rule_in_words_en,
        definitions.rule_in_words_ko,
        definitions.parent,
        definitions.frozen_on,
        definitions.is_explicit_only,
        coalesce(sizes.customer_count, 0)::bigint as customer_count
    from definitions
    left join sizes
        on definitions.segment = sizes.segment

)

select * from segments
