with

orders as (

    select *
    from {{ ref('orders') }}
    where is_valid

),

customer_days as (

    select
        customer_id,
        active_on
    from {{ ref('customer_days') }}

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
        profile,
        recency_of,
        frequency_of,
        monetary_of,
        window_days,
        {{ as_of_date() }} as measured_on,
        true as is_scored,
        thresholds = 'relative' or frozen_on >= {{ as_of_date() }} as is_ranked
    from profiles

    union all

    select
        profile,
        recency_of,
        frequency_of,
        monetary_of,
        window_days,
        frozen_on as measured_on,
        false as is_scored,
        true as is_ranked
    from profiles
    where thresholds = 'frozen' and frozen_on < {{ as_of_date() }}

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
        profile_days.profile,
        profile_days.measured_on,
        order_days.customer_id,
        order_days.ordered_on,
        order_days.order_count,
        order_days.net_revenue,
        coalesce(
            {{ days_between('order_days.ordered_on', 'profile_days.measured_on') }}
            < profile_days.window_days,
            true
        ) as is_in_window
    from order_days
    inner join profile_days
        on order_days.ordered_on <= profile_days.measured_on

),

purchases as (

    select
        profile,
        measured_on,
        customer_id,
        max(ordered_on) as last_order_on,
        sum(order_count) as lifetime_order_count,
        sum(case when is_in_window then order_count else 0 end) as order_count,
        sum(case when is_in_window then net_revenue else 0 end) as net_revenue,
        sum(case when is_in_window then 1 else 0 end) - 1 as gap_count,
        min(case when is_in_window then ordered_on end) as first_order_on
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
    group by
        profile_days.profile, profile_days.measured_on, customer_days.customer_id

),

-- averages are rounded in minor units, where a half is exact
measures as (

    select
        purchases.profile,
        purchases.measured_on,
        purchases.customer_id,
        profile_days.is_scored,
        profile_days.is_ranked,
        profile_days.frequency_of,
        purchases.last_order_on,
        purchases.lifetime_order_count::int as lifetime_order_count,
        purchases.order_count::int as frequency,
        coalesce(visits.last_active_on, purchases.last_order_on) as last_seen_on,
        case
            when purchases.gap_count > 0
                then
                    round(
                        {{ days_between(
                            'purchases.first_order_on', 'purchases.last_order_on'
                        ) }} * 100 / purchases.gap_count,
                        0
                    )
        end::bigint as gap_hundredths,
        case
            when profile_days.monetary_of = 'average' and purchases.order_count > 0
                then
                    (
                        round(
                            purchases.net_revenue
                            * reporting_currency.minor_units
                            / purchases.order_count,
                            0
                        )
                        / reporting_currency.minor_units
                    )::decimal(18, 2)
            else purchases.net_revenue::decimal(18, 2)
        end as monetary
    from purchases
    inner join profile_days
        on
            purchases.profile = profile_days.profile
            and purchases.measured_on = profile_days.measured_on
    cross join reporting_currency
    left join visits
        on
            purchases.profile = visits.profile
            and purchases.measured_on = visits.measured_on
            and purchases.customer_id = visits.customer_id

),

-- greater is better; days ago are the same number whichever day they are counted from
ranked as (

    select
        profile,
        measured_on,
        customer_id,
        is_scored,
        is_ranked,
        last_order_on,
        lifetime_order_count,
        frequency,
        monetary,
        {{ days_between('last_seen_on', 'measured_on') }}::int as recency_days,
        (gap_hundredths / 100.0)::decimal(9, 2) as average_gap_days,
        (
            {{ days_between("date '1970-01-01'", as_of_date()) }}
            - {{ days_between('last_seen_on', 'measured_on') }}
        )::bigint as recency_rank_value,
        case
            when frequency_of = 'cadence'
                then -gap_hundredths
            else frequency::bigint
        end as frequency_rank_value,
        (monetary::decimal(22, 2) * 100)::bigint as monetary_rank_value
    from measures

)

select * from ranked
