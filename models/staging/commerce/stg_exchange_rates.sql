with

source as (

    select * from {{ source('raw', 'exchange_rates') }}

),

cleaned as (

    select
        rate_date,
        rate,
        loaded_at,
        source_file,
        source_row,
        upper({{ trimmed('currency') }}) as currency
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.currency, '') = ''
                then {{ fault('cleaned.currency', 'missing_id') }}
            when cleaned.rate_date is null
                then {{ fault('cleaned.rate_date', 'missing_time') }}
            when cleaned.rate is null
                then {{ fault('cleaned.rate', 'missing_amount') }}
            when cleaned.rate <= 0
                then {{ fault('cleaned.rate', 'negative_amount') }}
        end as fault,
        cleaned.rate_date > {{ as_of_date() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'currency, rate_date',
            'loaded_at',
            row_hash('exchange_rates')
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
