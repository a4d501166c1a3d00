-- a test account has a profile and nothing else: no score, stage, segment or message
with

test_accounts as (

    select *
    from {{ ref('customers') }}
    where is_test

),

places as (

    select
        customer_id,
        'customers' as place
    from test_accounts
    where
        purchase_stage is not null
        or activity_state is not null
        or rfm_segment is not null
        or order_count > 0

    union all

    select
        customer_id,
        'customer_rfm' as place
    from {{ ref('customer_rfm') }}

    union all

    select
        customer_id,
        'rfm_scores' as place
    from {{ ref('rfm_scores') }}

    union all

    select
        customer_id,
        'purchase_stage_spells' as place
    from {{ ref('purchase_stage_spells') }}

    union all

    select
        customer_id,
        'activity_spells' as place
    from {{ ref('activity_spells') }}

    union all

    select
        customer_id,
        'customer_days' as place
    from {{ ref('customer_days') }}

    union all

    select
        customer_id,
        'orders' as place
    from {{ ref('orders') }}
    where is_valid or is_revenue

    union all

    select
        customer_id,
        'segment_members' as place
    from {{ ref('segment_members') }}

    union all

    select
        customer_id,
        'audience_members' as place
    from {{ ref('audience_members') }}

),

counted as (

    select places.*
    from places
    inner join test_accounts
        on places.customer_id = test_accounts.customer_id

)

select * from counted
