-- A day begins and ends at midnight in Seoul, nine hours before it does in UTC; where
-- the shop's days are other days there is nothing to expect.
with

cases (label, moment, expected_day, days_since_2026) as (

    values
    ('before midnight', timestamp '2026-01-31 14:59:59', date '2026-01-31', 30),
    ('at midnight', timestamp '2026-01-31 15:00:00', date '2026-02-01', 31),
    ('leap day', timestamp '2028-02-29 00:00:00', date '2028-02-29', 789),
    ('year before', timestamp '2025-12-31 14:59:59', date '2025-12-31', -1),
    ('unknown', null, null, null)

),

measured as (

    select
        label,
        expected_day,
        days_since_2026,
        {{ business_date('moment') }} as business_day
    from cases

)

select *
from measured
where
    '{{ var("business_timezone") }}' = 'Asia/Seoul'
    and (
        business_day is distinct from expected_day
        or {{ days_between("date '2026-01-01'", 'business_day') }}
        is distinct from days_since_2026
    )
