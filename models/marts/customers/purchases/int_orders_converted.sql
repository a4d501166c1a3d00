with

orders as (

    select *
    from {{ ref('stg_orders') }}
    where row_state = 'kept'

),

reporting_currency as (

    select *
    from {{ ref('currencies') }}
    where currency = '{{ var("reporting_currency") }}'

),

-- the latest rate on or before the day of the order
foreign_rates as (

    {{ latest_rates('orders', 'order_id', 'ordered_on') }}

),

rated as (

    select
        orders.*,
        reporting_currency.minor_units,
        coalesce(foreign_rates.rate, 1)::decimal(18, 8) as rate
    from orders
    cross join reporting_currency
    left join foreign_rates
        on orders.order_id = foreign_rates.order_id

),

converted as (

    select
        order_id,
        rate,
        minor_units,
        {{ in_reporting_currency('gross_amount') }} as gross_amount,
        {{ in_reporting_currency('coalesce(discount_amount, 0)') }} as discount_amount,
        {{ in_reporting_currency('coalesce(shipping_amount, 0)') }} as shipping_amount,
        {{ in_reporting_currency('coalesce(tax_amount, 0)') }} as tax_amount
    from rated

)

select * from converted
