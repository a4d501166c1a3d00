{%- set key_counts = [] -%}
{%- for name, event in (event_registry() if execute else {}).items() -%}
    {%- do key_counts.append('customer_days.' ~ event.column)
        if name in var('trial_key_events') -%}
{%- endfor -%}

with

known_customers as (

    select
        customer_id,
        nullif(plan, '') as plan
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

plan_events as (

    select * from {{ ref('int_plan_events') }}

),

customer_days as (

    select * from {{ ref('customer_days') }}

),

plan_prices as (

    select
        plan,
        max_by(monthly_price, valid_from) as monthly_price
    from {{ ref('stg_plan_prices') }}
    where row_state = 'kept'
    group by plan

),

last_changes as (

    select *
    from plan_events
    where plan_change is not null
    qualify row_number() over (
        partition by customer_id
        order by occurred_at desc, event_id desc
    ) = 1

),

last_trials as (

    select *
    from plan_events
    where event_name = 'trial_start'
    qualify row_number() over (
        partition by customer_id
        order by occurred_at desc, event_id desc
    ) = 1

),

followed as (

    select
        last_trials.customer_id,
        min(plan_events.occurred_on) filter (where plan_events.is_subscription)
            as subscribed_on,
        min(plan_events.occurred_on) filter (
            where plan_events.event_name = 'subscription_cancel'
        ) as cancelled_on
    from last_trials
    inner join plan_events
        on
            last_trials.customer_id = plan_events.customer_id
            and last_trials.occurred_at < plan_events.occurred_at
    group by last_trials.customer_id

),

-- a trial of which the event is not told may have led to the plan of the profile
outcomes as (

    select
        known_customers.customer_id,
        last_trials.occurred_on as started_on,
        last_trials.trial_ends_on as ends_on,
        followed.subscribed_on,
        followed.cancelled_on,
        case
            when
                followed.subscribed_on is not null
                or (
                    last_trials.trial_ends_on <= {{ as_of_date() }}
                    and known_customers.plan is not null
                    and coalesce(
                        plan_prices.monthly_price > 0, known_customers.plan <> 'free'
                    )
                )
                then 'converted'
            when
                last_trials.trial_ends_on <= {{ as_of_date() }}
                or followed.cancelled_on is not null
                then 'ended'
            else 'active'
        end as trial_state
    from known_customers
    inner join last_trials
        on known_customers.customer_id = last_trials.customer_id
    left join followed
        on known_customers.customer_id = followed.customer_id
    left join plan_prices
        on known_customers.plan = plan_prices.plan

),

-- key actions are those of a trial: until it ends, is cancelled or has led to a plan
actions as (

    select
        outcomes.customer_id,
        sum(
            {{ key_counts | join(' + ') }}
        ) as key_actions
    from outcomes
    inner join customer_days
        on
            outcomes.customer_id = customer_days.customer_id
            and outcomes.started_on <= customer_days.active_on
            and outcomes.ends_on > customer_days.active_on
            and coalesce(outcomes.subscribed_on >= customer_days.active_on, true)
            and coalesce(outcomes.cancelled_on >= customer_days.active_on, true)
    group by outcomes.customer_id

),

plans as (

    select
        known_customers.customer_id,
        coalesce(outcomes.trial_state, 'none') as trial_state,
        case
            when outcomes.trial_state = 'active'
                then {{ days_between(as_of_date(), 'outcomes.ends_on') }}
        end::int as trial_days_left,
        case
            when outcomes.customer_id is not null
                then coalesce(actions.key_actions, 0)
        end::int as trial_key_actions,
        last_changes.plan_change as last_plan_change,
        {{ days_between('last_changes.occurred_on', as_of_date()) }}::int
            as days_since_plan_change
    from known_customers
    left join outcomes
        on known_customers.customer_id = outcomes.customer_id
    left join actions
        on known_customers.customer_id = actions.customer_id
    left join last_changes
        on known_customers.customer_id = last_changes.customer_id

)

select * from plans
