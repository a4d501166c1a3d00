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

checked as (

    select
        source.*,
        case
            when coalesce(source.order_id, '') = ''
                then {{ fault('source.order_id', 'missing_id') }}
            when source.line is null
                then {{ fault('source.line', 'missing_id') }}
            when source.quantity is null
                then {{ fault('source.quantity', 'missing_amount') }}
            when source.unit_price is null
                then {{ fault('source.unit_price', 'missing_amount') }}
            when orders.order_id is null
                then {{ fault('source.order_id', 'orphan') }}
        end as fault,
        not coalesce(orders.is_kept, true) as is_not_yet
    from source
    left join orders
        on source.order_id = orders.order_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'order_id, line', 'loaded_at', row_hash('order_items')
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
