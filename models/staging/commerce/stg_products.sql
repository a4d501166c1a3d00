with

source as (

    select * from {{ source('raw', 'products') }}

),

cleaned as (

    select
        product_id,
        name,
        category,
        unit_cost,
        is_active,
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
        end as fault,
        false as is_not_yet
    from cleaned

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'product_id',
            'loaded_at',
            row_hash('products')
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
