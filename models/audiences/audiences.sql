{%- set audiences = audience_definitions() -%}

with

decisions as (

    select * from {{ ref('audience_decisions') }}

),

defined as (

    {%- for audience in audiences %}

    select
        '{{ audience.name }}' as audience,
        {{ sql_text(audience.label.en) }} as label_en,
        {{ sql_text(audience.label.ko) }} as label_ko,
        '{{ audience.channel }}' as channel,
        '{{ audience.message_class }}' as message_class,
        {{ sql_text(audience.campaign) }} as campaign_id,
        '{{ audience.send_window[0] }}' as sent_from,
        '{{ audience.send_window[1] }}' as sent_until,
        {{ audience.touches_night | lower }} as touches_night,
        {{ audience.third_party | lower }} as needs_third_party_consent,
        {{ audience.holdout.share }}::double as holdout_share,
        {{ audience.guards.min_rows }}::bigint as min_rows,
        {{ audience.guards.max_rows }}::bigint as max_rows,
        {{ audience.guards.max_removed_share }}::double as max_removed_share
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
        defined.*,
        coalesce(counted.member_count, 0)::bigint as member_count,
        coalesce(counted.sendable_count, 0)::bigint as sendable_count,
        {{ as_of_date() }} as as_of_date
    from defined
    left join counted
        on defined.audience = counted.audience

)

select * from audiences
