with

stated_orders as (

    select *
    from {{ ref('stg_orders') }}
    where row_state = 'kept'

),

converted_orders as (

    select * from {{ ref('int_orders_converted') }}

),

refunds as (

    select
        order_id,
        bool_or(is_full_so_far) as is_fully_refunded,
        bool_or(is_over_so_far) as is_over_refunded,
        sum(revenue_amount) as revenue_amount,
        sum(beyond_goods_amount) as beyond_goods_amount
    from {{ ref('int_refunds_converted') }}
    group by order_id

),

test_accounts as (

    select customer_id
    from {{ ref('stg_customers') }}
    where row_state = 'kept' and is_test

),

-- a cancellation after the as-of date has not happened yet
described as (

    select
        stated_orders.order_id,
        stated_orders.customer_id,
        stated_orders.ordered_at,
        stated_orders.ordered_on,
        case
            when
                stated_orders.status = 'cancelled'
                and stated_orders.cancelled_at >= {{ as_of_end() }}
                then 'paid'
            when stated_orders.cancelled_at < {{ as_of_end() }}
                then 'cancelled'
            else stated_orders.status
        end as status,
        stated_orders.sales_channel,
        stated_orders.coupon_code,
        stated_orders.currency,
        stated_orders.is_erased,
        (
            test_accounts.customer_id is not null
            or stated_orders.is_erased_test_account
        ) as is_test,
        coalesce(refunds.is_fully_refunded, false) as is_fully_refunded,
        coalesce(refunds.is_over_refunded, false) as is_over_refunded,
        converted_orders.gross_amount,
        converted_orders.discount_amount,
        converted_orders.shipping_amount,
        converted_orders.tax_amount,
        coalesce(refunds.revenue_amount, 0) as refunded_amount,
        coalesce(refunds.beyond_goods_amount, 0) as refunded_beyond_goods
    from stated_orders
    inner join converted_orders
        on stated_orders.order_id = converted_orders.order_id
    left join refunds
        on stated_orders.order_id = refunds.order_id
    left join test_accounts
        on stated_orders.customer_id = test_accounts.customer_id

),

judged as (

    select
        *,
        case
            when is_test
                then 'test_account'
            when status = 'cancelled'
                then 'cancelled'
            when status not in {{ sql_list(var('valid_statuses')) }}
                then 'status_not_counted'
            when is_fully_refunded
                then 'fully_refunded'
            when is_erased
                then 'erased'
            when customer_id is null
                then 'guest'
        end as invalid_reason
    from described

),

counted as (

    select
        *,
        (
            invalid_reason is null
            or invalid_reason in ('fully_refunded', 'erased', 'guest')
        ) as is_revenue
    from judged

),

orders as (

    select
        order_id,
        customer_id,
        ordered_at,
        ordered_on,
        status,
        sales_channel,
        coupon_code,
        currency,
        gross_amount,
        discount_amount,
        shipping_amount,
        tax_amount,
        refunded_amount::decimal(18, 2) as refunded_amount,
        refunded_beyond_goods::decimal(18, 2) as refunded_beyond_goods,
        is_over_refunded,
        case
            when is_revenue
                then (
                    gross_amount
                    - discount_amount
                    {%- for part in var('revenue_includes') %}
                    + {{ part }}_amount
                    {%- endfor %}
                    - refunded_amount
                )
            else 0
        end::decimal(18, 2) as net_revenue,
        invalid_reason is null as is_valid,
        invalid_reason,
        is_revenue
    from counted

)

select * from orders
