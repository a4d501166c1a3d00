with

source as (

    select * from {{ source('raw', 'acquisition_costs') }}

),

cleaned as (

    select
        month,
        cost,
        loaded_at,
        source_file,
        source_row,
        {{ trimmed('signup_channel') }} as signup_channel
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.signup_channel, '') = ''
                then {{ fault('cleaned.signup_channel', 'missing_id') }}
            {{ month_fault('cleaned.month') }}
            when cleaned.cost is null
                then {{ fault('cleaned.cost', 'missing_amount') }}
            when cleaned.cost < 0
                then {{ fault('cleaned.cost', 'negative_amount') }}
        end as fault,
        cleaned.month > {{ as_of_date() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'signup_channel, month',
            'loaded_at',
            row_hash('acquisition_costs')
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
