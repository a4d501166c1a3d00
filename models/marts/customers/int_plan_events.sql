with

events as (

    select
        customer_id,
        event_id,
        event_name,
        occurred_at,
        occurred_on,
        {{ lowered(trimmed(json_text('properties', 'from'))) }} as stated_from_plan,
        case
            when event_name = 'plan_change'
                then {{ lowered(trimmed(json_text('properties', 'to'))) }}
        end as to_plan,
        {{ trimmed(json_text('properties', 'days')) }} as days_text
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and event_name in ('trial_start', 'plan_change', 'subscription_cancel')

),

plan_prices as (

    select *
    from {{ ref('stg_plan_prices') }}
    where row_state = 'kept'

),

price_spans as (

    select
        plan,
        monthly_price,
        valid_from,
        lead(valid_from) over (
            partition by plan
            order by valid_from
        ) as valid_to
    from plan_prices

),

-- what an event does not say it left, it left what the one before it went to
followed as (

    select
        *,
        coalesce(
            stated_from_plan,
            lag(to_plan) over (
                partition by customer_id
                order by occurred_at, event_id
            )
        ) as from_plan
    from events

),

-- without a price list, only what is called free costs nothing
priced as (

    select
        followed.*,
        coalesce(
            from_prices.monthly_price, case when followed.from_plan = 'free' then 0 end
        ) as from_price,
        coalesce(
            to_prices.monthly_price, case when followed.to_plan = 'free' then 0 end
        ) as to_price
    from followed
    left join price_spans as from_prices
        on
            followed.from_plan = from_prices.plan
            and followed.occurred_on >= from_prices.valid_from
            and coalesce(followed.occurred_on < from_prices.valid_to, true)
    left join price_spans as to_prices
        on
            followed.to_plan = to_prices.plan
            and followed.occurred_on >= to_prices.valid_from
            and coalesce(followed.occurred_on < to_prices.valid_to, true)

),

judged as (

    select
        customer_id,
        event_id,
        event_name,
        occurred_at,
        occurred_on,
        case
            when event_name <> 'trial_start'
                then null
            when {{ matches('days_text', '^[1-9][0-9]{0,2}$') }}
                then occurred_on + days_text::int
            else occurred_on + {{ var('trial_days') }}
        end as trial_ends_on,
        event_name = 'plan_change'
        and coalesce(to_plan, '') <> ''
        and coalesce(to_price > 0, true) as is_subscription,
        case
            when event_name = 'subscription_cancel'
                then 'cancelled'
            when event_name = 'plan_change' and to_price = 0 and from_price > 0
                then 'cancelled'
            when event_name = 'plan_change' and to_price > from_price
                then 'upgraded'
            when event_name = 'plan_change' and to_price < from_price
                then 'downgraded'
        end as plan_change
    from priced

)

select * from judged
