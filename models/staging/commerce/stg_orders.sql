-- depends_on: {{ ref('holidays') }}: quiet days are judged by them
with

source as (

    select * from {{ source('raw', 'orders') }}

),

-- not kept means: the customer is not known yet as of the date
customers as (

    select
        customer_id,
        bool_or(row_state = 'kept') as is_kept
    from {{ ref('stg_customers') }}
    where row_state in ('kept', 'not_yet')
    group by customer_id

),

deletion_requests as (

    select distinct customer_id
    from {{ ref('stg_deletion_requests') }}
    where row_state = 'kept'

),

-- read from the raw rows: an erased test account is in no table
test_accounts as (

    select distinct {{ trimmed('customer_id') }} as customer_id
    from {{ source('raw', 'customers') }}
    where is_test

),

-- wide, or counting the decimals of a huge amount overflows and stops the build
currencies as (

    select
        currency,
        minor_units::decimal(20, 0) as minor_units
    from {{ ref('currencies') }}

),

exchange_rates as (

    select
        currency,
        min(rate_date) as first_rate_on,
        max(rate)::decimal(20, 8) as highest_rate
    from {{ ref('stg_exchange_rates') }}
    where row_state = 'kept'
    group by currency

),

-- erased people's orders stay in revenue, as nobody's
cleaned as (

    select
        source.order_id,
        source.ordered_at,
        source.gross_amount,
        source.discount_amount,
        source.shipping_amount,
        source.tax_amount,
        source.coupon_code,
        source.sales_channel,
        source.cancelled_at,
        source.updated_at,
        source.loaded_at,
        source.source_file,
        source.source_row,
        case
            when deletion_requests.customer_id is null
                then nullif({{ trimmed('source.customer_id') }}, '')
        end as customer_id,
        {{ lowered(trimmed('source.status')) }} as status,
        coalesce(
            nullif(upper({{ trimmed('source.currency') }}), ''),
            '{{ var("reporting_currency") }}'
        ) as currency,
        {{ business_date('source.ordered_at') }} as ordered_on,
        deletion_requests.customer_id is not null as is_erased,
        test_accounts.customer_id is not null as is_erased_test_account,
        greatest(source.ordered_at, source.updated_at) >= {{ as_of_end() }} as is_later
    from source
    left join deletion_requests
        on {{ trimmed('source.customer_id') }} = deletion_requests.customer_id
    left join test_accounts
        on deletion_requests.customer_id = test_accounts.customer_id

),

checked as (

    select
        cleaned.*,
        case
            when coalesce(cleaned.order_id, '') = ''
                then {{ fault('cleaned.order_id', 'missing_id') }}
            {{ time_fault('cleaned.ordered_at') }}
            when cleaned.updated_at > cleaned.loaded_at + interval 5 minute
                then {{ fault('cleaned.updated_at', 'future_time') }}
            when coalesce(cleaned.status, '') not in {{ sql_list(order_statuses()) }}
                then {{ fault('cleaned.status', 'unknown_status') }}
            when currencies.currency is null
                then {{ fault('cleaned.currency', 'unknown_currency') }}
            when cleaned.gross_amount is null
                then {{ fault('cleaned.gross_amount', 'missing_amount') }}
            {%- for amount in ('discount', 'shipping', 'tax') %}
            when cleaned.{{ amount }}_amount < 0
                then {{ fault('cleaned.discount_amount', 'negative_amount') }}
            {%- endfor %}
            when cleaned.gross_amount < coalesce(cleaned.discount_amount, 0)
                then {{ fault('cleaned.gross_amount', 'negative_sale') }}
            {%- for amount in ('gross', 'discount', 'shipping', 'tax') %}
            when cleaned.{{ amount }}_amount * currencies.minor_units % 1 <> 0
                then {{ fault('cleaned.gross_amount', 'too_many_decimals') }}
            {%- endfor %}
            when cleaned.is_later
                then null
            when cleaned.customer_id is not null and customers.customer_id is null
                then {{ fault('cleaned.customer_id', 'orphan') }}
            when
                cleaned.currency <> '{{ var("reporting_currency") }}'
                and coalesce(cleaned.ordered_on < exchange_rates.first_rate_on, true)
                then {{ fault('cleaned.currency', 'no_rate') }}
            -- in the reporting currency amounts are decimal(18, 2)
            {%- for amount in ('gross', 'shipping', 'tax') %}
            when cleaned.{{ amount }}_amount * exchange_rates.highest_rate >= 1e16
                then {{ fault('cleaned.gross_amount', 'amount_overflow') }}
            {%- endfor %}
        end as fault,
        cleaned.is_later or not coalesce(customers.is_kept, true) as is_not_yet
    from cleaned
    left join customers
        on cleaned.customer_id = customers.customer_id
    left join currencies
        on cleaned.currency = currencies.currency
    left join exchange_rates
        on cleaned.currency = exchange_rates.currency

),

ranked as (

    select
        *,
        row_number() over {{ version_window(
            'order_id', 'coalesce(updated_at, ordered_at)', row_hash('orders')
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
