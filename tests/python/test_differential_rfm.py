"""RFM measures, thresholds, scores and names in SQL against the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import Bench, Suite, World, seed_rows, world

CHAIN = ("int_rfm_measures", "rfm_thresholds", "customer_rfm")
SCORES = range(1, 6)


@dataclass(frozen=True)
class RfmCase:
    """Orders to score; thresholds come from the earlier orders if there are any."""

    orders: Sequence[oracle.Order]
    earlier: Sequence[oracle.Order] | None


DAYS_AGO = st.sampled_from((0, 1, 2, 28, 29, 30, 31, 59, 60, 365, 366)) | st.integers(
    0, 400
)
AMOUNTS = st.sampled_from((0, 1, 99, 100, 101, 10_000)) | st.integers(0, 10**7)
VALID = st.sampled_from((True,) * 7 + (False,))
HISTORIES = st.lists(st.tuples(DAYS_AGO, AMOUNTS, VALID), min_size=1, max_size=4)


def orders_of(
    histories: Sequence[Sequence[tuple[int, int, bool]]], as_of: date
) -> list[oracle.Order]:
    """Return the orders of customers, given as days ago, amount and validity."""
    return [
        oracle.Order(
            f"o{customer}-{number}",
            f"c{customer:03}",
            as_of - timedelta(days=days_ago),
            amount,
            is_valid,
        )
        for customer, history in enumerate(histories)
        for number, (days_ago, amount, is_valid) in enumerate(history)
    ]


@st.composite
def populations(draw: DrawFn, as_of: date) -> list[oracle.Order]:
    """Draw few buyers one by one, or about a hundred from a few kinds of buyers."""
    size = draw(st.integers(0, 12) | st.sampled_from((13, 99, 100, 101, 130)))
    if size <= 13:
        return orders_of(draw(st.lists(HISTORIES, min_size=size, max_size=size)), as_of)
    kinds = draw(st.lists(HISTORIES, min_size=1, max_size=6))
    days_apart = draw(st.sampled_from((0, 1, 3)))
    amounts_apart = draw(st.sampled_from((0, 1, 50)))
    repeats = draw(st.sampled_from((1, 2, 5)))
    # Equal buyers in the middle make the two middle thresholds one.
    middle = draw(st.sampled_from((range(0), range(size * 3 // 10, size * 7 // 10))))
    histories = []
    for number in range(size):
        step = size // 2 if number in middle else number
        history = [
            (days_ago + step * days_apart, amount + step * amounts_apart, is_valid)
            for days_ago, amount, is_valid in kinds[number % len(kinds)]
        ]
        histories.append(history * (1 + number % repeats))
    return orders_of(histories, as_of)


@st.composite
def rfm_cases(draw: DrawFn, as_of: date) -> RfmCase:
    """Draw a population, one case in four against frozen thresholds of another."""
    orders = draw(populations(as_of))
    is_frozen = draw(st.sampled_from((False, False, False, True)))
    return RfmCase(orders, draw(populations(as_of)) if is_frozen else None)


def cases(world: World) -> SearchStrategy[RfmCase]:
    """Return the cases of a world."""
    return rfm_cases(world.as_of)


def order_rows(orders: Sequence[oracle.Order], scale: int) -> list[dict[str, Any]]:
    """Return rows for the table of orders."""
    return [
        {
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "ordered_on": order.ordered_on,
            "net_revenue": Decimal(order.net_revenue_minor).scaleb(-scale),
            "is_valid": order.is_valid,
        }
        for order in orders
    ]


def threshold_row(
    measure: str, shown: Sequence[int], found: oracle.Thresholds, minimum: int = 100
) -> tuple[object, ...]:
    """Return a row of rfm_thresholds; null where nobody is ranked."""
    four = [*shown, None, None, None, None][:4]
    # The table shows the anchor of frequency, one order, as its first threshold.
    coincide = len(set(shown)) < len(shown)
    is_low = coincide or found.ranked < minimum
    return (measure, *four, found.ranked, "low" if is_low else "ok")


def check_rfm(bench: Bench, case: RfmCase) -> None:
    """Compare thresholds and every customer's measures, scores and name."""
    world = bench.world
    frozen = None
    if case.earlier is not None:
        bench.give("orders", order_rows(case.earlier, world.scale))
        bench.run("int_rfm_measures", "rfm_thresholds")
        earlier = oracle.rfm(case.earlier, world.as_of, world.window_days)
        frozen = earlier.thresholds
    bench.give("orders", order_rows(case.orders, world.scale))
    bench.run("int_rfm_measures")
    if frozen is None:
        bench.run("rfm_thresholds")
    bench.run("customer_rfm")

    expected = oracle.rfm(case.orders, world.as_of, world.window_days, frozen)
    in_hundredths = 100 // 10**world.scale
    recency = expected.thresholds.recency
    frequency = expected.thresholds.frequency
    monetary = expected.thresholds.monetary
    hundredths = [value * in_hundredths for value in monetary.values]
    assert bench.rows(
        "rfm_thresholds",
        "measure, threshold_1, threshold_2, threshold_3, threshold_4,"
        " ranked_customers, score_reliability",
    ) == [
        threshold_row("frequency", (1, *frequency.values), frequency),
        threshold_row("monetary", hundredths, monetary),
        threshold_row("recency", recency.values, recency),
    ]
    assert bench.rows(
        "customer_rfm",
        "customer_id, last_order_on, recency_days, frequency, monetary,"
        " recency_score, frequency_score, monetary_score, rfm_segment",
    ) == [
        (
            who.customer_id,
            who.last_order_on,
            who.recency_days,
            who.frequency,
            Decimal(who.monetary).scaleb(-world.scale),
            who.r_score,
            who.f_score,
            who.m_score,
            oracle.rfm_name(who.r_score, who.f_score, who.m_score),
        )
        for who in expected.customers.values()
    ]


RFM = Suite((), {"orders": None}, cases, check_rfm)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 140), ("windowed", 140), ("dollars", 40)]
)
def test_scores_and_thresholds_follow_the_definition(
    setting: str, examples: int
) -> None:
    RFM.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "windowed", "dollars"])
def test_scores_follow_the_definition_in_thousands_of_populations(setting: str) -> None:
    RFM.examine(world(setting), 2000)


CELLS = [(r, f, m) for r in SCORES for f in SCORES for m in SCORES]


def seed_names(cell: tuple[int, int, int]) -> list[str]:
    """Return the names that fit a cell, in the order of the seed."""
    fitting = []
    for row in sorted(seed_rows("rfm_names"), key=lambda row: int(row["priority"])):
        ranges = [
            (int(row[f"{measure}_from"]), int(row[f"{measure}_to"]))
            for measure in ("recency", "frequency", "monetary")
        ]
        if all(
            low <= score <= high
            for score, (low, high) in zip(cell, ranges, strict=True)
        ):
            fitting.append(row["rfm_segment"])
    return fitting


def test_every_cell_has_one_name_and_every_name_is_reached() -> None:
    names = {cell: seed_names(cell)[0] for cell in CELLS}
    assert names == {cell: oracle.rfm_name(*cell) for cell in CELLS}
    assert set(names.values()) == {row["rfm_segment"] for row in seed_rows("rfm_names")}


def check_cells(bench: Bench, cells: Sequence[tuple[int, int, int]]) -> None:
    """Score customers whose values stand between thresholds 1, 2, 3 and 4."""
    bench.give(
        "rfm_thresholds",
        [
            {"measure": measure, **{f"threshold_{k}": k for k in range(1, 5)}}
            for measure in ("recency", "frequency", "monetary")
        ],
    )
    bench.connection.execute(
        f"delete from {bench.compiled.relations['int_rfm_measures']}"
    )
    for r, f, m in cells:
        bench.connection.execute(
            f"insert into {bench.compiled.relations['int_rfm_measures']} by name "
            f"select '{r}{f}{m}' as customer_id, {f} as lifetime_order_count,"
            f" {f} as frequency, {r} as recency_rank_value, {m} as monetary_rank_value"
        )
    bench.run("customer_rfm")
    assert bench.rows(
        "customer_rfm",
        "customer_id, recency_score, frequency_score, monetary_score, rfm_segment",
    ) == [(f"{r}{f}{m}", r, f, m, oracle.rfm_name(r, f, m)) for r, f, m in cells]


def test_the_125_cells_get_their_names_in_the_warehouse() -> None:
    bench = Bench(world("leap_day"))
    bench.table("orders")
    bench.run("int_rfm_measures", "rfm_thresholds")
    check_cells(bench, CELLS)
