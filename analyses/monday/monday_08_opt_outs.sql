with

as_of as (

    select max(as_of_date) as as_of_date
    from segment_runs
    where is_in_force

),

-- who agreed again since is no opt-out any more
wishes as (

    select
        opt_outs.channel,
        opt_outs.road,
        opt_outs.opted_out_on > as_of.as_of_date - 7 as is_last_week
    from opt_outs
    cross join as_of
    where
        opt_outs.opted_out_on > as_of.as_of_date - 14
        and opt_outs.road <> 'unread'

),

withdrawn as (

    select
        channel,
        count(*) filter (where is_last_week) as withdrawn_count,
        count(*) filter (where not is_last_week) as withdrawn_count_week_before,
        count(*) filter (where is_last_week and road = 'message') as by_message,
        count(*) filter (where is_last_week and road = 'vendor_list')
            as by_vendor_list
    from wishes
    group by channel

),

granted as (

    select
        consent_days.channel,
        sum(consent_days.granted)::bigint as granted_count
    from consent_days
    cross join as_of
    where
        consent_days.purpose = 'ad'
        and consent_days.day > as_of.as_of_date - 7
        and consent_days.day <= as_of.as_of_date
    group by consent_days.channel

)

select
    coalesce(withdrawn.channel, granted.channel) as channel,
    coalesce(withdrawn.withdrawn_count, 0) as withdrawn_count,
    coalesce(withdrawn.withdrawn_count_week_before, 0) as withdrawn_count_week_before,
    coalesce(withdrawn.by_message, 0) as by_message,
    coalesce(withdrawn.by_vendor_list, 0) as by_vendor_list,
    coalesce(granted.granted_count, 0) as granted_count
from withdrawn
full outer join granted
    on withdrawn.channel = granted.channel
order by withdrawn_count desc, channel asc
