with

source as (

    select * from {{ source('raw', 'account_technologies') }}

),

accounts as (

    select account_id
    from {{ ref('stg_accounts') }}
    where row_state = 'kept'

),

cleaned as (

    select
        account_id,
        vendor,
        product,
        first_seen_on,
        last_seen_on,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('category')) }} as category
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.account_id, '') = ''
                then {{ fault('cleaned.account_id', 'missing_id') }}
            when coalesce(cleaned.category, '') = ''
                then {{ fault('cleaned.category', 'missing_id') }}
            when coalesce(cleaned.vendor, '') = ''
                then {{ fault('cleaned.vendor', 'missing_id') }}
            when coalesce(cleaned.product, '') = ''
                then {{ fault('cleaned.product', 'missing_id') }}
            {{ day_fault('cleaned.first_seen_on') }}
            when cleaned.last_seen_on < cleaned.first_seen_on
                then {{ fault('cleaned.last_seen_on', 'ended_before_started') }}
            when {{ is_after_load('cleaned.last_seen_on') }}
                then {{ fault('cleaned.last_seen_on', 'future_time') }}
            when accounts.account_id is null
                then {{ fault('cleaned.account_id', 'orphan') }}
        end as fault,
        cleaned.first_seen_on > {{ as_of_date() }} as is_not_yet
    from cleaned
    left join accounts
        on cleaned.account_id = accounts.account_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'account_id, category, vendor, product',
            'loaded_at',
            row_hash('account_technologies')
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
