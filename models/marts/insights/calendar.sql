{%- set last_day = as_of_day().replace(month=12, day=31, year=as_of_day().year + 1) -%}

with

days as (

    select
        {{ day_series("date '1995-01-01'", "date '" ~ last_day.isoformat() ~ "'") }}
            as day

),

holidays as (

    select
        day,
        max(case when country = 'KR' then name_en end) as korean_holiday_en,
        max(case when country = 'KR' then name_ko end) as korean_holiday_ko,
        max(
            case when country = {{ sql_text(var('holiday_country')) }} then name_en end
        ) as shop_holiday
    from {{ ref('holidays') }}
    group by day

),

-- 1990 began with a Monday
described as (

    select
        days.day,
        holidays.korean_holiday_en,
        holidays.korean_holiday_ko,
        holidays.shop_holiday,
        days.day - (dayofmonth(days.day) - 1)::int as month_start,
        ({{ days_between("date '1990-01-01'", 'days.day') }} % 7 + 1)::int
            as iso_weekday
    from days
    left join holidays
        on days.day = holidays.day

),

-- a week is of the year that has its Thursday
counted as (

    select
        *,
        day - (iso_weekday - 1) as week_start,
        day - (iso_weekday - 4) as thursday,
        iso_weekday >= 6 as is_weekend,
        max(
            case
                when
                    dayofmonth(day) <= {{ var('payday') }}
                    and iso_weekday < 6
                    and shop_holiday is null
                    then day
            end
        ) over (partition by month_start) as payday
    from described

),

calendar as (

    select
        day,
        week_start,
        month_start,
        iso_weekday,
        is_weekend,
        korean_holiday_en,
        korean_holiday_ko,
        shop_holiday,
        year(thursday)::int as iso_year,
        ((dayofyear(thursday) - 1 - (dayofyear(thursday) - 1) % 7) / 7 + 1)::int
            as iso_week,
        coalesce(day = payday, false) as is_payday,
        case
            when month(day) between 3 and 5
                then 'spring'
            when month(day) between 6 and 8
                then 'summer'
            when month(day) between 9 and 11
                then 'autumn'
            else 'winter'
        end as season
    from counted

)

select * from calendar
