-- A series holds each day from the first to the last, none where one is unknown.
with

cases (label, first_day, last_day, expected_days) as (

    values
    ('over a month''s end', date '2026-01-31', date '2026-02-01', 2),
    ('a day', date '2026-01-31', date '2026-01-31', 1),
    ('a leap day', date '2024-02-28', date '2024-03-01', 3),
    ('unknown', null, null, 0)

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
        cases.expected_days,
        cases.first_day,
        cases.last_day,
        counted.first_day as first_listed,
        counted.last_day as last_listed,
        coalesce(counted.day_count, 0) as day_count
    from cases
    left join counted
        on cases.label = counted.label

)

select *
from measured
where
    day_count <> expected_days
    or first_listed is distinct from first_day
    or last_listed is distinct from last_day
