with

source as (

    select * from {{ source('raw', 'identity_links') }}

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
        linked_at,
        loaded_at,
        source_file,
        source_row,
        {{ trimmed('from_id') }} as from_id,
        {{ trimmed('to_id') }} as to_id,
        {{ lowered(trimmed('method')) }} as method
    from source
    where
        not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = {{ trimmed('source.from_id') }}
        )
        and not exists (
            select 1
            from deletion_requests
            where deletion_requests.customer_id = {{ trimmed('source.to_id') }}
        )

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.from_id, '') = ''
                then {{ fault('cleaned.from_id', 'missing_id') }}
            when coalesce(cleaned.to_id, '') = ''
                then {{ fault('cleaned.to_id', 'missing_id') }}
            when cleaned.from_id = cleaned.to_id
                then {{ fault('cleaned.to_id', 'self_link') }}
            {{ time_fault('cleaned.linked_at') }}
        end as fault,
        cleaned.linked_at >= {{ as_of_end() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'from_id, to_id',
            'linked_at',
            row_hash('identity_links')
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
