with

source as (

    select * from {{ source('raw', 'campaign_messages') }}

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

channels as (

    select * from {{ ref('channels') }}

),

-- rows of erased people are counted in stg_erased_rows and stored nowhere
cleaned as (

    select
        message_id,
        campaign_id,
        variant,
        sent_at,
        delivered_at,
        opened_at,
        clicked_at,
        unsubscribed_at,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('channel')) }} as channel,
        {{ trimmed('customer_id') }} as customer_id
    from source
    where
        not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = {{ trimmed('source.customer_id') }}
        )

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.message_id, '') = ''
                then {{ fault('cleaned.message_id', 'missing_id') }}
            {{ time_fault('cleaned.sent_at') }}
            when channels.channel is null
                then {{ fault('cleaned.channel', 'unknown_channel') }}
            when cleaned.sent_at >= {{ as_of_end() }}
                then null
            when customers.customer_id is null
                then {{ fault('cleaned.customer_id', 'orphan') }}
        end as fault,
        cleaned.sent_at >= {{ as_of_end() }}
        or not coalesce(customers.is_kept, true) as is_not_yet
    from cleaned
    left join channels
        on cleaned.channel = channels.channel
    left join customers
        on cleaned.customer_id = customers.customer_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'message_id',
            'loaded_at',
            row_hash('campaign_messages')
        ) }} as version_rank
    from checked

),

judged as (

    select
        *,
        {{ row_state() }} as row_state
    from ranked

)

select * from judged
