{%- set key_counts = [] -%}
{%- for event in var('trial_key_events') -%}
    {%- do key_counts.append(
        'customer_days.' ~ ('order' if event == 'purchase' else event) ~ '_count'
    ) -%}
{%- endfor -%}

with

events as (

    select
        customer_id,
        event_id,
        event_name,
        occurred_at,
        occurred_on,
        {{ lowered(trimmed(json_text('properties', 'from'))) }} as from_plan,
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

customers as (

    select
        customer_id,
        nullif(plan, '') as plan
    from {{ ref('stg_customers') }}
    where row_state = 'kept' and not is_test

),

plan_prices as (

    select *
    from {{ ref('stg_plan_prices') }}
    where row_state = 'kept'

),

customer_days as (

    select * from {{ ref('customer_days') }}

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
        customer_id,
        event_id,
        event_name,
        occurred_at,
        occurred_on,
        days_text,
        to_plan,
        coalesce(
            from_plan,
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
        days_text,
        event_name = 'plan_change'
        and to_plan <> ''
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

),

last_changes as (

    select
        customer_id,
        plan_change,
        occurred_on as changed_on
    from judged
    where plan_change is not null
    qualify row_number() over (
        partition by customer_id
        order by occurred_at desc, event_id desc
    ) = 1

),

last_trials as (

    select
        customer_id,
        occurred_at as started_at,
        occurred_on as started_on,
        occurred_on + case
            when {{ matches('days_text', '^[1-9][0-9]{0,2}$') }} then days_text::int
            else {{ var('trial_days') }}
        end as ends_on
    from judged
    where event_name = 'trial_start'
    qualify row_number() over (
        partition by customer_id
        order by occurred_at desc, event_id desc
    ) = 1

),

-- a trial of which the event is not told may have led to the plan of the profile
outcomes as (

    select
        last_trials.customer_id,
        last_trials.started_on,
        last_trials.ends_on,
        min(case when judged.is_subscription then judged.occurred_on end)
            as subscribed_on,
        min(
            case
                when judged.event_name = 'subscription_cancel' then judged.occurred_on
            end
        ) as cancelled_on,
        bool_or(
            customers.plan is not null
            and coalesce(price_spans.monthly_price > 0, customers.plan <> 'free')
        ) as has_plan
    from last_trials
    inner join customers
        on last_trials.customer_id = customers.customer_id
    left join judged
        on
            last_trials.customer_id = judged.customer_id
            and last_trials.started_at < judged.occurred_at
    left join price_spans
        on
            customers.plan = price_spans.plan
            and price_spans.valid_to is null
    group by
        last_trials.customer_id,
        last_trials.started_on,
        last_trials.ends_on

),

trials as (

    select
        *,
        case
            when
                subscribed_on is not null
                or (ends_on <= {{ as_of_date() }} and has_plan)
                then 'converted'
            when ends_on <= {{ as_of_date() }} or cancelled_on is not null
                then 'ended'
            else 'active'
        end as trial_state
    from outcomes

),

-- key actions are those of a trial: until it ends, is cancelled or has led to a plan
actions as (

    select
        trials.customer_id,
        sum(
            {{ key_counts | join(' + ') }}
        ) as key_actions
    from trials
    inner join customer_days
        on
            trials.customer_id = customer_days.customer_id
            and trials.started_on <= customer_days.active_on
            and trials.ends_on > customer_days.active_on
            and coalesce(trials.subscribed_on >= customer_days.active_on, true)
            and coalesce(trials.cancelled_on >= customer_days.active_on, true)
    group by trials.customer_id

),

customer_plans as (

    select
        customers.customer_id,
        coalesce(trials.trial_state, 'none') as trial_state,
        case
            when trials.trial_state = 'active'
                then {{ days_between(as_of_date(), 'trials.ends_on') }}
        end::int as trial_days_left,
        case
            when trials.customer_id is not null
                then coalesce(actions.key_actions, 0)
        end::int as trial_key_actions,
        last_changes.plan_change as last_plan_change,
        {{ days_between('last_changes.changed_on', as_of_date()) }}::int
            as days_since_plan_change
    from customers
    left join trials
        on customers.customer_id = trials.customer_id
    left join actions
        on customers.customer_id = actions.customer_id
    left join last_changes
        on customers.customer_id = last_changes.customer_id
    where trials.customer_id is not null or last_changes.customer_id is not null

)

select * from customer_plans
