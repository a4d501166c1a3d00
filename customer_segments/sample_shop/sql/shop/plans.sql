-- What the shop plans: acquisition costs and what segments shall reach. Both follow the
-- number of customers, as a larger shop spends and expects more.
create table months as
select distinct date_trunc('month', day)::date as month
from days;

create table acquisition_costs_rows as
with paid as (

    select
        signup_channels.signup_channel,
        signup_channels.share,
        signup_channels.cost_each,
        months.month,
        count(days.d) as day_count,
        mix(
            purpose_number(signup_channels.signup_channel)
            + date_diff('month', date '2000-01-01', months.month) * 7919 + seed_h()
        ) as h
    from lookups.signup_channels
    cross join months
    inner join days on date_trunc('month', days.day)::date = months.month
    group by all

)

select
    signup_channel,
    month,
    (
        customer_count() * share * day_count * cost_each // (100 * day_count())
        * (80 + pick(h, 'cost', 45)) // 100 // 100 * 100
    )::decimal(18, 4) as cost,
    row_number() over (order by month, signup_channel) as row_n
from paid;

create table segment_targets_rows as
with ahead as (

    select
        (max(months.month) + numbers.n * interval 1 month)::date as month,
        numbers.n - 6 as months_ahead
    from months
    cross join range(-6, 4) as numbers (n)
    group by numbers.n

)

select
    targets.segment,
    ahead.month,
    targets.metric,
    (
        customer_count() * targets.permille
        * (100 + ahead.months_ahead * targets.monthly_growth) // 100000
    )::decimal(18, 4) as target,
    row_number() over (
        order by ahead.month, targets.segment, targets.metric
    ) as row_n
from lookups.targets
cross join ahead
where setting('has_shop');
