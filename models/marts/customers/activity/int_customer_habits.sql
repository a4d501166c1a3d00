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

views as (

    select
        customer_id,
        event_name,
        occurred_at,
        product_id,
        nullif({{ trimmed('page') }}, '') as page
    from {{ ref('stg_events') }}
    where
        row_state = 'kept'
        and customer_id is not null
        and occurred_on > {{ as_of_date() }} - 90
        and event_name in ('content_view', 'product_view')

),

products as (

    select
        product_id,
        nullif({{ trimmed('category') }}, '') as category
    from {{ ref('stg_products') }}
    where row_state = 'kept'

),

known_customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

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

    {%- for habit in ('device', 'os', 'browser') %}

    select
        customer_id,
        event_count,
        last_occurred_at,
        '{{ habit }}' as habit,
        {{ habit }} as used
    from combined

    union all
    {%- endfor %}

    select
        customer_id,
        event_count,
        null as last_occurred_at,
        'hour' as habit,
        lpad(hour_of_day::string, 2, '0') as used
    from combined

    union all

    select
        views.customer_id,
        1 as event_count,
        views.occurred_at as last_occurred_at,
        'content' as habit,
        case
            when views.event_name = 'content_view'
                then views.page
            else products.category
        end as used
    from views
    left join products
        on views.product_id = products.product_id

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
        max(strongest.used) filter (where strongest.habit = 'device') as primary_device,
        max(strongest.used) filter (where strongest.habit = 'os') as primary_os,
        max(strongest.used) filter (where strongest.habit = 'browser')
            as primary_browser,
        max(strongest.used) filter (where strongest.habit = 'content')
            as favourite_content,
        max(case when strongest.habit = 'hour' then strongest.used end)::int
            as best_hour,
        coalesce(
            max(strongest.used_count) filter (where strongest.habit = 'device'), 0
        )::int as devices_used_90
    from strongest
    inner join known_customers
        on strongest.customer_id = known_customers.customer_id
    group by strongest.customer_id

)

select * from habits
