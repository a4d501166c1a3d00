-- Weight of a day in thousandths of a usual one, and its place on the scale of
-- "busy time", in which customers buy evenly.
create table days as
with dated as (

    select
        numbers.d,
        date '1970-01-01' + (first_day() + numbers.d)::integer as day
    from range(day_count()) as numbers (d)

),

holiday_effects as (

    select
        dated.d,
        max(case
            when date_diff('day', dated.day, lunar_holidays.holiday) between 9 and 20
                then 1250
            when date_diff('day', dated.day, lunar_holidays.holiday) between 2 and 8
                then 2000
            when date_diff('day', dated.day, lunar_holidays.holiday) between -2 and 1
                then 400
            else 1000
        end) filter (
            where date_diff('day', dated.day, lunar_holidays.holiday) between -2 and 20
        ) as holiday_weight
    from dated
    cross join lookups.lunar_holidays
    group by dated.d

),

weighed as (

    select
        dated.d,
        dated.day,
        coalesce(holiday_effects.holiday_weight, 1000)::bigint
        * case isodow(dated.day)
            when 1 then 1060 when 5 then 960 when 6 then 930 when 7 then 1050
            else 1000
        end
        * case
            when day(dated.day) between 25 and 27 then 1220
            when day(dated.day) = 24 then 900
            else 1000
        end
        * case
            when month(dated.day) = 11 and day(dated.day) = 11 then 3600
            when month(dated.day) = 11 and day(dated.day) <= 10 then 2100
            when month(dated.day) = 11 and day(dated.day) between 24 and 30 then 1400
            when month(dated.day) = 12 and day(dated.day) between 10 and 22 then 1250
            when month(dated.day) = 5 and day(dated.day) <= 15 then 1180
            when month(dated.day) = 3 and day(dated.day) <= 10 then 1120
            when month(dated.day) = 8 then 940
            else 1000
        end // 1000000000 as weight
    from dated
    inner join holiday_effects on dated.d = holiday_effects.d

)

select
    d,
    day,
    weight,
    sum(weight) over (order by d)::bigint - weight as busy_from
from weighed;

create table busy_time as
select
    days.d,
    slots.slot
from days,
    unnest(
        range((days.busy_from + 24) // 25, (days.busy_from + days.weight + 24) // 25)
    ) as slots (slot);
