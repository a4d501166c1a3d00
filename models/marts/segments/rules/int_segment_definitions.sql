{%- set segments = resolved_segments() -%}

with

texts (
    segment,
    family,
    label_en,
    label_ko,
    situation_en,
    situation_ko,
    need_en,
    need_ko,
    message_en,
    message_ko,
    metric,
    owner,
    version,
    rule_in_words_en,
    rule_in_words_ko,
    parent,
    frozen_on,
    is_explicit_only
) as (

    values
    {%- for segment in segments %}
    {%- set text = segment.text %}
    (
        {{ sql_text(segment.name) }},
        {{ sql_text(segment.family) }},
        {{ sql_text(text.label.en) }},
        {{ sql_text(text.label.ko) }},
        {{ sql_text(text.situation.en) }},
        {{ sql_text(text.situation.ko) }},
        {{ sql_text(text.need.en) }},
        {{ sql_text(text.need.ko) }},
        {{ sql_text(text.message.en) }},
        {{ sql_text(text.message.ko) }},
        {{ sql_text(text.metric) }},
        {{ sql_text(text.owner) }},
        {{ sql_text(rule_version(segment.rule)) }},
        {{ sql_text(rule_words(segment.rule, 'en')) }},
        {{ sql_text(rule_words(segment.rule, 'ko')) }},
        {{ sql_text(text.parent or '') }},
        {{ sql_text(segment.frozen_on or '') }},
        {{ 'true' if text.explicit_signals_only else 'false' }}
    )
    {{- ',' if not loop.last }}
    {%- endfor %}

),

definitions as (

    select
        segment,
        family,
        label_en,
        label_ko,
        situation_en,
        situation_ko,
        need_en,
        need_ko,
        message_en,
        message_ko,
        metric,
        owner,
        version,
        rule_in_words_en,
        rule_in_words_ko,
        is_explicit_only,
        nullif(parent, '') as parent,
        nullif(frozen_on, '')::date as frozen_on
    from texts

)

select * from definitions
