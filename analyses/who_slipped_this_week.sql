-- Best customers who began to slip away within seven days, the most valuable first.
with

spells as (

    select *
    from {{ ref('purchase_stage_spells') }}
    where
        purchase_stage = 'at_risk'
        and valid_to is null
        and valid_from > {{ as_of_date() }} - 7

),

customers as (

    select * from {{ ref('customers') }}

),

slipping as (

    select
        customers.customer_id,
        spells.valid_from as slipping_since,
        spells.previous_stage,
        customers.churns_on,
        customers.rfm_segment,
        customers.order_count,
        customers.net_revenue
    from spells
    inner join customers
        on spells.customer_id = customers.customer_id
    where customers.monetary_score >= 4

)

select * from slipping
order by net_revenue desc, customer_id asc
