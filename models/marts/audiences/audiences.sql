with

definitions as (

    select * from {{ ref('audience_definitions') }}

),

counted as (

    select
        audience,
        count(*) as member_count,
        count(*) filter (where reason is null) as sendable_count
    from {{ ref('audience_decisions') }}
    group by audience

),

audiences as (

    select
        definitions.audience,
        definitions.label_en,
        definitions.label_ko,
        definitions.channel,
        definitions.message_class,
        definitions.campaign_id,
        definitions.sent_from,
        definitions.sent_until,
        definitions.touches_night,
        definitions.needs_ad_consent,
        definitions.needs_night_consent,
        definitions.needs_third_party_consent,
        definitions.holdout_share,
        definitions.destination,
        definitions.adapter,
        definitions.mode,
        definitions.min_rows,
        definitions.max_rows,
        definitions.max_removed_share,
        definitions.max_added_share,
        definitions.max_age_days,
        definitions.cap_messages,
        definitions.cap_days,
        definitions.member_limit,
        definitions.data_state,
        definitions.missing_data,
        coalesce(counted.member_count, 0)::bigint as member_count,
        coalesce(counted.sendable_count, 0)::bigint as sendable_count,
        {{ as_of_date() }} as as_of_date
    from definitions
    left join counted
        on definitions.audience = counted.audience

)

select * from audiences
