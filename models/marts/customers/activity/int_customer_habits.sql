with

events as (

    select
        customer_id,
        occurred_at,
        nullif({{ trimmed('device') }}, '') as device,
        nullif({{ trimmed('os') }}, '') as os,
        nullif({{ trimmed('browser') }}, '') as browser,
        {{ business_hour('occurred_at') }} as hour_of_day
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90

),

known_customers as (

    select * from {{ ref('int_known_customers') }}

),

-- one pass over the events; each habit is counted from what is left
combined as (

    select
        customer_id,
        device,
        os,
        browser,
        hour_of_day,
        count(*) as event_count,
        max(occurred_at) as last_occurred_at
    from events
    group by customer_id, device, os, browser, hour_of_day

),

-- of hours that tie, the earliest counts and not the last
listed as (

    select
        customer_id,
        event_count,
        last_occurred_at,
        'device' as habit,
        device as used
    from combined

    union all

    select
        customer_id,
        event_count,
        last_occurred_at,
        'os' as habit,
        os as used
    from combined

    union all

    select
        customer_id,
        event_count,
        last_occurred_at,
        'browser' as habit,
        browser as used
    from combined

    union all

    select
        customer_id,
        event_count,
        null as last_occurred_at,
        'hour' as habit,
        lpad(hour_of_day::string, 2, '0') as used
    from combined

),

counted as (

    select
        customer_id,
        habit,
        used,
        sum(event_count) as event_count,
        max(last_occurred_at) as last_occurred_at
    from listed
    where used is not null
    group by customer_id, habit, used

),

strongest as (

    select
        customer_id,
        habit,
        used,
        count(*) over (partition by customer_id, habit) as used_count
    from counted
    qualify row_number() over (
        partition by customer_id, habit
        order by event_count desc, last_occurred_at desc, used asc
    ) = 1

),

habits as (

    select
        strongest.customer_id,
        max(case when strongest.habit = 'device' then strongest.used end)
            as primary_device,
        max(case when strongest.habit = 'os' then strongest.used end) as primary_os,
        max(case when strongest.habit = 'browser' then strongest.used end)
            as primary_browser,
        max(case when strongest.habit = 'hour' then strongest.used end)::int
            as best_hour,
        coalesce(
            max(case when strongest.habit = 'device' then strongest.used_count end), 0
        )::int as devices_used_90
    from strongest
    inner join known_customers
        on strongest.customer_id = known_customers.customer_id
    group by strongest.customer_id

)

select * from habits
