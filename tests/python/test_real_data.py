"""Two real shops, loaded and built, against numbers that others computed.

UCI Online Retail (541,909 lines of a British wholesaler, 2010-12 to 2011-12)

- The published counting rules: A all lines with a customer, cancellations included;
  B lines with a customer on invoices that are no cancellation; C and D the same by a
  quantity (and price) above zero. Ours is B: an order is an order, also one worth
  nothing, and a cancellation that names no order can be taken off none.
- So 4,372 customers are known (rule A counts them), 4,339 of them have bought (B),
  and customer 13256, whose one order is worth 0, is a buyer. The published RFM table
  has 4,338, since it asks for money above 0; per customer it is equal.
- Recency: the published one is the whole days from each customer's last time to
  2011-12-11 00:00. Ours is days from the last day to the as-of day, which is complete:
  as of 2011-12-10 both are the same number for each customer. Counting calendar days
  to 2011-12-11, as others do, gives one more each.
- Money: published sums keep tenths of a penny of four lines; ours are rounded for each
  invoice, so that one customer may differ by half a penny. The sum does not.
- Lines without a customer are guests: their invoices count as revenue and are scored
  for nobody. One published analysis made them customer 0, a champion with 77.9 % of
  customers' revenue where 73.0 % is right; no such customer may exist here.
- Days are London's: the shop was there and times in the file are its wall clock, read
  with the loader's --time-zone, summer time included.
- Scores are not compared: quintiles by `qcut` and `ntile` treat ties otherwise.

CDNOW (6,919 orders of 2,357 customers who first bought in early 1997; the sample of
the literature)

- No order has an id and dates have no time: each row is an order, the equal ones too,
  at midnight UTC with UTC as business time zone, so that dates stay as they are.
- Fader and Hardie count by day: 6,696 customer days, 2,457 repeat days in the 39 weeks
  of calibration and 1,882 in the 39 weeks after, which are our purchase days.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.python import real_data, stage_oracle
from tests.python.real_data import CDNOW, ONLINE_RETAIL, SHARED
from tests.python.warehouse import Warehouse

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"the real data are not there: {SHARED}"
)

HALF_A_PENNY = Decimal("0.005")
ONLINE_RETAIL_AS_OF = date(2011, 12, 10)
CDNOW_AS_OF = date(1998, 6, 30)
CALIBRATION_END = date(1997, 9, 30)


@pytest.fixture(scope="module")
def wholesaler(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Online Retail, loaded and built with every test of data."""
    warehouse = Warehouse(tmp_path_factory.mktemp("online_retail"))
    real_data.write_online_retail(warehouse.raw)
    warehouse.load("--time-zone", "Europe/London")
    warehouse.build(
        ONLINE_RETAIL_AS_OF.isoformat(),
        variables={
            "reporting_currency": "GBP",
            "business_timezone": "Europe/London",
        },
    )
    return warehouse


@pytest.fixture(scope="module")
def music_shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """CDNOW, loaded and built with every test of data."""
    warehouse = Warehouse(tmp_path_factory.mktemp("cdnow"))
    real_data.write_cdnow(warehouse.raw)
    warehouse.load()
    warehouse.build(
        CDNOW_AS_OF.isoformat(),
        variables={"reporting_currency": "USD", "business_timezone": "UTC"},
    )
    return warehouse


def expected(folder: Any) -> Any:
    """The published and independently computed numbers of a data set."""
    return json.loads((folder / "expected.json").read_text(), parse_float=Decimal)


def lines(query: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the lines of Online Retail, prices as decimals."""
    with duckdb.connect() as connection:
        connection.sql(
            f"""
            create view lines as
            select * replace (unit_price::decimal(18, 4) as unit_price)
            from read_parquet('{ONLINE_RETAIL}/online_retail_2010_2011.parquet')
            """
        )
        return connection.sql(query).fetchall()


def fates(warehouse: Warehouse) -> dict[str, tuple[int, ...]]:
    """rows_in, kept, superseded, not_yet and quarantined of tables that have rows."""
    rows = warehouse.query(
        """
        select raw_table, rows_in, kept, superseded, not_yet, quarantined
        from row_fates where rows_in > 0
        """
    )
    return {name: tuple(counts) for name, *counts in rows}


def test_the_wholesalers_rows_are_all_kept_but_two_write_offs(
    wholesaler: Warehouse,
) -> None:
    rows = expected(ONLINE_RETAIL)["raw"]["rows"]
    cancelled = expected(ONLINE_RETAIL)["raw"]["cancellation_lines"]
    assert rows - cancelled == 532_621
    assert fates(wholesaler) == {
        "customers": (4372, 4372, 0, 0, 0),
        "orders": (22_064, 22_062, 0, 0, 2),
        "order_items": (532_621, 532_619, 0, 0, 2),
    }
    assert wholesaler.query(
        """
        select raw_table, row_key, reason from quarantined_rows order by 1, 2
        """
    ) == [
        ("order_items", "A563186|1", "orphan"),
        ("order_items", "A563187|1", "orphan"),
        ("orders", "A563186", "negative_sale"),
        ("orders", "A563187", "negative_sale"),
    ]


def test_the_wholesalers_customers_orders_and_revenue_are_those_of_rule_b(
    wholesaler: Warehouse,
) -> None:
    rules = expected(ONLINE_RETAIL)["rules"]
    rule = rules["B_nonnull_not_C_invoice"]
    [(customers,)] = wholesaler.query("select count(*) from customers")
    [(buyers, orders, revenue)] = wholesaler.query(
        """
        select count(distinct customer_id), count(*), sum(net_revenue)
        from orders where is_valid
        """
    )
    assert customers == rules["A_nonnull_customer"]["customers"] == 4372
    assert buyers == rule["customers"] == 4339
    assert orders == rule["invoices"] == 18_536
    assert revenue == rule["revenue"] == Decimal("8911407.90")
    # what rule A takes off is what the cancellations are worth, no more
    cancelled = rules["cancel_revenue_nonnull"]
    assert rule["revenue"] + cancelled == rules["A_nonnull_customer"]["revenue"]


def test_each_customers_last_day_frequency_and_money_are_as_published(
    wholesaler: Warehouse,
) -> None:
    with duckdb.connect() as connection:
        published = {
            customer_id: (recency, frequency, last_on, monetary)
            for customer_id, *(recency, frequency, last_on, monetary) in connection.sql(
                f"""
                select customer_id::varchar, recency, frequency, last::date,
                    monetary::decimal(18, 4)
                from read_parquet('{ONLINE_RETAIL}/expected_rfm.parquet')
                """
            ).fetchall()
        }
    ours = {
        customer_id: (recency, frequency, last_on, monetary)
        for customer_id, *(recency, frequency, last_on, monetary) in wholesaler.query(
            """
            select customer_id, recency_days, frequency, last_order_on, monetary
            from customer_rfm
            """
        )
    }
    assert set(ours) - set(published) == {"13256"}
    assert set(published) <= set(ours)
    assert ours["13256"][1] == 1
    assert ours["13256"][3] == 0
    assert [
        (customer_id, ours[customer_id], row)
        for customer_id, row in published.items()
        if ours[customer_id][:3] != row[:3]
        or abs(ours[customer_id][3] - row[3]) > HALF_A_PENNY
    ] == []
    checksum = expected(ONLINE_RETAIL)["rfm"]["checksum"]
    sums = [sum(ours[each][part] for each in published) for part in (0, 1)]
    assert sums == [checksum["sum_recency"], checksum["sum_frequency"]]
    assert sums == [403_692, 18_535]
    assert sums[0] + len(published) == checksum["sum_calendar_day_recency"] == 408_030
    money = sum((ours[each][3] for each in published), Decimal(0))
    assert money == checksum["sum_monetary"]


def test_guests_of_the_wholesaler_count_as_revenue_and_are_scored_for_nobody(
    wholesaler: Warehouse,
) -> None:
    [(invoices, revenue)] = lines(
        """
        select count(*), sum(amount)
        from (
            select sum(quantity * unit_price) as amount
            from lines
            where customer_id is null and invoice_no not like 'C%'
            group by invoice_no
        )
        where amount >= 0
        """
    )
    guests = wholesaler.query(
        """
        select count(*), sum(net_revenue), count(customer_id), bool_or(is_valid),
            bool_and(is_revenue)
        from orders where invalid_reason = 'guest'
        """
    )
    assert guests == [(invoices, revenue, 0, False, True)]
    assert invoices == 3526
    assert wholesaler.query(
        """
        select count(*) from customers
        where not regexp_full_match(customer_id, '1[0-9]{4}')
        """
    ) == [(0,)]
    [(all_revenue,)] = wholesaler.query("select sum(net_revenue) from daily_revenue")
    [(valid_revenue,)] = wholesaler.query("select sum(net_revenue) from customers")
    assert all_revenue == valid_revenue + revenue


def test_no_customer_of_the_wholesaler_has_three_quarters_of_the_revenue(
    wholesaler: Warehouse,
) -> None:
    """Customer 0 of the published analysis would be the largest by far."""
    assert wholesaler.query(
        """
        select max(net_revenue) < 0.04 * sum(net_revenue) from customers
        """
    ) == [(True,)]


def test_the_wholesalers_first_orders_fall_in_the_published_months(
    wholesaler: Warehouse,
) -> None:
    """By rule B: the cohorts of rule C, and customer 13256, who is in none of them."""
    cohorts = expected(ONLINE_RETAIL)["cohorts"]["C_nonnull_qty_gt0_price_gt0"]
    ours = wholesaler.query(
        """
        select strftime(first_ordered_on, '%Y-%m'), count(*)
        from customers
        where order_count > 0 and customer_id <> '13256'
        group by 1
        order by 1
        """
    )
    assert ours == [(month, counts[0]) for month, counts in sorted(cohorts.items())]


def test_the_music_shops_rows_are_all_kept(music_shop: Warehouse) -> None:
    assert fates(music_shop) == {
        "customers": (2357, 2357, 0, 0, 0),
        "orders": (6919, 6919, 0, 0, 0),
    }


def test_the_music_shops_customers_orders_and_revenue_are_as_published(
    music_shop: Warehouse,
) -> None:
    sample = expected(CDNOW)["sample"]
    assert music_shop.query(
        """
        select count(*), sum(order_count), sum(net_revenue),
            (select count(*) from customer_days),
            (select count(*) from orders where net_revenue = 0)
        from customers where order_count > 0
        """
    ) == [
        (
            sample["customers"],
            sample["rows"],
            sample["revenue"],
            sample["distinct_customer_days"],
            8,
        )
    ]
    assert (sample["customers"], sample["rows"]) == (2357, 6919)
    assert sample["distinct_customer_days"] == 6696


def test_the_music_shops_repeat_days_are_those_of_the_literature(
    music_shop: Warehouse,
) -> None:
    sample = expected(CDNOW)["sample"]
    [(calibration, holdout, repeat_buyers)] = music_shop.query(
        f"""
        select
            count(*) filter (where purchased_on <= date '{CALIBRATION_END}'),
            count(*) filter (where purchased_on > date '{CALIBRATION_END}'),
            count(distinct customer_id)
                filter (where purchased_on <= date '{CALIBRATION_END}')
        from main_intermediate.int_purchase_deadlines
        where own_gap_count > 0
        """
    )
    assert calibration == sample["sum_x_calibration"] == 2457
    assert holdout == sample["sum_x_star_holdout"] == 1882
    assert repeat_buyers == sample["repeat_buyers_calibration"] == 946
    assert calibration + holdout == sample["cumulative_actual_week78"] == 4339


def test_the_music_shops_repeat_days_of_each_week_are_as_published(
    music_shop: Warehouse,
) -> None:
    """Weeks of seven days from 1997-01-01, the first day of the first cohort."""
    sample = expected(CDNOW)["sample"]
    counted = dict(
        music_shop.query(
            """
            select ((purchased_on - date '1997-01-01') // 7)::int, count(*)
            from main_intermediate.int_purchase_deadlines
            where own_gap_count > 0
            group by 1
            """
        )
    )
    weeks = len(sample["weekly_repeat_transactions_incremental"])
    ours = [counted.get(week, 0) for week in range(weeks)]
    assert ours == sample["weekly_repeat_transactions_incremental"]


FEWEST_SPELLS = 100


def test_who_was_called_churned_stayed_away(
    wholesaler: Warehouse, music_shop: Warehouse
) -> None:
    """At most three of ten bought within 90 days; few spells are printed only."""
    judged = 0
    for shop in (wholesaler, music_shop):
        for buyer_class, spells, bought in shop.query(
            """
            select buyer_class, spell_count, bought_within_90
            from stage_backtest
            where
                calibrated_on is null and is_calibrated
                and purchase_stage = 'churned' and spell_count > 0
            """
        ):
            share = bought / spells
            print(f"{buyer_class}: {bought} of {spells} churned, {share:.1%}, bought")
            if spells >= FEWEST_SPELLS:
                judged += 1
                assert share <= 0.30
    assert judged >= 2


def test_the_best_buyers_of_the_wholesaler_are_not_called_churned(
    wholesaler: Warehouse,
) -> None:
    ((churned,),) = wholesaler.query(
        """
        select
            sum(case when purchase_stage = 'churned' then customer_count else 0 end)
            / sum(customer_count)
        from rfm_stage_table
        where rfm_segment in ('champions', 'loyal')
        """
    )
    assert churned <= 0.05


def test_real_calibrations_are_those_of_the_oracle(
    wholesaler: Warehouse, music_shop: Warehouse
) -> None:
    for shop in (wholesaler, music_shop):
        days: dict[str, list[date]] = {}
        for who, day in shop.query(
            "select distinct customer_id, ordered_on from orders where is_valid"
        ):
            days.setdefault(who, []).append(day)
        for calibrated_on, buyer_class, *told in shop.query(
            """
            select
                calibrated_on, buyer_class, is_calibrated, risk_days, churn_days,
                risk_lateness, churn_lateness, gap_count, ended_count, followed_days
            from stage_calibration
            where month(calibrated_on) in (2, 5, 9)
            """
        ):
            one = stage_oracle.calibrate(days, calibrated_on)[buyer_class]
            assert told == [
                *(one.is_calibrated, one.risk_days, one.churn_days),
                *(one.risk_lateness, one.churn_lateness),
                *(one.gaps, one.ended, one.followed),
            ]


def test_each_music_customers_days_and_money_are_as_derived_by_others(
    music_shop: Warehouse,
) -> None:
    with duckdb.connect() as connection:
        derived = {
            customer_id: (x, x_star, last, zbar, later)
            for customer_id, x, x_star, last, zbar, later in connection.sql(
                f"""
                select sample_id, x::int, x_star::int, round(t_x::double * 7)::int,
                    zbar::double, holdout_dollars::decimal(18, 2)
                from read_csv(
                    '{CDNOW}/cdnow_sample_cbs_derived.csv', all_varchar = true
                )
                """
            ).fetchall()
        }
    ours = {
        customer_id: (x, x_star, last, zbar, later)
        for customer_id, x, x_star, last, zbar, later in music_shop.query(
            f"""
            with

            days as (

                select
                    customer_id,
                    ordered_on,
                    sum(net_revenue) as amount,
                    ordered_on <= date '{CALIBRATION_END}' as is_calibration,
                    min(ordered_on) over (partition by customer_id) as first_on
                from orders
                where is_valid
                group by customer_id, ordered_on

            )

            select
                customer_id,
                count(*) filter (where is_calibration) - 1,
                count(*) filter (where not is_calibration),
                max(ordered_on - first_on) filter (where is_calibration),
                coalesce(
                    avg(amount) filter (where is_calibration and ordered_on > first_on),
                    0
                )::double,
                coalesce(sum(amount) filter (where not is_calibration), 0)
            from days
            group by customer_id
            """
        )
    }
    assert set(ours) == set(derived)
    assert [
        (customer_id, ours[customer_id], row)
        for customer_id, row in derived.items()
        if ours[customer_id][:3] != row[:3]
        or abs(ours[customer_id][3] - row[3]) > 0.005
        or ours[customer_id][4] != row[4]
    ] == []
    holdout = expected(CDNOW)["sample"]["holdout_revenue"]
    assert sum(row[4] for row in ours.values()) == holdout


def test_the_music_shops_profiles_say_the_same_as_its_rows(
    music_shop: Warehouse,
) -> None:
    """Order count, money and last day of each customer, counted from the file."""
    with duckdb.connect() as connection:
        counted = connection.sql(
            f"""
            select sample_id, count(*), sum(dollar_value::decimal(18, 2)),
                max(date::date)
            from read_csv('{CDNOW}/cdnow_sample.csv', all_varchar = true)
            group by sample_id
            order by sample_id
            """
        ).fetchall()
    ours = music_shop.query(
        """
        select customer_id, frequency, monetary, last_order_on
        from customer_rfm
        order by customer_id
        """
    )
    assert ours == counted
    last_days = {
        customer_id: CDNOW_AS_OF - timedelta(days=recency)
        for customer_id, recency in music_shop.query(
            "select customer_id, recency_days from customer_rfm"
        )
    }
    assert last_days == {row[0]: row[3] for row in counted}
