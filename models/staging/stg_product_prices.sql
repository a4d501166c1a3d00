with

source as (

    select * from {{ source('raw', 'product_prices') }}

),

checked as (

    select
        source.*,
        case
            when coalesce(source.product_id, '') = ''
                then {{ fault('source.product_id', 'missing_id') }}
            when source.valid_from is null
                then {{ fault('source.valid_from', 'missing_time') }}
            when source.price is null
                then {{ fault('source.price', 'missing_amount') }}
            when source.price < 0
                then {{ fault('source.price', 'negative_amount') }}
        end as fault,
        source.valid_from >= {{ as_of_end() }} as is_not_yet
    from source

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'product_id, valid_from', 'loaded_at', row_hash('product_prices')
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
