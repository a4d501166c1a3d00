with

source as (

    select * from {{ source('raw', 'customer_attributes') }}

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

-- rows of erased people are counted in stg_erased_rows and stored nowhere
cleaned as (

    select
        source.declared_at,
        source.loaded_at,
        source.source_file,
        source.source_row,
        {{ trimmed('source.customer_id') }} as customer_id,
        {{ lowered(trimmed('source.attribute')) }} as attribute,
        {{ trimmed('source.value') }} as value,
        {{ lowered(trimmed('source.source')) }} as source
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
            when coalesce(cleaned.customer_id, '') = ''
                then {{ fault('cleaned.customer_id', 'missing_id') }}
            when coalesce(cleaned.attribute, '') = ''
                then {{ fault('cleaned.attribute', 'missing_id') }}
            when coalesce(cleaned.value, '') = ''
                then {{ fault('cleaned.value', 'missing_value') }}
            when
                cleaned.source is null
                or cleaned.source not in ('declared', 'inferred')
                then {{ fault('cleaned.source', 'unknown_source') }}
            {{ time_fault('cleaned.declared_at') }}
            when cleaned.declared_at >= {{ as_of_end() }}
                then null
            when customers.customer_id is null
                then {{ fault('cleaned.customer_id', 'orphan') }}
        end as fault,
        cleaned.declared_at >= {{ as_of_end() }}
        or not coalesce(customers.is_kept, true) as is_not_yet
    from cleaned
    left join customers
        on cleaned.customer_id = customers.customer_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'customer_id, attribute, source',
            'declared_at',
            row_hash('customer_attributes')
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
