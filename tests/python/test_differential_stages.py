"""Purchase stages in SQL against the oracle, which walks every day of everybody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import MODELS, Bench, Suite, World, seed_rows, world

CHURN_AT_LEAST = 30


@dataclass(frozen=True)
class Buyer:
    """A customer of a case; prospects have no purchase days."""

    signed_up_on: date
    purchase_days: Sequence[date]
    invalid_days: Sequence[date]
    is_test: bool


@dataclass(frozen=True)
class StageCase:
    """Customers to follow day by day, and others who only shape the population."""

    buyers: Sequence[Buyer]
    fillers: Sequence[Sequence[date]]


# A number of days, or so many days after a deadline of the purchase before.
Gap = int | tuple[str, int]
GAPS: SearchStrategy[Gap] = st.one_of(
    st.tuples(st.sampled_from(("at_risk", "churned")), st.sampled_from((-1, 0, 1))),
    st.sampled_from((0, 1, 6, 7, 8, 14, 15, 16, 29, 30, 31, 44, 45, 46, 90, 91, 92)),
    st.integers(1, 60),
    st.sampled_from((179, 180, 181, 360, 361, 362)),
)


def gap_days(gap: Gap, days: Sequence[int], population: oracle.Population) -> int:
    """Return the gap in days after purchases on these days."""
    if isinstance(gap, int):
        return gap
    base = date(2000, 1, 1)
    so_far = sorted({base + timedelta(days=day) for day in days})
    g = oracle.expected_gap(so_far, population)
    deadline, more = gap
    if deadline == "at_risk":
        return math.floor(g) + 1 + more
    return max(CHURN_AT_LEAST, math.floor(2 * g) + 1) + more


@st.composite
def buyers(
    draw: DrawFn, as_of: date, population: oracle.Population, population_end: int
) -> Buyer:
    """Draw gaps first and put the last of them before the as-of day."""
    gaps = draw(st.lists(GAPS, max_size=4))
    last = draw(GAPS | st.sampled_from((population_end, population_end + 1)))
    is_prospect = draw(st.sampled_from((True,) + (False,) * 7))
    days = [0]
    for gap in gaps:
        days.append(days[-1] + gap_days(gap, days, population))
    until_as_of = gap_days(last, days, population)
    first = as_of - timedelta(days=days[-1] + until_as_of)
    signed_up = draw(st.sampled_from((-40, -30, -1, 0, 1, 20)))
    invalid = draw(st.lists(st.integers(0, 40), max_size=1))
    return Buyer(
        min(first + timedelta(days=signed_up), as_of),
        [] if is_prospect else [first + timedelta(days=day) for day in days],
        [as_of - timedelta(days=day) for day in invalid],
        draw(st.sampled_from((False,) * 11 + (True,))),
    )


@st.composite
def stage_cases(draw: DrawFn, as_of: date) -> StageCase:
    """Draw a population about the smallest that counts, then people at its edges."""
    month = as_of.replace(day=1)
    gap = draw(
        st.sampled_from((1, 6, 7, 8, 8, 14, 15, 15, 29, 30, 31, 45, 90, 180, 181))
    )
    spread = draw(st.sampled_from((1, 2, 3, 7)))
    long_fillers = draw(st.sampled_from((0, 29, 30, 30, 31, 40)))
    pairs = draw(st.sampled_from((0, 29, 30, 30, 31, 40)))
    last = month - timedelta(days=draw(st.sampled_from((0, 1, 1, 2))))
    fillers = []
    if long_fillers:
        days = [last]
        for number in range(long_fillers):
            days.append(days[-1] - timedelta(days=gap + number % spread))
        fillers.append(sorted(days))
    for number in range(pairs):
        fillers.append([last - timedelta(days=gap + number % spread), last])
    population = oracle.population_gaps(
        {str(number): days for number, days in enumerate(fillers)}, as_of
    )
    population_end = (as_of - month).days
    some = buyers(as_of, population, population_end)
    return StageCase(draw(st.lists(some, max_size=4)), fillers)


def cases(world: World) -> SearchStrategy[StageCase]:
    """Return the cases of a world."""
    return stage_cases(world.as_of)


# The first and the last minute of a business day.
CLOCKS = (time(0, 0), time(23, 59))


def check_stages(bench: Bench, case: StageCase) -> None:
    """Compare population gaps, spells with reasons, and the profile's columns."""
    world = bench.world
    customers: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    expected_days: dict[str, Sequence[date]] = {}
    signed_up: dict[str, date] = {}
    for number, buyer in enumerate(case.buyers):
        who = f"c{number}"
        customers.append(
            {
                "customer_id": who,
                "created_at": world.moment(buyer.signed_up_on, CLOCKS[number % 2]),
                "is_test": buyer.is_test,
            }
        )
        for day in buyer.purchase_days:
            orders.append(
                {
                    "customer_id": who,
                    "ordered_on": day,
                    "is_valid": not buyer.is_test,
                }
            )
        for day in buyer.invalid_days:
            orders.append({"customer_id": who, "ordered_on": day, "is_valid": False})
        if not buyer.is_test:
            expected_days[who] = buyer.purchase_days
            signed_up[who] = buyer.signed_up_on
    filler_days = {f"f{number}": days for number, days in enumerate(case.fillers)}
    for who, days in filler_days.items():
        customers.append({"customer_id": who, "created_at": world.moment(days[0])})
        for day in days:
            orders.append({"customer_id": who, "ordered_on": day, "is_valid": True})
    for number, order in enumerate(orders):
        order["order_id"] = f"o{number}"

    loaded_at = world.moment(world.as_of + timedelta(days=2))
    bench.give("raw.customers", [{**row, "loaded_at": loaded_at} for row in customers])
    bench.give("orders", orders)
    bench.run("stg_customers", "int_customer_profiles", "int_purchase_deadlines")
    bench.run("purchase_stage_spells", "int_customer_stages")
    bench.run("int_customer_purchases", "int_customer_facts")

    population = oracle.population_gaps({**expected_days, **filler_days}, world.as_of)
    usual = (population.gap, population.first_to_second_p80)
    assert set(
        bench.rows("int_purchase_deadlines", "population_gap_days, first_gap_days")
    ) <= {usual}
    expected_spells = []
    expected_profiles: list[tuple[object, ...]] = []
    for who, days in expected_days.items():
        known_on = oracle.known_since(signed_up[who], days)
        spells = oracle.purchase_stage_spells(known_on, days, population, world.as_of)
        for spell in spells:
            expected_spells.append(
                (
                    who,
                    spell.valid_from,
                    spell.stage,
                    spell.valid_to,
                    spell.previous_stage,
                    REASONS[spell.previous_stage, spell.stage],
                )
            )
        churns_on = oracle.churns_on(world.as_of, known_on, days, population)
        slips_on = oracle.slips_on(world.as_of, known_on, days, population)
        now = spells[-1]
        expected_profiles.append(
            (who, known_on, now.stage, now.valid_from, slips_on, churns_on)
        )
    for number, buyer in enumerate(case.buyers):
        if buyer.is_test:
            who = f"c{number}"
            expected_profiles.append((who, buyer.signed_up_on, *(None,) * 4))
    assert [
        row
        for row in bench.rows(
            "purchase_stage_spells",
            "customer_id, valid_from, purchase_stage, valid_to, previous_stage, reason",
        )
        if row[0] not in filler_days
    ] == expected_spells
    assert [
        row
        for row in bench.rows(
            "int_customer_facts",
            "customer_id, known_on, purchase_stage, purchase_stage_since, slips_on,"
            " churns_on",
        )
        if row[0] not in filler_days
    ] == sorted(expected_profiles, key=str)


REASONS = {
    (row["previous_stage"] or None, row["purchase_stage"]): row["reason"]
    for row in seed_rows("purchase_stage_transitions")
}
STAGES = Suite(MODELS, {"orders": None}, cases, check_stages)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 40), ("month_begins", 25), ("dollars", 15)]
)
def test_stages_follow_the_walk_over_every_day(setting: str, examples: int) -> None:
    STAGES.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_stages_follow_the_walk_in_thousands_of_populations(setting: str) -> None:
    STAGES.examine(world(setting), 1000)
