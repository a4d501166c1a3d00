with

source as (

    select * from {{ source('raw', 'order_items') }}

),

versions as (

    select
        order_id,
        loaded_at,
        row_state
    from {{ ref('stg_orders') }}
    where row_state <> 'quarantined'

),

-- not kept means: the order is not placed yet as of the date
orders as (

    select
        order_id,
        bool_or(row_state = 'kept') as is_kept
    from versions
    group by order_id

),

-- lines are as old as the version of their order that was loaded with them
loads as (

    select
        order_id,
        loaded_at,
        bool_and(row_state = 'not_yet') as is_not_yet
    from versions
    group by order_id, loaded_at

),

cleaned as (

    select
        order_id,
        line,
        product_id,
        quantity::decimal(20, 4) as quantity,
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
            when abs(cleaned.quantity * cleaned.unit_price) >= 1e14
                then {{ fault('cleaned.quantity', 'amount_overflow') }}
            when orders.order_id is null
                then {{ fault('cleaned.order_id', 'orphan') }}
        end as fault,
        coalesce(not orders.is_kept or loads.is_not_yet, false) as is_not_yet
    from cleaned
    left join orders
        on cleaned.order_id = orders.order_id
    left join loads
        on
            cleaned.order_id = loads.order_id
            and cleaned.loaded_at = loads.loaded_at

),

-- a load that brings any line of an order brings all of them
lasting as (

    select
        *,
        loaded_at < max(loaded_at) over (
            partition by order_id, fault is null and not is_not_yet
        ) as is_replaced
    from checked

),

ranked as (

    select
        *,
        case
            -- a table of the shop's own database holds what is, each row since its hour
            when
                fault is null
                and is_replaced
                and {{ 'order_items' not in var('raw_tables') }}
                then 2
            else row_number() over {{ version_window(
                'order_id, line',
                'loaded_at',
                row_hash('order_items')
            ) }}
        end as version_rank
    from lasting

),

judged as (

    select
        *,
        {{ row_state() }} as row_state
    from ranked

)

select * from judged
