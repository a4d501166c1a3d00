{%- set resolved = resolved_segments() -%}

with

members as (

    select * from {{ ref('segment_members') }}

),

defined as (

    {%- for segment in resolved %}
    {%- set text = segment.text %}

    select
        {{ sql_text(segment.name) }} as segment,
        {{ sql_text(segment.family) }} as family,
        {{ sql_text(text.label.en) }} as label_en,
        {{ sql_text(text.label.ko) }} as label_ko,
        {{ sql_text(text.situation.en) }} as situation_en,
        {{ sql_text(text.situation.ko) }} as situation_ko,
        {{ sql_text(text.need.en) }} as need_en,
        {{ sql_text(text.need.ko) }} as need_ko,
        {{ sql_text(text.message.en) }} as message_en,
        {{ sql_text(text.message.ko) }} as message_ko,
        {{ sql_text(text.metric) }} as metric,
        {{ sql_text(text.owner) }} as owner,
        {{ sql_text(rule_version(segment.rule)) }} as version,
        {{ sql_text(rule_words(segment.rule, 'en')) }} as rule_in_words_en,
        {{ sql_text(rule_words(segment.rule, 'ko')) }} as rule_in_words_ko,
        nullif({{ sql_text(text.parent or '') }}, '') as parent,
        nullif({{ sql_text(segment.frozen_on or '') }}, '')::date as frozen_on,
        {{ 'true' if text.explicit_signals_only else 'false' }} as is_explicit_only
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

sizes as (

    select
        segment,
        count(*) as customer_count
    from members
    group by segment

),

segments as (

    select
        defined.*,
        coalesce(sizes.customer_count, 0)::bigint as customer_count
    from defined
    left join sizes
        on defined.segment = sizes.segment

)

select * from segments
