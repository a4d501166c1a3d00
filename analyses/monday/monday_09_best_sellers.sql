with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

sold as (

    select
        customers.age_band,
        order_lines.product_id,
        max(order_lines.product_name) as product_name,
        max(order_lines.category) as category,
        sum(order_lines.quantity)::bigint as piece_count,
        sum(order_lines.reporting_amount) as sales_amount
    from order_lines
    cross join as_of
    inner join customers
        on order_lines.customer_id = customers.customer_id
    where
        order_lines.is_valid
        and order_lines.product_id is not null
        and order_lines.ordered_on > as_of.as_of_date - 7
        and order_lines.ordered_on <= as_of.as_of_date
    group by customers.age_band, order_lines.product_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by age_band
            order by piece_count desc, sales_amount desc, product_id asc
        ) as place
    from sold

),

best as (

    select
        age_band,
        place,
        product_id,
        product_name,
        category,
        piece_count,
        sales_amount
    from ranked
    where place <= 3

)

select * from best
order by age_band, place
