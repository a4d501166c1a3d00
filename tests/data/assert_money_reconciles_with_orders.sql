-- the same money by customer, by day and by order, to the penny
with

orders as (

    select * from {{ ref('orders') }}

),

customers as (

    select * from {{ ref('customers') }}

),

daily_revenue as (

    select * from {{ ref('daily_revenue') }}

),

customer_orders as (

    select
        customer_id,
        count(*) as order_count,
        sum(net_revenue) as net_revenue
    from orders
    where is_valid
    group by customer_id

),

all_orders as (

    select
        count(*) as order_count,
        coalesce(sum(net_revenue), 0) as net_revenue
    from orders

),

revenue_orders as (

    select count(*) as order_count
    from orders
    where is_revenue

),

nobodys_orders as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        count(*) as order_count
    from orders
    where not is_valid

),

all_customers as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(order_count), 0) as order_count
    from customers

),

all_days as (

    select
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(net_revenue), 0) as net_revenue
    from daily_revenue

),

compared as (

    select
        'customer ' || coalesce(customers.customer_id, customer_orders.customer_id)
            as whose,
        coalesce(customers.order_count, 0) as order_count,
        coalesce(customers.net_revenue, 0) as net_revenue,
        coalesce(customer_orders.order_count, 0) as order_count_due,
        coalesce(customer_orders.net_revenue, 0) as net_revenue_due
    from customers
    full outer join customer_orders
        on customers.customer_id = customer_orders.customer_id

    union all

    select
        'all days' as whose,
        all_days.order_count,
        all_days.net_revenue,
        revenue_orders.order_count as order_count_due,
        all_orders.net_revenue as net_revenue_due
    from all_days
    cross join all_orders
    cross join revenue_orders

    union all

    select
        'all customers and nobody' as whose,
        all_customers.order_count + nobodys_orders.order_count as order_count,
        all_customers.net_revenue + nobodys_orders.net_revenue as net_revenue,
        all_orders.order_count as order_count_due,
        all_orders.net_revenue as net_revenue_due
    from all_customers
    cross join nobodys_orders
    cross join all_orders

),

unequal as (

    select *
    from compared
    where order_count <> order_count_due or net_revenue <> net_revenue_due

)

select * from unequal
