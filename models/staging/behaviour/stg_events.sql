-- depends_on: {{ ref('holidays') }}: quiet days are judged by them
with

source as (

    select * from {{ source('raw', 'events') }}

),

-- not kept means: the customer is not known yet as of the date
customers as (

    select
        customer_id,
        bool_or(row_state = 'kept') as is_kept
    from {{ ref('stg_customers') }}
    where row_state in ('kept', 'not_yet')
    group by customer_id

),

deletion_requests as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'
    group by customer_id

),

cleaned as {{ streamed() }} (

    select
        event_id,
        anonymous_id,
        occurred_at,
        received_at,
        product_id,
        search_term,
        page,
        os,
        browser,
        app_version,
        duration_seconds,
        campaign_id,
        properties,
        loaded_at,
        source_file,
        source_row,
        nullif({{ trimmed('customer_id') }}, '') as customer_id,
        {{ lowered(trimmed('event_name')) }} as event_name,
        {{ lowered(trimmed('device')) }} as device
    from source

),

repeated_events as (

    select event_id
    from source
    group by event_id
    having count(*) > 1

),

-- rows of erased people are counted in stg_erased_rows and stored nowhere
checked as {{ streamed() }} (

    select
        cleaned.*,
        {{ business_date('cleaned.occurred_at') }} as occurred_on,
        case
            when coalesce(cleaned.event_id, '') = ''
                then {{ fault('cleaned.event_id', 'missing_id') }}
            {{ time_fault('cleaned.occurred_at') }}
            when coalesce({{ trimmed('cleaned.event_name') }}, '') = ''
                then {{ fault('cleaned.event_name', 'missing_event_name') }}
            when cleaned.occurred_at >= {{ as_of_end() }}
                then null
            when
                coalesce({{ trimmed('cleaned.customer_id') }}, '') <> ''
                and customers.customer_id is null
                then {{ fault('cleaned.customer_id', 'orphan') }}
        end as fault,
        cleaned.occurred_at >= {{ as_of_end() }}
        or not coalesce(customers.is_kept, true) as is_not_yet,
        repeated_events.event_id is not null as is_repeated
    from cleaned
    left join customers
        on cleaned.customer_id = customers.customer_id
    left join repeated_events
        on cleaned.event_id = repeated_events.event_id
    left join deletion_requests
        on cleaned.customer_id = deletion_requests.customer_id
    where deletion_requests.customer_id is null

),

-- a window over all events, to rank the few repeated ones, cost half as much again
ranked as (

    select
        *,
        1 as version_rank
    from checked
    where not is_repeated

    union all

    select
        *,
        row_number() over {{ version_window(
            'event_id', 'loaded_at', row_hash('events')
        ) }} as version_rank
    from checked
    where is_repeated

),

judged as (

    select
        event_id,
        customer_id,
        anonymous_id,
        event_name,
        occurred_at,
        occurred_on,
        received_at,
        product_id,
        search_term,
        page,
        device,
        os,
        browser,
        app_version,
        duration_seconds,
        campaign_id,
        properties,
        loaded_at,
        source_file,
        source_row,
        fault,
        is_not_yet,
        version_rank,
        {{ row_state() }} as row_state
    from ranked

)

select * from judged
