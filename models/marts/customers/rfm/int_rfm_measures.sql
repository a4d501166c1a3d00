with

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

customer_days as (

    select * from {{ ref('customer_days') }}

),

profiles as (

    select *
    from {{ ref('rfm_profiles') }}
    where is_enabled

),

reporting_currency as (

    select *
    from {{ ref('currencies') }}
    where currency = '{{ var("reporting_currency") }}'

),

-- scored is the as-of day; ranked is that day too, or an earlier one if frozen there
profile_days as (

    select
        *,
        {{ as_of_date() }} as measured_on
    from profiles

    union all

    select
        *,
        frozen_on as measured_on
    from profiles
    where frozen_on < {{ as_of_date() }}

),

order_days as (

    select
        customer_id,
        ordered_on,
        count(*) as order_count,
        sum(net_revenue) as net_revenue
    from orders
    group by customer_id, ordered_on

),

windowed as (

    select
        order_days.*,
        profile_days.profile,
        profile_days.measured_on,
        coalesce(
            order_days.ordered_on > profile_days.measured_on - profile_days.window_days,
            true
        ) as is_in_window
    from order_days
    inner join profile_days
        on order_days.ordered_on <= profile_days.measured_on

),

bought as (

    select
        profile,
        measured_on,
        customer_id,
        max(ordered_on) as last_order_on,
        sum(order_count)::int as lifetime_order_count,
        sum(case when is_in_window then order_count else 0 end)::int as order_count,
        sum(case when is_in_window then net_revenue else 0 end) as net_revenue,
        sum(case when is_in_window then 1 else 0 end) - 1 as gap_count,
        {{ days_between(
            'min(case when is_in_window then ordered_on end)', 'max(ordered_on)'
        ) }} as gap_days
    from windowed
    group by profile, measured_on, customer_id

),

visits as (

    select
        profile_days.profile,
        profile_days.measured_on,
        customer_days.customer_id,
        max(customer_days.active_on) as last_active_on
    from customer_days
    inner join profile_days
        on customer_days.active_on <= profile_days.measured_on
    where profile_days.recency_of = 'visit'
    group by profile_days.profile, profile_days.measured_on, customer_days.customer_id

),

measures as (

    select
        bought.*,
        profile_days.frequency_of,
        profile_days.frozen_on,
        {{ days_between(
            'coalesce(visits.last_active_on, bought.last_order_on)',
            'bought.measured_on'
        ) }}::int as recency_days,
        case
            when bought.gap_count > 0
                then round(bought.gap_days * 100 / bought.gap_count, 0)
        end::bigint as gap_hundredths,
        case
            when profile_days.monetary_of = 'average' and bought.order_count > 0
                then {{ average_amount('bought.net_revenue', 'bought.order_count') }}
            else bought.net_revenue::decimal(18, 2)
        end as monetary
    from bought
    inner join profile_days
        on
            bought.profile = profile_days.profile
            and bought.measured_on = profile_days.measured_on
    cross join reporting_currency
    left join visits
        on
            bought.profile = visits.profile
            and bought.measured_on = visits.measured_on
            and bought.customer_id = visits.customer_id

),

-- greater is better; days ago are the same number whichever day they are counted from
ranked as (

    select
        profile,
        measured_on,
        customer_id,
        last_order_on,
        lifetime_order_count,
        order_count as frequency,
        recency_days,
        monetary,
        measured_on = {{ as_of_date() }} as is_scored,
        measured_on = least(frozen_on, {{ as_of_date() }}) as is_ranked,
        (gap_hundredths / 100.0)::decimal(9, 2) as average_gap_days,
        ({{ days_between("date '1970-01-01'", as_of_date()) }} - recency_days)::bigint
            as recency_rank_value,
        case when frequency_of = 'cadence' then -gap_hundredths else order_count end
            as frequency_rank_value,
        (monetary::decimal(22, 2) * 100)::bigint as monetary_rank_value
    from measures

)

select * from ranked
