"""The shop itself: its calendar, products, prices, campaigns and rates."""

import duckdb

from .companies import COMPANY_LOOKUPS
from .draws import create_constant
from .identities import BLOCKED_IDS
from .plans import PLAN_PRICES
from .releases import plan_releases
from .targets import ACQUISITION_COSTS, MONTHS, SEGMENT_TARGETS

# Weight of a day in thousandths of a usual one, and its place on the scale of
# "busy time", in which customers buy evenly.
CALENDAR = """
create table days as
with dated as (

    select
        d,
        date '1970-01-01' + (first_day() + d)::integer as day,
    from range(day_count()) as numbers (d)

),

holiday_effects as (

    select
        dated.d,
        max(case
            when date_diff('day', dated.day, lunar_holidays.holiday) between 5 and 20
                then 1300
            when date_diff('day', dated.day, lunar_holidays.holiday) between -2 and 1
                then 450
            else 1000
        end) filter (
            where date_diff('day', dated.day, lunar_holidays.holiday) between -2 and 20
        ) as holiday_weight,
    from dated
    cross join lunar_holidays
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
            when month(dated.day) = 11 and day(dated.day) <= 11 then 1500
            when month(dated.day) = 11 and day(dated.day) between 24 and 30 then 1400
            when month(dated.day) = 12 and day(dated.day) between 10 and 22 then 1250
            when month(dated.day) = 5 and day(dated.day) <= 15 then 1180
            when month(dated.day) = 3 and day(dated.day) <= 10 then 1120
            when month(dated.day) = 8 then 940
            else 1000
        end // 1000000000 as weight,
    from dated
    inner join holiday_effects on dated.d = holiday_effects.d

)

select
    d,
    day,
    weight,
    sum(weight) over (order by d)::bigint - weight as busy_from,
from weighed;

create table busy_time as
select
    days.d,
    slot,
from days,
    unnest(range((busy_from + 24) // 25, (busy_from + weight + 24) // 25))
        as slots (slot);
"""

PRODUCTS = """
create table price_changes as
with hashed as materialized (

    select
        product_number,
        price as list_price,
        mix(mix(product_number) + product_seed_h()) as h,
    from shop_products

),

changes as materialized (

    select
        hashed.*,
        version,
        nth(h, version) as version_h,
    from hashed, unnest(range(2 + day_count() // 90)) as versions (version)

),

dated as (

    select
        product_number,
        case
            when version = 0 then start_s() - 2220 * 86400
            when version = 1 + day_count() // 90
                then end_s() - (1 + pick(h, 'sale day', 5)) * 86400 + 36000
            else start_s()
                + (version * 90 - 60 + pick(version_h, 'day', 60)) * 86400
        end as from_s,
        case
            when version = 0 then list_price
            when version = 1 + day_count() // 90 then list_price * 80 // 1000 * 10
            else
                list_price * (88 + pick(version_h, 'step', 25)) // 10000 * 100
        end as price,
    from changes
    where
        version = 0
        or (version = 1 + day_count() // 90 and pick(h, 'sale', 100) < 20)
        or (version <= day_count() // 90 and pick(version_h, 'changes', 2) = 1)

)

select
    product_number,
    price,
    from_s,
    lead(from_s, 1, 9000000000) over (
        partition by product_number order by from_s
    ) as to_s,
from dated
where from_s < end_s()
qualify row_number() over (partition by product_number, from_s order by price) = 1;

create table assortment as
with hashed as (

    select
        *,
        mix(mix(product_number) + product_seed_h()) as h,
    from shop_products

),

shelved as (

    select
        *,
        case
            when pick(h, 'sold out', 100) < 8
                then end_s() - (5 + pick(h, 'sold out when', 55)) * 86400
            else 9000000000
        end as sold_out_s,
    from hashed

)

select
    product_number,
    sold_out_s,
    coalesce(
        min(product_number) filter (where sold_out_s = 9000000000)
            over (partition by category),
        product_number
    ) as substitute_number,
from shelved;

create table products_rows as
select
    'P' || (1000 + product_number) as product_id,
    name,
    category,
    unit_cost::decimal(18, 4) as unit_cost,
    sold_out_s = 9000000000 as is_active,
    product_number as row_n,
from shop_products
inner join assortment using (product_number);

create table product_prices_rows as
select
    'P' || (1000 + product_number) as product_id,
    price::decimal(18, 4) as price,
    moment(from_s) as valid_from,
    row_number() over (order by product_number, from_s) as row_n,
from price_changes;
"""

CAMPAIGNS = """
create table shop_campaigns as
with numbered as (

    select
        n,
        mix(mix(n + 1) + campaign_seed_h()) as h,
        start_s() + n * 12 * 86400 + 36000 as starts_s,
    from range((day_count() + 11) // 12) as numbers (n)

)

select
    n,
    h,
    'M' || (1001 + n) as campaign_id,
    starts_s,
    starts_s + pick(h, 'length', 6) * 86400 + 36000 as planned_end_s,
    n % 3 = 0 and n % 10 <> 9 as is_experiment,
    20 + pick(h, 'lift', 40) as lift_permille,
    case n % 10
        when 0 then 'email' when 1 then 'push' when 2 then 'sms'
        when 3 then 'brand_message' when 4 then 'in_app' when 5 then 'email'
        when 6 then 'push' when 7 then 'brand_message' when 8 then 'sms'
        else 'alimtalk'
    end as channel,
    case n % 7
        when 0 then 'repeat_purchase' when 1 then 'win_back'
        when 2 then 'first_purchase' when 3 then 'revenue'
        when 4 then 'retention' when 5 then 'repeat_purchase' else 'revenue'
    end as goal,
from numbered;

create table campaigns_rows as
select
    campaign_id,
    strftime(seoul_date(starts_s), '%Y-%m') || ' ' || case goal
        when 'repeat_purchase' then '재구매 제안'
        when 'win_back' then '다시 만나요'
        when 'first_purchase' then '첫 구매 혜택'
        when 'revenue' then '시즌 기획전'
        else '회원 감사'
    end as name,
    channel,
    goal,
    case when channel = 'alimtalk' then 'info' else 'ad' end as message_class,
    moment(starts_s) as starts_at,
    case when planned_end_s < end_s() then moment(planned_end_s) end as ends_at,
    (200000 + pick(h, 'cost', 300) * 10000)::decimal(18, 4) as cost,
    n as row_n,
from shop_campaigns;
"""

RATES = """
create table exchange_rates_rows as
with dated as (

    select
        d,
        date '1970-01-01' + (first_day() + d)::integer as rate_date,
        mix(d + 1000) as mixed_d,
    from range(-10, day_count()) as numbers (d)

),

drawn as (

    select
        currencies.*,
        dated.d,
        dated.rate_date,
        mix(dated.mixed_d + rate_seed_h() + salt) as h,
    from dated
    cross join (
        values ('USD', 1350000000, 3000, 13), ('JPY', 9200000, 20, 17)
    ) as currencies (currency, usual, step, salt)

),

walked as (

    select
        currency,
        rate_date,
        usual + sum(pick(h, 'step', 2001) - 1000)
            over (partition by currency order by d)
        * step as millionths,
    from drawn

)

select
    currency,
    rate_date,
    (
        greatest(millionths, 1000000)::decimal(18, 0) * 0.000001::decimal(7, 6)
    )::decimal(18, 8) as rate,
    row_number() over (order by currency, rate_date) as row_n,
from walked
where isodow(rate_date) <= 5;
"""


def open_shop(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what all customers share: days, products, campaigns, rates and plans."""
    plan_releases(connection)
    for statement in (
        COMPANY_LOOKUPS,
        CALENDAR,
        PRODUCTS,
        CAMPAIGNS,
        RATES,
        PLAN_PRICES,
        BLOCKED_IDS,
        MONTHS,
        ACQUISITION_COSTS,
        SEGMENT_TARGETS,
    ):
        connection.execute(statement)
    for name, query in {
        "busy_end": "select sum(weight)::bigint from days",
        "digital_category": "select category_n from category_numbers"
        " where category = 'digital'",
        "industry_count": "select count(*) from industry_slots",
    }.items():
        row = connection.execute(query).fetchone()
        assert row is not None
        create_constant(connection, name, row[0])
