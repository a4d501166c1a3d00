with

source as (

    select * from {{ source('raw', 'customers') }}

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
        created_at,
        email,
        phone,
        name,
        birth_date,
        birthday,
        country,
        region,
        city,
        language,
        interests,
        signup_channel,
        signup_campaign,
        points,
        points_expire_on,
        push_token,
        push_token_at,
        push_enabled,
        account_id,
        account_role,
        updated_at,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('gender')) }} as gender,
        {{ lowered(trimmed('plan')) }} as plan,
        nullif({{ trimmed('membership_grade') }}, '') as membership_grade,
        coalesce(is_test, false) as is_test,
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
        coalesce(cleaned.updated_at, cleaned.created_at) as version_at,
        case
            when coalesce(cleaned.customer_id, '') = ''
                then {{ fault('cleaned.customer_id', 'missing_id') }}
            {{ time_fault('cleaned.created_at') }}
            when cleaned.updated_at > cleaned.loaded_at + interval 5 minute
                then {{ fault('cleaned.updated_at', 'future_time') }}
        end as fault,
        greatest(cleaned.created_at, cleaned.updated_at) >= {{ as_of_end() }}
            as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'customer_id',
            'version_at',
            row_hash('customers')
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
