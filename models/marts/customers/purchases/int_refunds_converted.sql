with

refunds as (

    select
        *,
        {{ business_date('refunded_at') }} as refunded_on
    from {{ ref('stg_refunds') }}
    where row_state = 'kept'

),

stated_orders as (

    select *
    from {{ ref('stg_orders') }}
    where row_state = 'kept'

),

converted_orders as (

    select
        *,
        gross_amount - discount_amount as goods_amount,
        gross_amount - discount_amount
        {%- for part in var('revenue_includes') %} + {{ part }}_amount {%- endfor %}
            as counted_amount
    from {{ ref('int_orders_converted') }}

),

-- the latest rate on or before the day, of a refund in another currency than its order
foreign_rates as (

    {{ latest_rates('refunds', 'refund_id', 'refunded_on') }}

),

rated as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.refunded_at,
        refunds.refunded_on,
        refunds.amount as original_amount,
        converted_orders.goods_amount,
        converted_orders.counted_amount,
        converted_orders.minor_units,
        stated_orders.gross_amount
        - coalesce(stated_orders.discount_amount, 0) as original_goods,
        coalesce(stated_orders.shipping_amount, 0)
        + coalesce(stated_orders.tax_amount, 0) as original_rest,
        converted_orders.shipping_amount + converted_orders.tax_amount as rest_amount,
        coalesce(refunds.currency <> stated_orders.currency, false) as is_foreign,
        case
            when
                coalesce(refunds.currency, stated_orders.currency)
                = stated_orders.currency
                then converted_orders.rate
            else coalesce(foreign_rates.rate, 1)
        end as rate
    from refunds
    inner join stated_orders
        on refunds.order_id = stated_orders.order_id
    inner join converted_orders
        on refunds.order_id = converted_orders.order_id
    left join foreign_rates
        on refunds.refund_id = foreign_rates.refund_id

),

converted as (

    select
        *,
        {{ in_reporting_currency('original_amount') }} as amount
    from rated

),

so_far as (

    select
        *,
        sum(amount) over earlier as amount_so_far,
        sum(original_amount) over earlier as original_so_far,
        bool_or(is_foreign) over earlier as is_foreign_so_far
    from converted
    window earlier as (
        partition by order_id
        order by refunded_at, refund_id
        rows between unbounded preceding and current row
    )

),

-- in the currency of the order, as long as all were given in it
compared as (

    select
        *,
        case
            when is_foreign_so_far
                then amount_so_far >= goods_amount
            else original_so_far >= original_goods
        end as is_full_so_far,
        case
            when is_foreign_so_far
                then amount_so_far > goods_amount + rest_amount
            else original_so_far > original_goods + original_rest
        end as is_over_so_far
    from so_far

),

-- goods first; a full refund leaves no cent of rounding
taken_back as (

    select
        *,
        least(
            counted_amount,
            greatest(
                amount_so_far, case when is_full_so_far then goods_amount else 0 end
            )
        )::decimal(18, 2) as taken_so_far
    from compared

),

allotted as (

    select
        *,
        (
            taken_so_far - coalesce(lag(taken_so_far) over earlier, 0)
        )::decimal(18, 2) as revenue_amount
    from taken_back
    window earlier as (partition by order_id order by refunded_at, refund_id)

),

refunds_converted as (

    select
        refund_id,
        order_id,
        refunded_at,
        refunded_on,
        amount,
        is_full_so_far,
        is_over_so_far,
        revenue_amount,
        greatest(amount - revenue_amount, 0)::decimal(18, 2) as beyond_goods_amount
    from allotted

)

select * from refunds_converted
