with

source as (

    select * from {{ source('raw', 'refunds') }}

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
            when coalesce(source.refund_id, '') = ''
                then {{ fault('source.refund_id', 'missing_id') }}
            {{ time_fault('source.refunded_at') }}
            when source.amount is null
                then {{ fault('source.amount', 'missing_amount') }}
            when source.amount <= 0
                then {{ fault('source.amount', 'negative_amount') }}
            when source.refunded_at >= {{ as_of_end() }}
                then null
            when orders.order_id is null
                then {{ fault('source.order_id', 'orphan') }}
        end as fault,
        source.refunded_at >= {{ as_of_end() }}
        or not coalesce(orders.is_kept, true) as is_not_yet
    from source
    left join orders
        on source.order_id = orders.order_id

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'refund_id', 'refunded_at', row_hash('refunds')
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
