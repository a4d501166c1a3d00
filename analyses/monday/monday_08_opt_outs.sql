with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

changes as (

    select
        consent_days.channel,
        consent_days.granted,
        consent_days.withdrawn,
        consent_days.day > as_of.as_of_date - 7 as is_last_week
    from consent_days
    cross join as_of
    where
        consent_days.purpose = 'ad'
        and consent_days.day > as_of.as_of_date - 14
        and consent_days.day <= as_of.as_of_date

),

channels as (

    select
        channel,
        sum(case when is_last_week then withdrawn else 0 end)::bigint
            as withdrawn_count,
        sum(case when is_last_week then 0 else withdrawn end)::bigint
            as withdrawn_count_week_before,
        sum(case when is_last_week then granted else 0 end)::bigint as granted_count
    from changes
    group by channel

)

select * from channels
order by withdrawn_count desc, channel asc
