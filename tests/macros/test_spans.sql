-- Hours and days between two moments are the same numbers wherever they are computed.
with

cases (
    label, opens_at, closes_at, expected_hours, first_day, last_day, expected_days
) as (

    values
    (
        'a day', timestamp '2026-01-31 00:00:00', timestamp '2026-02-01 00:00:00',
        24, date '2026-01-31', date '2026-02-01', 2
    ),
    (
        'a month and half an hour', timestamp '2026-01-31 00:00:00',
        timestamp '2026-03-03 00:30:00', 744,
        date '2026-01-31', date '2026-01-31', 1
    ),
    (
        'a microsecond short', timestamp '2026-01-01 00:00:00.000001',
        timestamp '2026-01-01 01:00:00', 0,
        date '2024-02-28', date '2024-03-01', 3
    ),
    ('unknown', null, timestamp '2026-01-01 00:00:00', null, null, null, 0)

),

days as (

    select
        label,
        {{ day_series('first_day', 'last_day') }} as day
    from cases

),

counted as (

    select
        label,
        count(*) as day_count,
        min(day) as first_day,
        max(day) as last_day
    from days
    group by label

),

measured as (

    select
        cases.label,
        cases.expected_hours,
        cases.expected_days,
        cases.first_day,
        cases.last_day,
        counted.first_day as first_listed,
        counted.last_day as last_listed,
        coalesce(counted.day_count, 0) as day_count,
        {{ whole_hours_between('cases.opens_at', 'cases.closes_at') }} as hours
    from cases
    left join counted
        on cases.label = counted.label

)

select *
from measured
where
    hours is distinct from expected_hours
    or day_count <> expected_days
    or first_listed is distinct from first_day
    or last_listed is distinct from last_day
