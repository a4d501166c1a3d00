with

source as (

    select * from {{ source('raw', 'plan_prices') }}

),

cleaned as (

    select
        valid_from,
        monthly_price,
        loaded_at,
        source_file,
        source_row,
        {{ lowered(trimmed('plan')) }} as plan
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.plan, '') = ''
                then {{ fault('cleaned.plan', 'missing_id') }}
            when cleaned.valid_from is null
                then {{ fault('cleaned.valid_from', 'missing_time') }}
            when cleaned.valid_from < date '1970-01-01'
                then {{ fault('cleaned.valid_from', 'time_out_of_range') }}
            when cleaned.monthly_price is null
                then {{ fault('cleaned.monthly_price', 'missing_amount') }}
            when cleaned.monthly_price < 0
                then {{ fault('cleaned.monthly_price', 'negative_amount') }}
        end as fault,
        cleaned.valid_from > {{ as_of_date() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'plan, valid_from',
            'loaded_at',
            row_hash('plan_prices')
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
