"""A day that is not all there stops the build before anybody is aged by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb
import pytest

from tests.python.compiled import Bench, World, compile_models, world
from tests.python.warehouse import AS_OF, Warehouse, failures

GUARD = "not_a_quiet_day_stg_orders_ordered_on"
DAY = date(2026, 6, 30)


def bench(**variables: object) -> Bench:
    """A database in which the guard of orders can run, compiled with variables."""
    given = {"as_of_date": AS_OF, "accept_quiet_day": False, **variables}
    compiled = compile_models(["stg_orders", GUARD], given)
    known = world("leap_day")
    made = Bench(World(DAY, known.timezone, "KRW", 0, compiled))
    made.table("stg_orders", {"ordered_on": "date", "row_state": "varchar"})
    return made


@pytest.fixture(scope="module")
def guard() -> Bench:
    """The guard as it is by default: half of what is usual."""
    return bench()


def stopped(guard: Bench, counts: Mapping[int, int]) -> str | None:
    """What the guard says to so many orders so many days ago; None = nothing."""
    rows = [
        {"ordered_on": DAY - timedelta(days=ago), "row_state": state}
        for ago, count in counts.items()
        # What is not kept is not counted.
        for state in ["kept"] * count + ["quarantined"] * 50 * (count > 0)
    ]
    guard.give("stg_orders", rows)
    try:
        found = guard.connection.execute(guard.compiled.sql[GUARD]).fetchall()
    except duckdb.InvalidInputException as error:
        return str(error)
    assert found == []
    return None


FOUR_WEEKS = {7: 9, 14: 11, 21: 10, 28: 10}


@pytest.mark.parametrize(
    ("what", "counts", "passes"),
    [
        ("a usual day", {0: 10, **FOUR_WEEKS}, True),
        ("exactly half", {0: 5, **FOUR_WEEKS}, True),
        ("just under half", {0: 4, **FOUR_WEEKS}, False),
        ("half of a median between two", {0: 5, 7: 9, 14: 11, 21: 9, 28: 12}, True),
        ("less than half of it", {0: 5, 7: 9, 14: 12, 21: 10, 28: 12}, False),
        ("nothing", FOUR_WEEKS, False),
        ("the fifth week does not count", {0: 4, 7: 8, 14: 8, 35: 99, 36: 1}, True),
        ("two quiet weeks halve what is usual", {0: 3, 7: 10, 14: 10, 30: 1}, True),
        ("and no more than that", {0: 2, 7: 10, 14: 10, 30: 1}, False),
        ("one quiet week does not", {0: 4, 7: 10, 14: 10, 21: 10, 30: 1}, False),
        ("a weekday that is always closed", {1: 9, 8: 9, 30: 9}, True),
        ("closed, and open six days ago", {6: 9, 30: 9}, True),
        ("closed, and nothing for a week", {8: 9, 30: 9}, False),
        ("open on a closed weekday", {0: 1, 1: 9, 30: 9}, True),
        ("a new shop", {0: 1, 1: 99}, True),
        ("a new shop on its first day", {0: 1}, True),
        ("a new shop that sold nothing", {1: 99}, False),
        ("a shop of two weeks, half", {0: 5, 7: 10, 13: 1}, True),
        ("a shop of two weeks, under half", {0: 4, 7: 10, 13: 1}, False),
        ("a shop of just one week before the first row", {0: 4, 7: 10}, False),
        ("no table", {}, True),
    ],
)
def test_a_day_is_quiet(
    guard: Bench, what: str, counts: dict[int, int], passes: bool
) -> None:
    assert (stopped(guard, counts) is None) == passes, what


def test_the_message_says_what_was_expected_and_what_to_do(guard: Bench) -> None:
    message = stopped(guard, {0: 4, 2: 30, **FOUR_WEEKS}) or ""
    for part in (
        *("orders: 2026-06-30 has 4 rows", "10.0 are usual on this weekday"),
        *("less than 0.5 of it", "before it that has rows is 2026-06-28"),
        *("Load the missing file", "AS_OF_DATE=2026-06-28 dbt build"),
        "dbt build --vars '{accept_quiet_day: true}'",
    ):
        assert part in message, message


def test_the_share_is_a_variable() -> None:
    lower = bench(quiet_day_share=0.3)
    assert stopped(lower, {0: 3, **FOUR_WEEKS}) is None
    assert "less than 0.3" in (stopped(lower, {0: 2, **FOUR_WEEKS}) or "")


def test_a_quiet_day_can_be_accepted() -> None:
    assert stopped(bench(accept_quiet_day=True), FOUR_WEEKS) is None


@pytest.fixture
def shop_without_today(empty: Warehouse) -> Warehouse:
    """A shop with an order a day up to the day before, and no events at all."""
    days = [DAY - timedelta(days=ago) for ago in range(1, 40)]
    raw = {
        "customers": "customer_id,created_at\nanna,2026-01-01T00:00:00Z\n",
        "orders": "order_id,customer_id,ordered_at,status,gross_amount\n"
        + "".join(f"o{d},anna,{d}T03:00:00Z,paid,1000\n" for d in days),
    }
    empty.write(raw)
    empty.load()
    return empty


def test_nobody_is_aged_by_a_missing_day(shop_without_today: Warehouse) -> None:
    """The build says why it stops, and nothing is recorded; accepted, it goes on."""
    shop = shop_without_today
    strict = {"as_of_date": AS_OF, "accept_quiet_day": False}
    result = shop.dbt("build", "--select", "+segment_records", variables=strict)
    assert not result.success
    assert "orders: 2026-06-30 has 0 rows, and 1.0 are usual" in failures(result)
    assert "events:" not in failures(result)
    built = "select * from information_schema.tables where table_schema = 'main'"
    downstream = "table_name in ('segment_records', 'customers')"
    assert shop.query(f"{built} and {downstream}") == []
    shop.build(AS_OF, "--select", "+customers", "--indirect-selection", "buildable")
    assert shop.query("select days_since_last_order from customers") == [(1,)]
    yesterday = (DAY - timedelta(days=1)).isoformat()
    shop.build(
        yesterday,
        *("--select", "+customers", "--indirect-selection", "buildable"),
        variables={"accept_quiet_day": False},
    )
    assert shop.query("select days_since_last_order from customers") == [(0,)]
