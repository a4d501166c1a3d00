with

channels as (

    select
        channel,
        count(*) as customer_count,
        sum(case when is_reachable then 1 else 0 end)::bigint as reachable_count,
        sum(case when reason = 'no_consent' then 1 else 0 end)::bigint
            as no_consent_count,
        sum(case when reason = 'no_identifier' then 1 else 0 end)::bigint
            as no_identifier_count,
        sum(case when reason = 'invalid_identifier' then 1 else 0 end)::bigint
            as invalid_identifier_count,
        sum(case when reason = 'suppressed' then 1 else 0 end)::bigint
            as suppressed_count
    from customer_reach
    where reason is distinct from 'test_account'
    group by channel

)

select * from channels
order by reachable_count desc, channel asc
