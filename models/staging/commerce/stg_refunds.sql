with

source as (

    select * from {{ source('raw', 'refunds') }}

),

-- not kept means: the order is not placed yet as of the date
orders as (

    select
        order_id,
        bool_or(row_state = 'kept') as is_kept,
        max(currency) filter (where row_state = 'kept') as currency
    from {{ ref('stg_orders') }}
    where row_state in ('kept', 'not_yet')
    group by order_id

),

currencies as (

    select currency
    from {{ ref('currencies') }}

),

exchange_rates as (

    select
        currency,
        min(rate_date) as first_rate_on
    from {{ ref('stg_exchange_rates') }}
    where row_state = 'kept'
    group by currency

),

cleaned as (

    select
        refund_id,
        order_id,
        refunded_at,
        amount,
        nullif(upper({{ trimmed('currency') }}), '') as currency,
        loaded_at,
        source_file,
        source_row
    from source

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.refund_id, '') = ''
                then {{ fault('cleaned.refund_id', 'missing_id') }}
            {{ time_fault('cleaned.refunded_at') }}
            when cleaned.amount is null
                then {{ fault('cleaned.amount', 'missing_amount') }}
            when cleaned.amount <= 0
                then {{ fault('cleaned.amount', 'negative_amount') }}
            -- at a rate of up to 10,000 the converted amount still is decimal(18, 2)
            when cleaned.amount >= 1e12
                then {{ fault('cleaned.amount', 'amount_overflow') }}
            when cleaned.currency is not null and currencies.currency is null
                then {{ fault('cleaned.currency', 'unknown_currency') }}
            when cleaned.refunded_at >= {{ as_of_end() }}
                then null
            when orders.order_id is null
                then {{ fault('cleaned.order_id', 'orphan') }}
            when
                cleaned.currency <> orders.currency
                and cleaned.currency <> '{{ var("reporting_currency") }}'
                and coalesce(
                    {{ business_date('cleaned.refunded_at') }}
                    < exchange_rates.first_rate_on,
                    true
                )
                then {{ fault('cleaned.currency', 'no_rate') }}
        end as fault,
        cleaned.refunded_at >= {{ as_of_end() }}
        or not coalesce(orders.is_kept, true) as is_not_yet
    from cleaned
    left join orders
        on cleaned.order_id = orders.order_id
    left join currencies
        on cleaned.currency = currencies.currency
    left join exchange_rates
        on cleaned.currency = exchange_rates.currency

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'refund_id',
            'loaded_at',
            row_hash('refunds')
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
