"""Purchase stages in SQL against the oracle, which walks every day of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import accumulate, chain
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle, stage_oracle
from tests.python.compiled import MODELS, Bench, Suite, World, seed_rows, world
from tests.python.stage_oracle import Calibration, Settings


@dataclass(frozen=True)
class Buyer:
    """A customer of a case; prospects have no purchase days."""

    signed_up_on: date
    purchase_days: Sequence[date]
    invalid_days: Sequence[date]
    is_test: bool


@dataclass(frozen=True)
class StageCase:
    """Customers to follow day by day, and others who only shape the calibration."""

    buyers: Sequence[Buyer]
    fillers: Sequence[Sequence[date]]


# A number of days, or so many days after a deadline of the purchase before.
Gap = int | tuple[int, int]
DAYS = st.sampled_from((1, 6, 7, 8, 14, 20, 29, 30, 31, 45, 60, 90, 119, 120, 121))
GAPS: SearchStrategy[Gap] = st.one_of(
    st.tuples(st.sampled_from((0, 1)), st.sampled_from((-1, 0, 1))),
    DAYS,
    st.integers(0, 60),
    st.sampled_from((179, 180, 181, 364, 365, 366)),
)


def settings_of(world: World) -> Settings:
    """The settings that the models of a world were compiled for."""
    given = world.variables
    usual = Settings()
    return Settings(
        population_minimum=given.get("population_gap_minimum", 30),
        longest=given.get("stage_longest_gap_days", usual.longest),
        horizon=given.get("stage_horizon_days", usual.horizon),
        followed_gaps=given.get("stage_followed_gaps", usual.followed_gaps),
        calibrated_from_gaps=given.get("stage_calibrated_from_gaps", 100),
        calibrated_from_days=given.get("stage_calibrated_from_days", 180),
        chances=tuple(given.get("stage_chances", usual.chances)),
    )


def gap_days(
    gap: Gap,
    days: Sequence[int],
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> int:
    """Return the gap in days after purchases on these days."""
    if isinstance(gap, int):
        return gap
    base = date(2000, 1, 1)
    so_far = sorted({base + timedelta(days=day) for day in days})
    place, more = gap
    deadline = stage_oracle.deadlines(so_far, calibrations, settings)[place]
    return (40 if deadline is None else deadline) + more


@st.composite
def buyers(
    draw: DrawFn,
    as_of: date,
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> Buyer:
    """Draw gaps first and put the last of them before the as-of day."""
    gaps = draw(st.lists(GAPS, max_size=4))
    last = draw(GAPS | st.sampled_from((as_of.day - 1, as_of.day)))
    is_prospect = draw(st.sampled_from((True,) + (False,) * 7))
    days = [0]
    for gap in gaps:
        days.append(days[-1] + gap_days(gap, days, calibrations, settings))
    until_as_of = gap_days(last, days, calibrations, settings)
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
def stage_cases(draw: DrawFn, world: World) -> StageCase:
    """Draw a shop about the smallest that is calibrated, then people at its edges."""
    as_of, settings = world.as_of, settings_of(world)
    fillers = []
    for _ in range(draw(st.sampled_from((0, 2, 6, 7, 12, 20)))):
        gaps = draw(st.lists(DAYS, max_size=4))
        since = draw(st.integers(0, 260))
        places = list(accumulate(reversed(gaps), initial=since))
        fillers.append(sorted(as_of - timedelta(days=place) for place in places))
    calibrations = stage_oracle.calibrate(
        {str(number): days for number, days in enumerate(fillers)},
        stage_oracle.month_end_before(as_of),
        settings,
    )
    some = buyers(as_of, calibrations, settings)
    return StageCase(draw(st.lists(some, max_size=4)), fillers)


# The first and the last minute of a business day.
CLOCKS = (time(0, 0), time(23, 59))
CHAIN = (
    *("stg_customers", "int_customer_profiles", "int_purchase_gaps", "int_usual_gaps"),
    *("int_return_curves", "stage_calibration", "stage_backtest"),
    *("int_purchase_deadlines", "purchase_stage_spells", "int_customer_stages"),
    *("int_customer_purchases", "int_customer_facts"),
)


def check_stages(bench: Bench, case: StageCase) -> None:
    """Compare calibration, backtest, spells with reasons and the profile."""
    world, settings = bench.world, settings_of(bench.world)
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
    bench.run(*CHAIN)

    everybody = {**expected_days, **filler_days}
    check_calibration(bench, everybody, settings)
    calibrations = stage_oracle.calibrate(
        everybody, stage_oracle.month_end_before(world.as_of), settings
    )
    expected_spells = []
    expected_profiles: list[tuple[object, ...]] = []
    for who, days in expected_days.items():
        known_on = oracle.known_since(signed_up[who], days)
        spells = stage_oracle.purchase_stage_spells(
            known_on, days, calibrations, world.as_of, settings
        )
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
        told = (world.as_of, known_on, days, calibrations, settings)
        now = spells[-1]
        expected_profiles.append(
            (
                *(who, known_on, now.stage, now.valid_from),
                *(stage_oracle.slips_on(*told), stage_oracle.churns_on(*told)),
            )
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


def check_calibration(
    bench: Bench, everybody: Mapping[str, Sequence[date]], settings: Settings
) -> None:
    """Compare the calibration of each month end, and how it did."""
    month_end = stage_oracle.month_end_before(bench.world.as_of)
    expected = []
    for _ in range(24):
        told = stage_oracle.calibrate(everybody, month_end, settings)
        for one in told.values():
            expected.append(
                (
                    *(month_end, one.buyer_class, one.is_calibrated, one.risk_days),
                    *(one.churn_days, one.risk_lateness, one.churn_lateness),
                    *(one.population_gap, one.first_gap, one.gaps, one.ended),
                    one.followed,
                )
            )
        month_end = stage_oracle.month_end_before(month_end)
    assert bench.rows(
        "stage_calibration",
        "calibrated_on, buyer_class, is_calibrated, risk_days, churn_days,"
        " risk_lateness, churn_lateness, population_gap_days, first_gap_days,"
        " gap_count, ended_count, followed_days",
    ) == sorted(expected, key=lambda row: row[:2])
    backtests = stage_oracle.backtest(everybody, bench.world.as_of, settings)
    judged: dict[tuple[str, bool, str], list[int]] = {}
    months: list[tuple[object, ...]] = []
    for month in backtests:
        months.append(
            (
                *(month.calibrated_on, month.buyer_class, month.is_calibrated),
                *(month.purchase_stage, month.spells, month.bought_30, month.bought_90),
            )
        )
        if month.bought_30 is not None and month.bought_90 is not None:
            counts = (month.spells, month.bought_30, month.bought_90)
            key = (month.buyer_class, month.is_calibrated, month.purchase_stage)
            so_far = judged.get(key, [0, 0, 0])
            judged[key] = [a + b for a, b in zip(so_far, counts, strict=True)]
    pooled = [(None, *key, *counts) for key, counts in judged.items()]
    got = bench.rows(
        "stage_backtest",
        "calibrated_on, buyer_class, is_calibrated, purchase_stage, spell_count,"
        " bought_within_30, bought_within_90, bought_within_90_low,"
        " bought_within_90_high",
    )
    assert sorted((row[:7] for row in got), key=str) == sorted(
        chain(months, pooled), key=str
    )
    for *_, spells, _, bought, low, high in got:
        if bought is not None and spells:
            bounds = stage_oracle.wilson(bought, spells)
            assert (float(low), float(high)) == pytest.approx(bounds, abs=0.00006)


REASONS = {
    (row["previous_stage"] or None, row["purchase_stage"]): row["reason"]
    for row in seed_rows("purchase_stage_transitions")
}
STAGES = Suite(MODELS, {"orders": None}, stage_cases, check_stages)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 16), ("month_begins", 5), ("dollars", 8)]
)
def test_stages_follow_the_walk_over_every_day(setting: str, examples: int) -> None:
    STAGES.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_stages_follow_the_walk_in_thousands_of_populations(setting: str) -> None:
    STAGES.examine(world(setting), 1000)


def test_a_shop_to_which_everybody_returns_calls_nobody_churned() -> None:
    """200 customers come every 30 to 229 days until the as-of day."""
    shop = world("month_begins")
    orders = [
        {
            "order_id": f"o{number}-{days}",
            "customer_id": f"c{number}",
            "ordered_on": shop.as_of - timedelta(days=days),
            "is_valid": True,
        }
        for number in range(200)
        for days in range(number % 30, 900, 30 + number)
    ]
    bench = STAGES.bench(shop)
    bench.give("orders", orders)
    bench.run(*CHAIN)
    last_two = bench.rows("stage_calibration", "calibrated_on, is_calibrated")[-2:]
    assert [is_calibrated for _, is_calibrated in last_two] == [True, True]
    assert bench.rows("int_purchase_deadlines", "distinct churned_on") == [(None,)]
