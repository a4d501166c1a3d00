with

changes as (

    select
        channel,
        purpose,
        status,
        {{ business_date('changed_at') }} as day
    from {{ ref('stg_consents') }}
    where row_state = 'kept'

),

-- a withdrawal dated later already counts for the person, but its day has not come
consent_days as (

    select
        channel,
        purpose,
        day,
        sum(case when status = 'granted' then 1 else 0 end)::bigint as granted,
        sum(case when status = 'withdrawn' then 1 else 0 end)::bigint as withdrawn
    from changes
    where day <= {{ as_of_date() }}
    group by channel, purpose, day

)

select * from consent_days
