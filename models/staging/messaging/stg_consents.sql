{{ config(materialized='view') }}

with

source as (

    select * from {{ source('raw', 'consents') }}

),

-- a customer who is not known yet as of the date has wishes already
customers as (

    select customer_id
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
        changed_at,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('channel')) }} as channel,
        {{ lowered(trimmed('purpose')) }} as purpose,
        {{ lowered(trimmed('status')) }} as status,
        {{ trimmed('customer_id') }} as customer_id
    from source
    where
        not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = {{ trimmed('source.customer_id') }}
        )

),

-- a withdrawal counts once it is loaded, whatever its time; a grant when it is due
checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.customer_id, '') = ''
                then {{ fault('cleaned.customer_id', 'missing_id') }}
            when
                cleaned.status is null
                or cleaned.status not in ('granted', 'withdrawn')
                then {{ fault('cleaned.status', 'unknown_status') }}
            when channels.channel is null
                then {{ fault('cleaned.channel', 'unknown_channel') }}
            when
                cleaned.purpose is null
                or cleaned.purpose not in ('ad', 'night_ad', 'third_party')
                then {{ fault('cleaned.purpose', 'unknown_purpose') }}
            when cleaned.status = 'withdrawn' and customers.customer_id is not null
                then null
            {{ time_fault('cleaned.changed_at') }}
            when customers.customer_id is null
                then {{ fault('cleaned.customer_id', 'orphan') }}
        end as fault,
        cleaned.status = 'granted'
        and cleaned.changed_at >= {{ as_of_end() }} as is_not_yet
    from cleaned
    left join customers
        on cleaned.customer_id = customers.customer_id
    left join channels
        on cleaned.channel = channels.channel

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'customer_id, channel, purpose, changed_at, status',
            'loaded_at',
            row_hash('consents')
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
