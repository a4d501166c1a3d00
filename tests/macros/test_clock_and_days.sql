-- A day begins and ends at midnight where the shop is: nine hours before it does in UTC
-- for Seoul; five after it for New York, four while clocks are set forward. Where the
-- shop's days are other days there is nothing to expect.
with

cases (label, zone, moment, expected_day, days_since_2026) as (

    values
    (
        'before midnight', 'Asia/Seoul',
        timestamp '2026-01-31 14:59:59.999999', date '2026-01-31', 30
    ),
    (
        'at midnight', 'Asia/Seoul',
        timestamp '2026-01-31 15:00:00', date '2026-02-01', 31
    ),
    ('leap day', 'Asia/Seoul', timestamp '2028-02-29 00:00:00', date '2028-02-29', 789),
    ('year before', 'Asia/Seoul', timestamp '2025-12-31 14:59:59', date '2025-12-31', -1),
    ('unknown', 'Asia/Seoul', null, null, null),
    (
        'last of winter', 'America/New_York',
        timestamp '2026-03-08 04:59:59', date '2026-03-07', 65
    ),
    (
        'shortest day', 'America/New_York',
        timestamp '2026-03-08 05:00:00', date '2026-03-08', 66
    ),
    (
        'its last second', 'America/New_York',
        timestamp '2026-03-09 03:59:59', date '2026-03-08', 66
    ),
    (
        'first of summer', 'America/New_York',
        timestamp '2026-03-09 04:00:00', date '2026-03-09', 67
    ),
    (
        'longest day', 'America/New_York',
        timestamp '2026-11-01 04:00:00', date '2026-11-01', 304
    ),
    (
        'still the longest day', 'America/New_York',
        timestamp '2026-11-02 04:59:59', date '2026-11-01', 304
    ),
    (
        'clocks set back', 'America/New_York',
        timestamp '2026-11-02 05:00:00', date '2026-11-02', 305
    ),
    (
        'month end', 'America/New_York',
        timestamp '2026-07-01 03:59:59.999999', date '2026-06-30', 180
    ),
    (
        'new month', 'America/New_York',
        timestamp '2026-07-01 04:00:00', date '2026-07-01', 181
    )

),

measured as (

    select
        label,
        zone,
        expected_day,
        days_since_2026,
        {{ business_date('moment') }} as business_day
    from cases

)

select *
from measured
where
    '{{ var("business_timezone") }}' = zone
    and (
        business_day is distinct from expected_day
        or {{ days_between("date '2026-01-01'", 'business_day') }}
        is distinct from days_since_2026
    )
