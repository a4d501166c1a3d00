with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

newcomers as (

    select
        customers.order_count,
        coalesce(customers.signup_channel, 'unknown') as signup_channel,
        customers.signed_up_on > as_of.as_of_date - 7 as is_last_week
    from customers
    cross join as_of
    where
        customers.signed_up_on > as_of.as_of_date - 14
        and customers.signed_up_on <= as_of.as_of_date
        and not customers.is_test

),

channels as (

    select
        signup_channel,
        sum(case when is_last_week then 1 else 0 end)::bigint as sign_up_count,
        sum(case when is_last_week then 0 else 1 end)::bigint
            as sign_up_count_week_before,
        sum(case when is_last_week and order_count > 0 then 1 else 0 end)::bigint
            as buyer_count
    from newcomers
    group by signup_channel

),

shares as (

    select
        signup_channel,
        sign_up_count,
        sign_up_count_week_before,
        buyer_count,
        round(buyer_count / nullif(sign_up_count, 0), 3) as buyer_share
    from channels

)

select * from shares
order by sign_up_count desc, signup_channel asc
