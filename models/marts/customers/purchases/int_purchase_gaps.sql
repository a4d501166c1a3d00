with

purchase_days as (

    select
        customer_id,
        ordered_on as purchased_on
    from {{ ref('orders') }}
    where is_valid
    group by customer_id, ordered_on

),

ordered as (

    select
        customer_id,
        purchased_on,
        (row_number() over history - 1)::int as own_gap_count,
        lag(purchased_on) over history as previous_purchased_on,
        lead(purchased_on) over history as next_purchased_on,
        first_value(purchased_on) over history as first_purchased_on
    from purchase_days
    window history as (
        partition by customer_id
        order by purchased_on
    )

),

gaps as (

    select
        customer_id,
        purchased_on,
        previous_purchased_on,
        next_purchased_on,
        own_gap_count,
        {{ days_between('first_purchased_on', 'purchased_on') }}::int as own_gap_days,
        {{ days_between('purchased_on', 'next_purchased_on') }}::int as gap_days,
        case when own_gap_count = 0 then 'one_time' else 'repeat' end as buyer_class
    from ordered

)

select * from gaps
