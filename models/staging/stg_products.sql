with

source as (

    select * from {{ source('raw', 'products') }}

),

checked as (

    select
        source.*,
        case
            when coalesce(source.product_id, '') = ''
                then {{ fault('source.product_id', 'missing_id') }}
        end as fault,
        false as is_not_yet
    from source

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'product_id', 'loaded_at', row_hash('products')
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
