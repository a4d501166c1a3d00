-- a segment made from a word of a vocabulary is that thing: stage_existing is existing
with

labels as (

    select * from {{ ref('labels') }}

),

segments as (

    select * from {{ ref('segments') }}

),

profiles as (

    select * from {{ ref('rfm_profiles') }}

),

prefixes (vocabulary, prefix) as (

    values
    ('purchase_stage', 'stage_'),
    ('activity_state', 'activity_'),
    ('rfm_segment', 'rfm_')

),

words as (

    select
        labels.label_en,
        labels.label_ko,
        coalesce(prefixes.prefix, labels.vocabulary || '.') || labels.value as thing
    from labels
    left join prefixes
        on labels.vocabulary = prefixes.vocabulary

    union all

    select
        label_en,
        label_ko,
        'rfm_profiles.' || profile as thing
    from profiles

),

named as (

    select
        thing,
        'en' as spoken,
        {{ lowered(trimmed('label_en')) }} as label
    from words

    union distinct

    select
        thing,
        'ko' as spoken,
        {{ lowered(trimmed('label_ko')) }} as label
    from words

    union distinct

    select
        segment as thing,
        'en' as spoken,
        {{ lowered(trimmed('label_en')) }} as label
    from segments

    union distinct

    select
        segment as thing,
        'ko' as spoken,
        {{ lowered(trimmed('label_ko')) }} as label
    from segments

),

ambiguous as (

    select
        spoken,
        label,
        count(distinct thing) as thing_count,
        min(thing) as one_thing,
        max(thing) as other_thing
    from named
    group by spoken, label
    having count(distinct thing) > 1 or label = ''

)

select * from ambiguous
