{%- set audiences = audience_definitions() -%}

with

segment_members as (

    select * from {{ ref('segment_members') }}

),

customer_channels as (

    select * from {{ ref('int_customer_channels') }}

),

channels as (

    select * from {{ ref('channels') }}

),

destinations as (

    select * from {{ ref('destinations') }}

),

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

order_lines as (

    select
        order_id,
        product_id,
        category
    from {{ ref('order_lines') }}

),

campaigns as (

    select *
    from {{ ref('stg_campaigns') }}
    where row_state = 'kept'

),

campaign_messages as (

    select *
    from {{ ref('stg_campaign_messages') }}
    where row_state = 'kept'

),

audiences as (

    {%- for audience in audiences %}

    select
        {{ sql_text(audience.name) }} as audience,
        {{ sql_text(audience.channel) }} as channel,
        {{ sql_text(audience.message_class) }} as message_class,
        {{ sql_text(audience.campaign) }} as campaign_id,
        {{ sql_text(audience.destination) }} as destination,
        {{ ('ad' in audience.required_consents) | lower }} as requires_ad_consent,
        {{ ('night_ad' in audience.required_consents) | lower }}
            as requires_night_consent,
        {{ audience.third_party | lower }} as needs_third_party_consent,
        {{ audience.touches_night | lower }} as touches_night,
        {{ (audience.holdout.share * 10000) | round | int }} as holdout_buckets,
        {{ sql_text(audience.priority.list) if audience.priority else 'null' }}
            as priority_list,
        {{ audience.priority.rank if audience.priority else 'null' }} as priority_rank,
        {{ audience.cap.messages if audience.cap else 'null' }}::int as cap_messages,
        {{ audience.limit or 'null' }}::bigint as member_limit
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

candidates as (

    {%- for audience in audiences %}
    {%- set segments = audience.segments %}

    select
        {{ sql_text(audience.name) }} as audience,
        customer_id,
        {{ bucket(audience.holdout.salt, 'customer_id') }} as holdout_bucket,
        {{ bucket(audience.split.salt, 'customer_id') if audience.split else 'null' }}
            as arm_bucket
    from segment_members
    where
        segment in
        {{ sql_list(segments.any_of + segments.all_of + segments.none_of) }}
    group by customer_id
    having
        {{ 'bool_or(segment in ' ~ sql_list(segments.any_of) ~ ')'
            if segments.any_of else 'true' }}
        {%- for segment in segments.all_of %}
        and bool_or(segment = {{ sql_text(segment) }})
        {%- endfor %}
        {%- if segments.none_of %}
        and not bool_or(segment in {{ sql_list(segments.none_of) }})
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- an arm has the buckets from one number up to the next
arms as (

    select
        null::string as audience,
        null::string as arm,
        0 as first_bucket,
        0 as next_bucket
    where false

    {%- for audience in audiences if audience.split %}
    {%- for arm in audience.split.arms %}

    union all

    select
        {{ sql_text(audience.name) }} as audience,
        {{ sql_text(arm.name) }} as arm,
        {{ arm.first_bucket }} as first_bucket,
        {{ arm.next_bucket }} as next_bucket
    {%- endfor %}
    {%- endfor %}

),

-- an order without lines is still a purchase
bought as (

    select
        orders.customer_id,
        orders.ordered_on,
        order_lines.product_id,
        order_lines.category
    from orders
    left join order_lines
        on orders.order_id = order_lines.order_id

),

-- bought what is promoted, or anything where the audience promotes nothing special
recent_buyers as (

    select
        null::string as audience,
        null::string as customer_id
    where false

    {%- for audience in audiences if audience.cool_down %}

    union all

    select
        {{ sql_text(audience.name) }} as audience,
        customer_id
    from bought
    where
        ordered_on > {{ as_of_date() }} - {{ audience.cool_down.days }}
        and {{ promoted_products(audience.cool_down) }}
    group by customer_id
    {%- endfor %}

),

-- what is not known to be information counts as advertising
sent_messages as (

    select
        campaign_messages.customer_id,
        campaign_messages.channel,
        case
            when campaigns.message_class = 'info'
                then 'info'
            else 'ad'
        end as message_class,
        {{ business_date('campaign_messages.sent_at') }} as sent_on
    from campaign_messages
    left join campaigns
        on campaign_messages.campaign_id = campaigns.campaign_id

),

counted_messages as (

    select
        null::string as audience,
        null::string as customer_id,
        0 as message_count
    where false

    {%- for audience in audiences if audience.cap %}

    union all

    select
        {{ sql_text(audience.name) }} as audience,
        customer_id,
        count(*) as message_count
    from sent_messages
    where
        channel = {{ sql_text(audience.channel) }}
        and message_class = {{ sql_text(audience.message_class) }}
        and sent_on > {{ as_of_date() }} - {{ audience.cap.days }}
    group by customer_id
    {%- endfor %}

),

addressed as (

    select
        candidates.audience,
        candidates.customer_id,
        candidates.holdout_bucket,
        arms.arm,
        customer_channels.is_test,
        customer_channels.identifier,
        customer_channels.is_valid_identifier,
        customer_channels.is_suppressed,
        customer_channels.has_ad_consent,
        customer_channels.has_night_consent,
        customer_channels.has_third_party_consent,
        {{ destination_identifier(
            'destinations.identifier_form',
            'customer_channels.identifier',
            'candidates.customer_id'
        ) }} as destination_identifier,
        destinations.identifier_form = 'customer_id' as is_called_by_customer_id,
        (
            audiences.needs_third_party_consent
            or destinations.passes_to_third_party
        ) as needs_third_party_consent,
        audiences.cap_messages - coalesce(counted_messages.message_count, 0)
            as cap_left
    from candidates
    inner join audiences
        on candidates.audience = audiences.audience
    inner join destinations
        on audiences.destination = destinations.destination
    left join arms
        on
            candidates.audience = arms.audience
            and candidates.arm_bucket >= arms.first_bucket
            and candidates.arm_bucket < arms.next_bucket
    left join customer_channels
        on
            candidates.customer_id = customer_channels.customer_id
            and audiences.channel = customer_channels.channel
    left join counted_messages
        on
            candidates.audience = counted_messages.audience
            and candidates.customer_id = counted_messages.customer_id

),

-- what is not known to be allowed is not
checked as (

    select
        addressed.audience,
        addressed.customer_id,
        audiences.channel,
        audiences.message_class,
        audiences.campaign_id,
        audiences.priority_list,
        audiences.priority_rank,
        audiences.member_limit,
        addressed.arm,
        addressed.identifier,
        addressed.destination_identifier,
        addressed.cap_left,
        case
            when addressed.is_called_by_customer_id
                then addressed.identifier
            else addressed.destination_identifier
        end as reached_at,
        {{ bucket(var('global_holdout_salt'), 'addressed.customer_id') }}
        < {{ (var('global_holdout_share') * 10000) | round | int }}
        and audiences.message_class = 'ad' as is_in_global_holdout,
        addressed.holdout_bucket < audiences.holdout_buckets as is_in_holdout,
        case
            when addressed.is_test
                then 'test_account'
            when addressed.identifier is null
                then 'no_identifier'
            when addressed.is_test is null
                then 'test_account'
            when
                addressed.is_valid_identifier is not true
                or addressed.destination_identifier is null
                then 'invalid_identifier'
            when addressed.is_suppressed is not false
                then 'suppressed'
            when
                (
                    audiences.requires_ad_consent
                    or (
                        audiences.message_class = 'ad'
                        and channels.ad_needs_consent is not false
                    )
                )
                and addressed.has_ad_consent is not true
                then 'no_consent'
            when
                (
                    audiences.requires_night_consent
                    or (
                        audiences.message_class = 'ad'
                        and channels.night_consent_applies is not false
                        and audiences.touches_night
                    )
                )
                and addressed.has_night_consent is not true
                then 'no_night_consent'
            when
                addressed.needs_third_party_consent is not false
                and addressed.has_third_party_consent is not true
                then 'no_third_party_consent'
            when recent_buyers.customer_id is not null
                then 'recent_purchase'
            when addressed.cap_left <= 0
                then 'frequency_cap'
        end as own_reason
    from addressed
    inner join audiences
        on addressed.audience = audiences.audience
    inner join channels
        on audiences.channel = channels.channel
    left join recent_buyers
        on
            addressed.audience = recent_buyers.audience
            and addressed.customer_id = recent_buyers.customer_id

),

-- in a priority list the first audience that may have the customer keeps them
prioritised as (

    select
        *,
        first_value(audience) over by_priority as first_audience
    from checked
    where own_reason is null and priority_list is not null
    window by_priority as (
        partition by priority_list, customer_id
        order by priority_rank, audience
    )

),

lost_to as (

    select
        audience,
        customer_id,
        first_audience
    from prioritised
    where audience <> first_audience

),

contested as (

    select
        checked.*,
        lost_to.first_audience as lost_to,
        case
            when lost_to.first_audience is not null
                then 'lower_priority'
            else checked.own_reason
        end as earlier_reason
    from checked
    left join lost_to
        on
            checked.audience = lost_to.audience
            and checked.customer_id = lost_to.customer_id

),

-- two customers who are reached at one address are one receiver
shared as (

    select
        *,
        row_number() over (
            partition by audience, reached_at, earlier_reason is null
            order by customer_id
        ) as identifier_rank
    from contested

),

deduplicated as (

    select
        *,
        case
            when earlier_reason is not null
                then earlier_reason
            when identifier_rank > 1
                then 'duplicate_identifier'
        end as reason_before_limit,
        case
            when member_limit is not null
                then {{ sha256_hex(
                    "'limit|' || audience || '|' || customer_id"
                ) }}
        end as limit_hash
    from shared

),

-- before the holdouts, which are a part of those whom a limit lets in
limited as (

    select
        *,
        row_number() over (
            partition by audience, reason_before_limit is null
            order by limit_hash, customer_id
        ) as limit_rank
    from deduplicated

),

decided as (

    select
        audience,
        customer_id,
        channel,
        message_class,
        campaign_id,
        identifier,
        destination_identifier,
        arm,
        cap_left,
        lost_to,
        case
            when reason_before_limit is not null
                then reason_before_limit
            when limit_rank > member_limit
                then 'over_limit'
            when is_in_global_holdout
                then 'global_holdout'
            when is_in_holdout
                then 'holdout'
        end as reason
    from limited

)

select * from decided
