{%- set audiences = audience_definitions() -%}
{%- set sources = message_sources() if execute else {} -%}

with

decisions as (

    select * from {{ ref('audience_decisions') }}

),

customers as (

    select * from {{ ref('customers') }}

),

message_facts as (

    select * from {{ ref('int_message_facts') }}

),

conditions as (

    select *
    from {{ ref('int_segment_conditions') }}
    where customer_reason_ko is not null and customer_reason_en is not null

),

segment_members as (

    select * from {{ ref('segment_members') }}

),

-- whoever is in a segment meets each of its conditions
first_reasons as (

    select
        segment,
        min_by(customer_reason_en, condition_number) as reason_en,
        min_by(customer_reason_ko, condition_number) as reason_ko
    from conditions
    group by segment

),

wanted_segments as (

    select
        null::string as audience,
        null::string as segment,
        0 as place
    where false

    {%- for audience in audiences
        if audience.variables.values() | select('in', ['reason_en', 'reason_ko']) | list %}
    {%- for segment in audience.segments.any_of + audience.segments.all_of %}

    union all

    select
        '{{ audience.name }}' as audience,
        {{ sql_text(segment) }} as segment,
        {{ loop.index }} as place
    {%- endfor %}
    {%- endfor %}

),

reasons as (

    select
        wanted_segments.audience,
        segment_members.customer_id,
        min_by(first_reasons.reason_en, wanted_segments.place) as reason_en,
        min_by(first_reasons.reason_ko, wanted_segments.place) as reason_ko
    from wanted_segments
    inner join first_reasons
        on wanted_segments.segment = first_reasons.segment
    inner join segment_members
        on wanted_segments.segment = segment_members.segment
    group by wanted_segments.audience, segment_members.customer_id

),

sendable as (

    select *
    from decisions
    where reason is null

),

spoken (audience, customer_id, variables) as (

    select
        null::string,
        null::string,
        null::string
    where false

    {%- for audience in audiences if audience.variables %}
    {%- set named = audience.variables.values() | list %}

    union all

    select
        sendable.audience,
        sendable.customer_id,
        {{ message_variables(audience.variables, sources) }}
    from sendable
    inner join customers
        on sendable.customer_id = customers.customer_id
    inner join message_facts
        on sendable.customer_id = message_facts.customer_id
    {%- if 'reason_en' in named or 'reason_ko' in named %}
    left join reasons
        on
            sendable.audience = reasons.audience
            and sendable.customer_id = reasons.customer_id
    {%- endif %}
    where sendable.audience = '{{ audience.name }}'
    {%- endfor %}

),

members as (

    select
        sendable.audience,
        sendable.customer_id,
        sendable.channel,
        sendable.identifier,
        sendable.message_class,
        sendable.campaign_id,
        sendable.arm,
        sendable.destination_identifier,
        spoken.variables,
        sendable.cap_left::int as cap_left
    from sendable
    left join spoken
        on
            sendable.audience = spoken.audience
            and sendable.customer_id = spoken.customer_id

)

select * from members
