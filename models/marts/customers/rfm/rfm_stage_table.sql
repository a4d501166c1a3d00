with

customers as (

    select *
    from {{ ref('customers') }}
    where not is_test

),

counted as (

    select
        rfm_segment,
        purchase_stage,
        count(*) as customer_count
    from customers
    group by rfm_segment, purchase_stage

),

rfm_stage_table as (

    select
        rfm_segment,
        purchase_stage,
        customer_count,
        (
            customer_count::double
            / sum(customer_count) over (partition by rfm_segment)
        )::decimal(7, 4) as share_of_rfm_segment
    from counted

)

select * from rfm_stage_table
