{%- set segments = resolved_segments() -%}
{%- set needs = segment_needs(segments) -%}

with

data_sources as (

    select
        {{ source_flags(needs) }}
    from {{ ref('data_sources') }}

),

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
    is_advertising,
    is_explicit_only,
    needs
) as (

    values
    {%- for segment in segments %}
    {%- set text = segment.text %}
    {{ sql_list([
        segment.name,
        segment.family,
        text.label.en,
        text.label.ko,
        text.situation.en,
        text.situation.ko,
        text.need.en,
        text.need.ko,
        text.message.en,
        text.message.ko,
        text.metric,
        text.owner,
        rule_version(segment.rule),
        rule_words(segment.rule, 'en'),
        rule_words(segment.rule, 'ko'),
        text.parent or '',
        segment.frozen_on or '',
        text.is_advertising is not sameas false,
        text.explicit_signals_only or false,
        '|' ~ rule_needs(segment.rule) | join('|') ~ '|',
    ]) }}
    {{- ',' if not loop.last }}
    {%- endfor %}

),

-- one thing that is missing is enough to know nothing
judged as (

    select
        texts.*,
        nullif(
            concat_ws(
                ', ', null
                {%- for need in needs %},
                case
                    when
                        not data_sources.{{ flag_of_need(need) }}
                        {%- if ':' in need %}
                        and data_sources.{{ flag_of_need(need.split(':')[0]) }}
                        {%- endif %}
                        and position(
                            {{ sql_text('|' ~ need ~ '|') }} in texts.needs
                        ) > 0
                        then {{ sql_text(need_words(need)) }}
                end
                {%- endfor %}
            ),
            ''
        ) as missing_data
    from texts
    cross join data_sources

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
        is_advertising::boolean as is_advertising,
        is_explicit_only::boolean as is_explicit_only,
        missing_data,
        case when missing_data is null then 'known' else 'no_data' end as data_state,
        nullif(parent, '') as parent,
        nullif(frozen_on, '')::date as frozen_on
    from judged

)

select * from definitions
