with

candidates as (

    select * from {{ ref('int_audience_contacts') }}

),

definitions as (

    select * from {{ ref('audience_definitions') }}

),

customer_channels as (

    select * from {{ ref('int_customer_channels') }}

),

addressed as (

    select
        candidates.audience,
        candidates.customer_id,
        candidates.holdout_bucket,
        candidates.arm,
        candidates.data_state,
        candidates.is_recent_buyer,
        candidates.cap_left,
        definitions.channel,
        definitions.message_class,
        definitions.campaign_id,
        definitions.priority_list,
        definitions.priority_rank,
        case
            when candidates.data_state = 'known'
                then definitions.member_limit
        end as member_limit,
        definitions.holdout_buckets,
        definitions.needs_ad_consent,
        definitions.needs_night_consent,
        definitions.needs_third_party_consent,
        definitions.identifier_form,
        customer_channels.is_test,
        customer_channels.identifier,
        customer_channels.is_valid_identifier,
        customer_channels.is_suppressed,
        customer_channels.has_ad_consent,
        customer_channels.has_night_consent,
        customer_channels.has_third_party_consent,
        {{ destination_identifier(
            'definitions.identifier_form',
            'customer_channels.identifier',
            'candidates.customer_id'
        ) }} as destination_identifier
    from candidates
    inner join definitions
        on candidates.audience = definitions.audience
    left join customer_channels
        on
            candidates.customer_id = customer_channels.customer_id
            and definitions.channel = customer_channels.channel

),

-- what is not known to be allowed is not
checked as (

    select
        audience,
        customer_id,
        data_state,
        channel,
        message_class,
        campaign_id,
        priority_list,
        priority_rank,
        member_limit,
        arm,
        identifier,
        destination_identifier,
        cap_left,
        case
            when identifier_form = 'customer_id'
                then identifier
            else destination_identifier
        end as reached_at,
        {{ bucket(var('global_holdout_salt'), 'customer_id') }}
        < {{ (var('global_holdout_share') * 10000) | round | int }}
        and message_class = 'ad' as is_in_global_holdout,
        holdout_bucket < holdout_buckets as is_in_holdout,
        case
            when is_test
                then 'test_account'
            when identifier is null
                then 'no_identifier'
            when is_test is null
                then 'test_account'
            when is_valid_identifier is not true or destination_identifier is null
                then 'invalid_identifier'
            when is_suppressed is not false
                then 'suppressed'
            when needs_ad_consent is not false and has_ad_consent is not true
                then 'no_consent'
            when needs_night_consent is not false and has_night_consent is not true
                then 'no_night_consent'
            when
                needs_third_party_consent is not false
                and has_third_party_consent is not true
                then 'no_third_party_consent'
            when is_recent_buyer
                then 'recent_purchase'
            when cap_left <= 0 and data_state = 'known'
                then 'frequency_cap'
        end as own_reason
    from addressed

)

select * from checked
