with

source as (

    select * from {{ source('raw', 'order_items') }}

),

-- not kept means: the order is not placed yet as of the date
orders as (

    select
        order_id,
        bool_or(row_state = 'kept') as is_kept
    from {{ ref('stg_orders') }}
    where row_state in ('kept', 'not_yet')
    group by order_id

),

cleaned as (

    select
        order_id,
        line,
        product_id,
        quantity,
        unit_price,
        loaded_at,
        source_file,
        source_row
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.order_id, '') = ''
                then {{ fault('cleaned.order_id', 'missing_id') }}
            when cleaned.line is null
                then {{ fault('cleaned.line', 'missing_id') }}
            when cleaned.quantity is null
                then {{ fault('cleaned.quantity', 'missing_amount') }}
            when cleaned.unit_price is null
                then {{ fault('cleaned.unit_price', 'missing_amount') }}
            -- the amount of a line is a decimal(18, 4)
            when
                abs(cleaned.quantity::decimal(20, 0) * cleaned.unit_price) >= 1e14
                then {{ fault('cleaned.quantity', 'amount_overflow') }}
            when orders.order_id is null
                then {{ fault('cleaned.order_id', 'orphan') }}
        end as fault,
        not coalesce(orders.is_kept, true) as is_not_yet
    from cleaned
    left join orders
        on cleaned.order_id = orders.order_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'order_id, line',
            'loaded_at',
            row_hash('order_items')
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
