{%- set audiences = audience_definitions() -%}

with

channels as (

    select * from {{ ref('channels') }}

),

destinations as (

    select * from {{ ref('destinations') }}

),

written (
    audience,
    label_en,
    label_ko,
    channel,
    message_class,
    campaign_id,
    sent_from,
    sent_until,
    touches_night,
    asks_third_party_consent,
    asks_ad_consent,
    asks_night_consent,
    holdout_share,
    holdout_buckets,
    priority_list,
    priority_rank,
    cap_messages,
    cap_days,
    member_limit,
    destination,
    mode,
    min_rows,
    max_rows,
    max_removed_share,
    max_added_share,
    max_age_days
) as (

    {%- for audience in audiences %}
    {%- set guards = audience.guards %}

    select
        {{ sql_text(audience.name) }},
        {{ sql_text(audience.label.en) }},
        {{ sql_text(audience.label.ko) }},
        {{ sql_text(audience.channel) }},
        {{ sql_text(audience.message_class) }},
        {{ sql_text(audience.campaign) }},
        {{ sql_text(audience.send_window[0]) }},
        {{ sql_text(audience.send_window[1]) }},
        {{ audience.touches_night | lower }},
        {{ audience.third_party | lower }},
        {{ ('ad' in audience.required_consents) | lower }},
        {{ ('night_ad' in audience.required_consents) | lower }},
        {{ audience.holdout.share }}::double,
        {{ (audience.holdout.share * 10000) | round | int }},
        {{ sql_text(audience.priority.list) if audience.priority else 'null' }}::string,
        {{ audience.priority.rank if audience.priority else 'null' }}::int,
        {{ audience.cap.messages if audience.cap else 'null' }}::int,
        {{ audience.cap.days if audience.cap else 'null' }}::int,
        {{ audience.limit or 'null' }}::bigint,
        {{ sql_text(audience.destination) }},
        {{ sql_text(audience.mode) }},
        {{ guards.min_rows }}::bigint,
        {{ guards.max_rows }}::bigint,
        {{ guards.max_removed_share }}::double,
        {{ 'null' if guards.max_added_share is none
            else guards.max_added_share }}::double,
        {{ 'null' if guards.max_age_days is none else guards.max_age_days }}::int
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

asked (audience, segment) as (

    values
    {%- for audience in audiences %}
    {%- set last = loop.last %}
    {%- for segment in audience.segments.any_of + audience.segments.all_of
        + audience.segments.none_of %}
    ({{ sql_text(audience.name) }}, {{ sql_text(segment) }})
    {{- ',' if not (last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

-- nobody can say who is to be in, or left out
lacking as (

    select
        asked.audience,
        min(asked.segment || ' (' || definitions.missing_data || ')') as missing_data
    from asked
    inner join {{ ref('int_segment_definitions') }} as definitions
        on asked.segment = definitions.segment
    where definitions.data_state = 'no_data'
    group by asked.audience

),

-- what is not known to be allowed without consent is not
completed as (

    select
        written.*,
        destinations.adapter,
        destinations.identifier_form,
        lacking.missing_data,
        case when lacking.audience is null then 'known' else 'no_data' end
            as data_state,
        written.asks_ad_consent
        or (
            written.message_class = 'ad'
            and channels.ad_needs_consent is not false
        ) as needs_ad_consent,
        written.asks_night_consent
        or (
            written.message_class = 'ad'
            and channels.night_consent_applies is not false
            and written.touches_night
        ) as needs_night_consent,
        written.asks_third_party_consent
        or destinations.passes_to_third_party is not false
            as needs_third_party_consent
    from written
    inner join channels
        on written.channel = channels.channel
    inner join destinations
        on written.destination = destinations.destination
    left join lacking
        on written.audience = lacking.audience

)

select * from completed
