with

source as (

    select * from {{ source('raw', 'blocked_ids') }}

),

deletion_requests as (

    select customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'
    group by customer_id

),

-- rows of erased people are counted in stg_erased_rows and stored nowhere
cleaned as (

    select
        loaded_at,
        source_file,
        source_row,
        {{ trimmed('id') }} as id
    from source
    where
        not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = {{ trimmed('source.id') }}
        )

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.id, '') = ''
                then {{ fault('cleaned.id', 'missing_id') }}
        end as fault,
        false as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'id',
            'loaded_at',
            row_hash('blocked_ids')
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
