with

consents as (

    select *
    from {{ ref('stg_consents') }}
    where row_state = 'kept'

),

known_customers as (

    select customer_id
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

changes as (

    select
        consents.channel,
        consents.purpose,
        consents.status,
        {{ business_date('coalesce(consents.changed_at, consents.loaded_at)') }} as day
    from consents
    inner join known_customers
        on consents.customer_id = known_customers.customer_id

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
