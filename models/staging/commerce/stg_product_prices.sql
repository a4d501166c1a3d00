with

source as (

    select * from {{ source('raw', 'product_prices') }}

),

cleaned as (

    select
        product_id,
        price,
        valid_from,
        loaded_at,
        source_file,
        source_row
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.product_id, '') = ''
                then {{ fault('cleaned.product_id', 'missing_id') }}
            when cleaned.valid_from is null
                then {{ fault('cleaned.valid_from', 'missing_time') }}
            when cleaned.price is null
                then {{ fault('cleaned.price', 'missing_amount') }}
            when cleaned.price < 0
                then {{ fault('cleaned.price', 'negative_amount') }}
        end as fault,
        cleaned.valid_from >= {{ as_of_end() }} as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'product_id, valid_from',
            'loaded_at',
            row_hash('product_prices')
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
