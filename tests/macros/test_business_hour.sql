-- The hour that a clock in the shop shows, on the days too when clocks are set forward or
-- back. Where the shop's clocks are others there is nothing to expect.
with

cases (label, zone, moment, expected_hour) as (

    values
    ('before midnight', 'Asia/Seoul', timestamp '2026-01-31 14:59:59.999999', 23),
    ('at midnight', 'Asia/Seoul', timestamp '2026-01-31 15:00:00', 0),
    ('noon', 'Asia/Seoul', timestamp '2026-07-01 03:00:00', 12),
    ('unknown', 'Asia/Seoul', null, null),
    ('last of winter', 'America/New_York', timestamp '2026-03-08 06:59:59', 1),
    ('first of summer', 'America/New_York', timestamp '2026-03-08 07:00:00', 3),
    ('last of summer', 'America/New_York', timestamp '2026-11-01 05:59:59', 1),
    ('the same hour again', 'America/New_York', timestamp '2026-11-01 06:00:00', 1),
    ('an hour later', 'America/New_York', timestamp '2026-11-01 07:00:00', 2)

),

measured as (

    select
        label,
        zone,
        expected_hour,
        {{ business_hour('moment') }}::int as hour_of_day
    from cases

)

select *
from measured
where
    '{{ var("business_timezone") }}' = zone
    and hour_of_day is distinct from expected_hour
