-- buyers are scored and named once, as the seed names their cell; others are prospects
with

customers as (

    select *
    from {{ ref('customers') }}
    where not is_test

),

customer_rfm as (

    select * from {{ ref('customer_rfm') }}

),

rfm_names as (

    select * from {{ ref('rfm_names') }}

),

first_names as (

    select
        customer_rfm.customer_id,
        min_by(rfm_names.rfm_segment, rfm_names.priority) as rfm_segment
    from customer_rfm
    inner join rfm_names
        on
            customer_rfm.recency_score between rfm_names.recency_from
            and rfm_names.recency_to
            and customer_rfm.frequency_score between rfm_names.frequency_from
            and rfm_names.frequency_to
            and customer_rfm.monetary_score between rfm_names.monetary_from
            and rfm_names.monetary_to
    group by customer_rfm.customer_id

),

counted as (

    select
        customer_id,
        count(*) as name_count,
        min(rfm_segment) as rfm_segment
    from customer_rfm
    group by customer_id

),

compared as (

    select
        customers.rfm_segment,
        counted.rfm_segment as scored_name,
        first_names.rfm_segment as name_due,
        coalesce(customers.customer_id, counted.customer_id) as customer_id,
        coalesce(customers.order_count > 0, false) as is_buyer,
        coalesce(counted.name_count, 0) as name_count
    from customers
    full outer join counted
        on customers.customer_id = counted.customer_id
    left join first_names
        on counted.customer_id = first_names.customer_id

),

misnamed as (

    select *
    from compared
    where
        name_count <> case when is_buyer then 1 else 0 end
        or rfm_segment is distinct from coalesce(name_due, 'prospect')
        or scored_name is distinct from name_due

)

select * from misnamed
