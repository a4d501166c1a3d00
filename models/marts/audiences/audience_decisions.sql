with

checked as (

    select * from {{ ref('int_audience_checks') }}

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
    where audience <> first_audience and data_state = 'known'

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
