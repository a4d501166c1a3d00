"""Activity states and growth accounting in SQL against the walk over every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import MODELS, Bench, Suite, World, world

POWER_USER_DAYS = 12


@dataclass(frozen=True)
class Visitor:
    """A customer of a case; what made each active day: an event, an order or both."""

    signed_up_on: date
    active_days: Sequence[tuple[date, str]]
    is_test: bool


GAPS = st.sampled_from((1, 1, 2, 5, 6, 7, 8, 28, 29, 30, 31, 45)) | st.integers(1, 40)
KINDS = st.sampled_from(("event", "order", "both", "two events"))


@st.composite
def visitors(draw: DrawFn, as_of: date) -> Visitor:
    """Draw gaps between visits first, then put the last visit before the as-of day."""
    visits = draw(st.lists(st.tuples(GAPS, KINDS), max_size=5))
    is_daily = draw(st.sampled_from((False,) * 5 + (True,)))
    if is_daily:
        days = draw(st.sampled_from((11, 12, 13)))
        visits = [(draw(st.sampled_from((1, 2))), "event") for _ in range(days)]
    ago = draw(st.sampled_from((0, 0, 1, 5, 6, 7, 8, 27, 28, 29, 30, 31)))
    active_days = []
    for gap, kind in visits:
        active_days.append((as_of - timedelta(days=ago), kind))
        ago += gap
    first = as_of - timedelta(days=ago)
    signed_up = first + timedelta(days=draw(st.sampled_from((-3, -1, 0, 1, 5, 50))))
    return Visitor(
        min(signed_up, as_of),
        active_days[::-1],
        draw(st.sampled_from((False,) * 11 + (True,))),
    )


def cases(world: World) -> SearchStrategy[list[Visitor]]:
    """Return the cases of a world."""
    return st.lists(visitors(world.as_of), max_size=5)


# The first and the last minute of a business day.
CLOCKS = (time(0, 0), time(23, 59))


def check_activity(bench: Bench, case: Sequence[Visitor]) -> None:
    """Compare spells, states of the profile, and the counts of every day."""
    world = bench.world
    loaded_at = world.moment(world.as_of + timedelta(days=2))
    customers: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for number, visitor in enumerate(case):
        who = f"c{number}"
        customers.append(
            {
                "customer_id": who,
                "created_at": world.moment(visitor.signed_up_on, CLOCKS[number % 2]),
                "is_test": visitor.is_test,
                "loaded_at": loaded_at,
            }
        )
        for day, kind in visitor.active_days:
            if kind in ("order", "both"):
                orders.append(
                    {
                        "order_id": f"o{len(orders)}",
                        "customer_id": who,
                        "ordered_on": day,
                        "is_valid": not visitor.is_test,
                    }
                )
            for _ in range({"order": 0, "two events": 2}.get(kind, 1)):
                clock = CLOCKS[len(events) % 2]
                events.append(
                    {
                        "event_id": f"e{len(events)}",
                        "customer_id": who,
                        "event_name": "page_view",
                        "occurred_at": world.moment(day, clock),
                        "loaded_at": loaded_at,
                    }
                )
        # Neither an invalid order nor tomorrow's event makes an active day.
        orders.append(
            {
                "order_id": f"o{len(orders)}",
                "customer_id": who,
                "ordered_on": world.as_of - timedelta(days=number),
                "is_valid": False,
            }
        )
        events.append(
            {
                "event_id": f"e{len(events)}",
                "customer_id": who,
                "event_name": "page_view",
                "occurred_at": world.end,
                "loaded_at": loaded_at,
            }
        )
    bench.give("raw.customers", customers)
    bench.give("raw.events", events)
    bench.give("orders", orders)
    bench.run("stg_customers", "int_customer_profiles", "stg_events", "customer_days")
    bench.run("activity_spells", "int_customer_activity", "growth_accounting")
    bench.run("int_customer_facts")

    active: dict[str, list[date]] = {}
    expected_spells: list[tuple[object, ...]] = []
    expected_profiles: list[tuple[object, ...]] = []
    for number, visitor in enumerate(case):
        who = f"c{number}"
        if visitor.is_test:
            expected_profiles.append((who, None, None, None, None, None, False))
            continue
        days = [day for day, _ in visitor.active_days]
        active[who] = days
        order_days = [day for day, kind in visitor.active_days if "event" not in kind]
        known_on = oracle.known_since(visitor.signed_up_on, order_days)
        spells = [
            (spell.valid_from, spell.state, spell.valid_to)
            for spell in oracle.activity_spells(days, world.as_of)
        ]
        # "before it `never_active`": from the day they became known.
        if not days or known_on < min(days):
            first_day = min(days) if days else None
            spells.insert(0, (known_on, "never_active", first_day))
        expected_spells += [(who, *spell) for spell in spells]
        last_28 = [day for day in days if oracle.is_within(day, world.as_of, 28)]
        expected_profiles.append(
            (
                who,
                oracle.activity_state_on(world.as_of, days),
                min(days) if days else None,
                max(days) if days else None,
                (world.as_of - max(days)).days if days else None,
                len(last_28),
                len(last_28) >= POWER_USER_DAYS,
            )
        )
    assert (
        bench.rows(
            "activity_spells", "customer_id, valid_from, activity_state, valid_to"
        )
        == expected_spells
    )
    assert (
        bench.rows(
            "int_customer_facts",
            "customer_id, activity_state, first_active_on, last_active_on,"
            " days_since_last_active, active_days_28, is_power_user",
        )
        == expected_profiles
    )
    expected_growth: list[oracle.GrowthDay] = []
    if any(active.values()):
        first_day = min(day for days in active.values() for day in days)
        expected_growth = oracle.growth_accounting(active, first_day, world.as_of)
    assert bench.rows(
        "growth_accounting",
        "day, new_count, current_count, reactivated_count, resurrected_count,"
        " at_risk_wau_count, at_risk_mau_count, dormant_count,"
        " daily_active_customers, weekly_active_customers, monthly_active_customers",
    ) == [
        (
            *(row.day, row.new, row.current, row.reactivated, row.resurrected),
            *(row.at_risk_wau, row.at_risk_mau, row.dormant),
            *(row.dau, row.wau, row.mau),
        )
        for row in expected_growth
    ]


ACTIVITY = Suite(MODELS, {"orders": None}, cases, check_activity)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 20), ("month_begins", 8), ("dollars", 8)]
)
def test_states_follow_the_walk_over_every_day(setting: str, examples: int) -> None:
    ACTIVITY.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_states_follow_the_walk_in_thousands_of_populations(setting: str) -> None:
    ACTIVITY.examine(world(setting), 1000)
