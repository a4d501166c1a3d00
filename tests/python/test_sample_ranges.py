"""A Korean shop's marketer would believe the sample: each row is a range they know.

Of the clean sample of 10,000 customers over two years.
"""

from collections import Counter
from datetime import date

import pytest

from tests.python.oracle import Order, rfm, rfm_name
from tests.python.sample import AS_OF, Sample, one_value
from tests.python.stage_oracle import (
    BUYER_CLASSES,
    backtest,
    calibrate,
    month_end_before,
    purchase_stage_on,
)

LAST_DAY = date.fromisoformat(AS_OF)

WITH = """
    with members as (

        select *
        from customers
        qualify row_number() over (
            partition by customer_id order by updated_at desc
        ) = 1

    ),

    sales as (

        select
            *,
            ordered_at::date as day,
        from newest_orders
        where status not in ('cancelled', 'pending')

    ),

    purchase_days as (

        select
            customer_id,
            day,
            lead(day) over (partition by customer_id order by day) as next_day,
            row_number() over (partition by customer_id order by day) as n,
        from (select distinct customer_id, day from sales where customer_id is not null)

    ),

    buyers as (

        select
            customer_id,
            count(*) as order_count,
        from sales
        where customer_id is not null
        group by customer_id

    ),

    visitor_days as (

        select
            bool_or(event_name = 'product_view') as has_view,
            has_view and bool_or(event_name = 'cart_add') as has_cart,
            has_cart and bool_or(event_name = 'checkout_start') as has_checkout,
            has_checkout and bool_or(event_name = 'purchase') as has_order,
        from events
        group by anonymous_id, occurred_at::date

    ),

    -- the days of each holiday and the week before them
    holidays as (

        select
            day::date as day,
            holiday,
            case when date_diff('day', day, holiday) <= 1 then 'holiday' else 'week' end
                as kind,
        from (
            values (date '2024-09-17'), (date '2025-01-29'), (date '2025-10-06'),
                (date '2026-02-17')
        ) as listed (holiday),
            unnest(range(holiday - 8, holiday + 2, interval 1 day)) as days (day)

    ),

    order_days as (

        select
            ordered_at::date as day,
            count(*) as order_count,
        from newest_orders
        where ordered_at >= timestamptz '2024-08-01 00:00:00+09'
        group by ordered_at::date

    ),

    -- a usual day is the middle one of the half year around
    compared as (

        select
            order_days.day,
            order_days.order_count,
            case
                when month(order_days.day) = 11 and day(order_days.day) <= 11
                    then 'november'
                else coalesce(holidays.kind, 'other')
            end as kind,
            median(around.order_count) as usual_count,
        from order_days
        inner join order_days as around
            on around.day between order_days.day - 90 and order_days.day + 90
        left join holidays on order_days.day = holidays.day
        group by all

    ),

    rebought as (

        select
            signup_channel,
            avg(coalesce(next_day - day <= 90, false)::int) as share,
        from purchase_days
        inner join members using (customer_id)
        where n = 1 and day <= date '2026-07-31' - 90
        group by signup_channel

    ),

    active as (

        select
            customer_id,
            count(distinct occurred_at::date) as day_count,
        from events
        where
            customer_id is not null
            and occurred_at >= timestamptz '2026-07-04 00:00:00+09'
        group by customer_id

    )

    select
"""
CALENDAR = "sum(order_count) / sum(usual_count) from compared where kind = "
GAP = "(next_day - day) from purchase_days where next_day is not null"


@pytest.mark.parametrize(
    ("least", "most", "measure"),
    [
        (0.55, 0.70, "(select count(*) from buyers) / count(*) from members"),
        (0.45, 0.60, "avg((order_count = 1)::int) from buyers"),
        (0.14, 0.20, "avg((order_count = 2)::int) from buyers"),
        (0.18, 0.30, "avg((order_count between 3 and 9)::int) from buyers"),
        (0.04, 0.09, "avg((order_count >= 10)::int) from buyers"),
        (25, 45, f"median{GAP}"),
        (110, 220, GAP.replace("(", "quantile_cont(", 1).replace(")", ", 0.9)", 1)),
        (0.20, 0.35, "avg(has_cart::int) from visitor_days where has_view"),
        (0.35, 0.55, "avg(has_checkout::int) from visitor_days where has_cart"),
        (0.55, 0.75, "avg(has_order::int) from visitor_days where has_checkout"),
        (1.8, 3, f"{CALENDAR} 'november'"),
        (1.5, 2.5, f"{CALENDAR} 'week'"),
        (0.3, 0.6, f"{CALENDAR} 'holiday'"),
        (1.5, 3, "max(share) / min(share) from rebought"),
        (0.02, 0.05, "avg((day_count >= 12)::int) from active"),
    ],
)
def test_a_marketer_believes_the_sample(
    least: float, most: float, measure: str, sample: Sample
) -> None:
    assert least <= one_value(sample, WITH + measure) <= most


def test_marketplaces_tell_no_member_and_own_channels_know_them(sample: Sample) -> None:
    known = dict(
        sample.execute(
            "select sales_channel, avg((customer_id is not null)::int)"
            " from newest_orders group by sales_channel"
        ).fetchall()
    )
    assert set(known) == {"own_app", "own_web", "store", "smartstore", "coupang"}
    assert known["smartstore"] == known["coupang"] == 0
    assert known["own_app"] == known["store"] == 1
    assert 0.8 < known["own_web"] < 0.95


def test_prices_lie_in_the_band_of_their_category_and_end_as_prices_do(
    sample: Sample,
) -> None:
    bands = {
        "fashion": (19_900, 89_000),
        "beauty": (9_900, 45_000),
        "food": (12_900, 79_000),
        "home": (5_900, 39_000),
        "kids": (9_900, 69_000),
        "pets": (7_900, 59_000),
        "digital": (49_000, 890_000),
    }
    prices = sample.execute(
        "select category, product_id, price"
        " from product_prices inner join products using (product_id)"
    ).fetchall()
    assert {category for category, _, _ in prices} == set(bands)
    for category, product_id, price in prices:
        least, most = bands[category]
        assert least <= price <= most and price % 100 == 0, product_id
    # set for each product, not drawn from a few
    assert len({price for _, _, price in prices}) > 50
    basket = "select median(gross_amount) from newest_orders where currency = 'KRW'"
    assert 36_000 < one_value(sample, basket) < 45_000


def test_information_carries_no_offer(sample: Sample) -> None:
    info = "campaigns where message_class = 'info'"
    assert one_value(sample, f"select count(*) from {info}") > 3
    offers = f"""
        select name from {info}
            and (
                goal <> 'service'
                or regexp_matches(name, '혜택|제안|기획전|쿠폰|할인|감사|만나요|%|원')
            )
    """
    assert sample.execute(offers).fetchall() == []
    for table, condition in (
        ("campaign_messages", "variant is not null"),
        ("truth_arms", "true"),
        ("events", "event_name not in ('page_view', 'unsubscribe')"),
        ("customers", "true"),
    ):
        column = "signup_campaign" if table == "customers" else "campaign_id"
        selling = f"""
            select count(*) from {table}
            where {column} in (select campaign_id from {info}) and {condition}
        """
        assert one_value(sample, selling) == 0, table


@pytest.fixture(scope="module")
def days(sample: Sample) -> dict[str, list[date]]:
    """The purchase days of each buyer."""
    found: dict[str, list[date]] = {}
    for customer, day in sample.execute(
        f"{WITH} customer_id, day from purchase_days order by customer_id, day"
    ).fetchall():
        found.setdefault(customer, []).append(day)
    return found


def test_who_is_called_churned_seldom_buys_in_the_next_three_months(
    days: dict[str, list[date]],
) -> None:
    judged = [
        row
        for row in backtest(days, LAST_DAY, months=12)
        if row.purchase_stage == "churned" and row.is_calibrated
    ]
    for buyer_class in BUYER_CLASSES:
        own = [row for row in judged if row.buyer_class == buyer_class]
        over = [row for row in own if row.bought_90 is not None]
        spells = sum(row.spells for row in over)
        assert spells > 300
        assert 0.02 < sum(row.bought_90 or 0 for row in over) / spells <= 0.3


def test_every_purchase_stage_has_its_share_and_loyal_buyers_are_seldom_churned(
    days: dict[str, list[date]], sample: Sample
) -> None:
    calibrations = calibrate(days, month_end_before(LAST_DAY))
    stages = {
        customer: purchase_stage_on(LAST_DAY, own[0], own, calibrations)
        for customer, own in days.items()
    }
    shares = {
        stage: count / len(stages) for stage, count in Counter(stages.values()).items()
    }
    assert 0.12 < shares["first_purchase"] < 0.25
    assert 0.15 < shares["existing"] < 0.30
    assert 0.15 < shares["at_risk"] < 0.28
    assert 0.28 < shares["churned"] < 0.45
    assert 0.005 < shares["reactivated"] < 0.05
    orders = sample.execute(
        f"{WITH} order_id, customer_id, day,"
        " (gross_amount - discount_amount)::bigint as net_revenue"
        " from sales where customer_id is not null and currency = 'KRW'"
    ).fetchall()
    named: dict[str, list[str | None]] = {"champions": [], "loyal": []}
    for one in rfm([Order(*order) for order in orders], LAST_DAY).customers.values():
        name = rfm_name(one.r_score, one.f_score, one.m_score)
        if name in named:
            named[name].append(stages[one.customer_id])
    for own in named.values():
        assert len(own) > 300
        assert own.count("churned") / len(own) <= 0.05
