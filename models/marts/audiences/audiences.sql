{%- set audiences = audience_definitions() -%}

with

decisions as (

    select * from {{ ref('audience_decisions') }}

),

channels as (

    select * from {{ ref('channels') }}

),

destinations as (

    select * from {{ ref('destinations') }}

),

defined (
    audience,
    label_en,
    label_ko,
    channel,
    message_class,
    campaign_id,
    sent_from,
    sent_until,
    touches_night,
    needs_third_party_consent,
    holdout_share,
    min_rows,
    max_rows,
    max_removed_share,
    destination,
    mode,
    requires_ad_consent,
    requires_night_consent,
    max_added_share,
    max_age_days,
    cap_messages,
    cap_days,
    member_limit
) as (

    {%- for audience in audiences %}

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
        {{ audience.holdout.share }}::double,
        {{ audience.guards.min_rows }}::bigint,
        {{ audience.guards.max_rows }}::bigint,
        {{ audience.guards.max_removed_share }}::double,
        {{ sql_text(audience.destination) }},
        {{ sql_text(audience.mode) }},
        {{ ('ad' in audience.required_consents) | lower }},
        {{ ('night_ad' in audience.required_consents) | lower }},
        {{ 'null' if audience.guards.max_added_share is none
            else audience.guards.max_added_share }}::double,
        {{ 'null' if audience.guards.max_age_days is none
            else audience.guards.max_age_days }}::int,
        {{ audience.cap.messages if audience.cap else 'null' }}::int,
        {{ audience.cap.days if audience.cap else 'null' }}::int,
        {{ audience.limit or 'null' }}::bigint
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        audience,
        count(*) as member_count,
        sum(case when reason is null then 1 else 0 end) as sendable_count
    from decisions
    group by audience

),

audiences as (

    select
        defined.audience,
        defined.label_en,
        defined.label_ko,
        defined.channel,
        defined.message_class,
        defined.campaign_id,
        defined.sent_from,
        defined.sent_until,
        defined.touches_night,
        (defined.message_class = 'ad' and channels.ad_needs_consent)
        or defined.requires_ad_consent as needs_ad_consent,
        (
            defined.message_class = 'ad'
            and channels.night_consent_applies
            and defined.touches_night
        )
        or defined.requires_night_consent as needs_night_consent,
        defined.needs_third_party_consent
        or destinations.passes_to_third_party as needs_third_party_consent,
        defined.holdout_share,
        defined.destination,
        destinations.adapter,
        defined.mode,
        defined.min_rows,
        defined.max_rows,
        defined.max_removed_share,
        defined.max_added_share,
        defined.max_age_days,
        defined.cap_messages,
        defined.cap_days,
        defined.member_limit,
        coalesce(counted.member_count, 0)::bigint as member_count,
        coalesce(counted.sendable_count, 0)::bigint as sendable_count,
        {{ as_of_date() }} as as_of_date
    from defined
    inner join channels
        on defined.channel = channels.channel
    inner join destinations
        on defined.destination = destinations.destination
    left join counted
        on defined.audience = counted.audience

)

select * from audiences
