with

customers as (

    select *
    from {{ ref('int_customer_profiles') }}
    where not is_test

),

active_days as (

    select
        customer_id,
        active_on,
        lag(active_on) over history as previous_active_on,
        lead(active_on) over history as next_active_on
    from {{ ref('customer_days') }}
    window history as (
        partition by customer_id
        order by active_on
    )

),

first_active_days as (

    select
        customer_id,
        min(active_on) as first_active_on
    from active_days
    group by customer_id

),

never_active as (

    select
        customers.customer_id,
        customers.known_on as valid_from,
        'never_active' as activity_state
    from customers
    left join first_active_days
        on customers.customer_id = first_active_days.customer_id
    where
        first_active_days.first_active_on is null
        or customers.known_on < first_active_days.first_active_on

),

-- every day on which a state may begin; a later visit forestalls the quiet ones
beginnings as (

    select
        customer_id,
        valid_from,
        activity_state
    from never_active

    union all

    select
        customer_id,
        active_on as valid_from,
        {{ activity_on_visit('previous_active_on', 'active_on') }} as activity_state
    from active_days
    {%- for state, days in quiet_states().items() %}

    union all

    select
        customer_id,
        active_on + {{ days.from_day }} as valid_from,
        '{{ state }}' as activity_state
    from active_days
    where
        active_on + {{ days.from_day }}
        < coalesce(next_active_on, {{ as_of_date() }} + 1)
    {%- endfor %}

),

preceded as (

    select
        *,
        lag(activity_state) over (
            partition by customer_id
            order by valid_from
        ) as previous_state
    from beginnings

),

changes as (

    select *
    from preceded
    where activity_state is distinct from previous_state

),

spells as (

    select
        customer_id,
        activity_state,
        valid_from,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from
        ) as valid_to
    from changes

)

select * from spells
