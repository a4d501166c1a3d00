with

orders as (

    select
        order_id,
        currency,
        gross_amount
    from {{ ref('stg_orders') }}
    where row_state = 'kept'

),

-- half of a minor unit may be lost at each line
lines as (

    select
        order_id,
        count(*) as line_count,
        sum((quantity * unit_price)::decimal(28, 4)) as amount
    from {{ ref('stg_order_items') }}
    where row_state = 'kept' and quantity <> 0
    group by order_id

),

currencies as (

    select * from {{ ref('currencies') }}

),

compared as (

    select
        orders.currency,
        orders.gross_amount,
        lines.amount,
        abs(orders.gross_amount - lines.amount) * currencies.minor_units * 2
        > lines.line_count as has_gap
    from orders
    inner join lines
        on orders.order_id = lines.order_id
    inner join currencies
        on orders.currency = currencies.currency

),

summed as (

    select
        currency,
        count(*)::bigint as order_count,
        count_if(has_gap)::bigint as gap_count,
        sum(gross_amount)::decimal(28, 4) as gross_amount,
        sum(amount)::decimal(28, 4) as line_amount
    from compared
    group by currency

),

order_line_gaps as (

    select
        *,
        (gross_amount - line_amount)::decimal(28, 4) as gap_amount,
        (gap_count / order_count)::double as gap_share,
        gap_count > order_count * {{ var('order_line_gap_share') }} as is_suspicious
    from summed

)

select * from order_line_gaps
