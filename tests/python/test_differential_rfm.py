"""RFM measures, thresholds, scores and names in SQL against the oracle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import Bench, Suite, World, compile_models, seed_rows, world

CHAIN = ("int_rfm_measures", "int_rfm_thresholds", "rfm_scores", "customer_rfm")
GUARD = "allowed_rfm_profiles_rfm_profiles_ref_rfm_names_"
TABLES = ("orders", "customer_days", "rfm_profiles", "rfm_names")


@dataclass(frozen=True)
class RfmCase:
    """Orders and visits to score, and the profiles and naming maps to do it by."""

    orders: Sequence[oracle.Order]
    visits: Mapping[str, Sequence[date]]
    profiles: Sequence[oracle.RfmProfile]
    naming_maps: Sequence[str]


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


WINDOWS = st.sampled_from((None, None, 1, 29, 30, 31, 365))
# Days from the as-of day back to the frozen one; None = relative thresholds.
FROZEN_AGO = st.sampled_from((None, None, -1, 0, 1, 29, 30, 60, 390))


@st.composite
def rfm_profiles(draw: DrawFn, as_of: date) -> oracle.RfmProfile:
    """Draw a profile; one in three is the one that is shipped as the default."""
    if draw(st.sampled_from((True, False, False))):
        return oracle.RfmProfile()
    frozen_ago = draw(FROZEN_AGO)
    return oracle.RfmProfile(
        recency_of=draw(st.sampled_from(("purchase", "visit"))),
        frequency_of=draw(st.sampled_from(("count", "cadence"))),
        monetary_of=draw(st.sampled_from(("sum", "average"))),
        window_days=draw(WINDOWS),
        bins=draw(st.sampled_from((5, 5, 5, 3, 3, 2, 4))),
        frozen_on=None if frozen_ago is None else as_of - timedelta(days=frozen_ago),
    )


def fitting_maps(profile: oracle.RfmProfile) -> tuple[str, ...]:
    """Return the naming maps for as many bins as the profile has."""
    if profile.bins == 5:
        return ("rfm_11", "rf_grid_10", "r_x_fm_11", "braze_like_10")
    return {3: ("three_bin_6",)}.get(profile.bins, (f"one_name_{profile.bins}",))


@st.composite
def rfm_cases(draw: DrawFn, as_of: date) -> RfmCase:
    """Draw a population, visits of it and of strangers, and one to three profiles."""
    orders = draw(populations(as_of))
    buyers = sorted({order.customer_id or "" for order in orders})
    visitors = draw(st.lists(st.sampled_from([*buyers[:9], "stranger"]), max_size=6))
    visits: dict[str, set[date]] = {}
    for order in orders:
        if order.is_valid:
            visits.setdefault(order.customer_id or "", set()).add(order.ordered_on)
    for who in visitors:
        visits.setdefault(who, set()).add(as_of - timedelta(days=draw(DAYS_AGO)))
    profiles = draw(st.lists(rfm_profiles(as_of), min_size=1, max_size=3))
    return RfmCase(
        orders,
        {who: sorted(days) for who, days in sorted(visits.items())},
        profiles,
        [draw(st.sampled_from(fitting_maps(profile))) for profile in profiles],
    )


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


def profile_rows(case: RfmCase) -> list[dict[str, Any]]:
    """Return rows of the seed: those of the case, and one that is not enabled."""
    rows = [
        {
            "profile": f"p{number}",
            "is_default": number == 0,
            "is_enabled": True,
            "recency_of": profile.recency_of,
            "frequency_of": profile.frequency_of,
            "monetary_of": profile.monetary_of,
            "window_days": profile.window_days,
            "bins": profile.bins,
            "naming_map": naming_map,
            "thresholds": "frozen" if profile.frozen_on else "relative",
            "frozen_on": profile.frozen_on,
        }
        for number, (profile, naming_map) in enumerate(
            zip(case.profiles, case.naming_maps, strict=True)
        )
    ]
    off = {"profile": "off", "is_default": False, "is_enabled": False}
    return [*rows, {**rows[0], **off}]


def name_rows() -> list[dict[str, Any]]:
    """Return the rows of the seed, and maps of one name for 2 and for 4 bins."""
    shipped = [
        {
            column: value if column in ("naming_map", "rfm_segment") else int(value)
            for column, value in row.items()
        }
        for row in seed_rows("rfm_names")
    ]
    measures = ("recency", "frequency", "monetary", "average")
    return shipped + [
        {
            "naming_map": f"one_name_{bins}",
            "priority": first,
            "rfm_segment": name,
            **{f"{measure}_from": first for measure in measures},
            **{f"{measure}_to": last for measure in measures},
        }
        for bins in (2, 4)
        for name, first, last in (("unranked", 0, 0), ("loyal", 1, bins))
    ]


def name_of(rfm: oracle.Rfm, who: oracle.RfmCustomer, naming_map: str) -> str:
    """Return the name that the oracle gives to a customer."""
    if not rfm.is_telling:
        return "unranked"
    if naming_map.startswith("one_name"):
        return "loyal"
    return oracle.rfm_name(who.r_score, who.f_score, who.m_score, naming_map)


def threshold_row(
    measure: str,
    shown: Sequence[int | None],
    found: oracle.Thresholds,
    minimum: int,
) -> tuple[object, ...]:
    """Return the columns of a row of int_rfm_thresholds; null where there is none."""
    four = [*shown, None, None, None, None][:4]
    # The table shows the anchor of frequency, one order, as its first threshold.
    known = [value for value in shown if value is not None]
    is_low = len(set(known)) < len(known) or found.ranked < minimum
    return (measure, *four, found.ranked, "low" if is_low else "ok")


def check_rfm(bench: Bench, case: RfmCase) -> None:
    """Compare thresholds and every customer's measures, scores and name."""
    world = bench.world
    bench.give("orders", order_rows(case.orders, world.scale))
    bench.give(
        "customer_days",
        [
            {"customer_id": who, "active_on": day}
            for who, days in case.visits.items()
            for day in days
        ],
    )
    bench.give("rfm_profiles", profile_rows(case))
    bench.give("rfm_names", name_rows())
    bench.run(*CHAIN)

    in_hundredths = 100 // 10**world.scale
    thresholds: list[tuple[object, ...]] = []
    scores: list[tuple[object, ...]] = []
    minimum = world.variables.get("rfm_reliable_from", 100)
    for number, profile in enumerate(case.profiles):
        expected = oracle.rfm(case.orders, world.as_of, profile, case.visits, minimum)
        recency = expected.thresholds.recency
        frequency = expected.thresholds.frequency
        monetary = expected.thresholds.monetary
        hundredths = [value * in_hundredths for value in monetary.values]
        anchor = 1 if profile.frequency_of == "count" else None
        thresholds += [
            (f"p{number}", expected.ranked_on, *row)
            for row in (
                threshold_row(measure, shown, found, minimum)
                for measure, shown, found in (
                    ("frequency", (anchor, *frequency.values), frequency),
                    ("monetary", hundredths, monetary),
                    ("recency", recency.values, recency),
                )
            )
        ]
        scores += [
            (
                f"p{number}",
                who.customer_id,
                who.last_order_on,
                who.recency_days,
                who.frequency,
                None
                if who.gap_hundredths is None
                else Decimal(who.gap_hundredths).scaleb(-2),
                Decimal(who.monetary).scaleb(-world.scale),
                who.r_score,
                who.f_score,
                who.m_score,
                name_of(expected, who, case.naming_maps[number]),
            )
            for who in expected.customers.values()
        ]
    assert (
        bench.rows(
            "int_rfm_thresholds",
            "profile, ranked_on, measure, threshold_1, threshold_2, threshold_3,"
            " threshold_4, ranked_customers, score_reliability",
            "profile, measure",
        )
        == thresholds
    )
    assert (
        bench.rows(
            "rfm_scores",
            "profile, customer_id, last_order_on, recency_days, frequency,"
            " average_gap_days, monetary, recency_score, frequency_score,"
            " monetary_score, rfm_segment",
            "profile, customer_id",
        )
        == scores
    )
    assert bench.rows("customer_rfm", "profile, customer_id, rfm_segment") == [
        (row[0], row[1], row[-1]) for row in scores if row[0] == "p0"
    ]


RFM = Suite((), dict.fromkeys(TABLES), cases, check_rfm)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 25), ("month_begins", 15), ("dollars", 15)]
)
def test_scores_and_thresholds_follow_the_definition(
    setting: str, examples: int
) -> None:
    RFM.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_scores_follow_the_definition_in_thousands_of_populations(setting: str) -> None:
    RFM.examine(world(setting), 2000)


def test_a_name_moves_with_the_others_only_against_relative_thresholds() -> None:
    """She keeps her rhythm while the others begin to buy more often and for more."""
    one = world("leap_day")
    frozen_on = one.as_of - timedelta(days=30)

    def history(who: int) -> list[tuple[int, int, bool]]:
        before = [(days_ago, 1000, True) for days_ago in (30 + who, 60 + who, 90 + who)]
        since = [(days_ago, 9000, True) for days_ago in range(who % 3, 29, 2)]
        return before[: 1 + who % 3] + since

    # She bought on the frozen day and three times before it, and again today.
    hers = [(days_ago, 1500, True) for days_ago in (0, 30, 50, 70, 90)]
    orders = orders_of([hers, *(history(who) for who in range(1, 100))], one.as_of)
    relative, frozen = oracle.RfmProfile(), oracle.RfmProfile(frozen_on=frozen_on)
    bench = RFM.bench(one)
    check_rfm(bench, RfmCase(orders, {}, (relative, frozen), ("rfm_11", "rfm_11")))
    found = bench.rows("rfm_scores", "profile, customer_id, rfm_segment")
    names = {profile: name for profile, who, name in found if who == "c000"}
    then = oracle.rfm(orders, frozen_on, minimum_ranked=3)
    assert name_of(then, then.customers["c000"], "rfm_11") == names["p1"] == "champions"
    assert names["p0"] == "potential_loyalist"


@pytest.mark.parametrize("naming_map", oracle.NAMING_MAPS)
def test_every_cell_has_the_name_that_its_map_prints(naming_map: str) -> None:
    """In the warehouse: customers whose values stand between the thresholds."""
    bins = 3 if naming_map == "three_bin_6" else 5
    scores = range(1, bins + 1)
    cells = [(r, f, m) for r in scores for f in scores for m in scores]
    bench = Bench(world("leap_day"))
    for name in TABLES[:2]:
        bench.table(name)
    profile = oracle.RfmProfile(bins=bins)
    bench.give("rfm_profiles", profile_rows(RfmCase((), {}, (profile,), (naming_map,))))
    bench.run(*CHAIN)
    bench.give(
        "int_rfm_thresholds",
        [
            {
                "profile": "p0",
                "measure": measure,
                "is_telling": True,
                **{f"threshold_{k}": k if k < bins else None for k in range(1, 5)},
            }
            for measure in ("recency", "frequency", "monetary")
        ],
    )
    bench.give(
        "int_rfm_measures",
        [
            {
                "profile": "p0",
                "customer_id": f"{r}{f}{m}",
                "is_scored": True,
                "lifetime_order_count": f,
                "frequency": f,
                "recency_rank_value": r,
                "frequency_rank_value": f,
                "monetary_rank_value": m,
            }
            for r, f, m in cells
        ],
    )
    bench.run("rfm_scores", "customer_rfm")
    found = bench.rows(
        "customer_rfm",
        "customer_id, recency_score, frequency_score, monetary_score, rfm_segment",
    )
    assert found == [
        (f"{r}{f}{m}", r, f, m, oracle.rfm_name(r, f, m, naming_map))
        for r, f, m in cells
    ]
    assert len({row[-1] for row in found}) == int(naming_map.rsplit("_", 1)[1])


@pytest.fixture(scope="module")
def guard() -> Bench:
    """A database in which the check of the seed can run."""
    known = world("leap_day")
    compiled = compile_models(
        ["rfm_profiles", GUARD], {"as_of_date": known.as_of.isoformat()}
    )
    return Bench(replace(known, compiled=compiled))


def stopped(guard: Bench, **changes: object) -> str | None:
    """What the check says to a profile, the shipped default but for changes."""
    row = {
        "is_default": True,
        "is_enabled": True,
        **{"recency_of": "purchase", "frequency_of": "count", "monetary_of": "sum"},
        **{"bins": 5, "naming_map": "rfm_11", "thresholds": "relative"},
        **{"window_days": None, "frozen_on": None},
        "profile": "ours",
    }
    more = changes.pop("more", [])
    assert isinstance(more, list)
    guard.give("rfm_profiles", [{**row, **changes}, *({**row, **one} for one in more)])
    try:
        found = guard.connection.execute(guard.compiled.sql[GUARD]).fetchall()
    except duckdb.InvalidInputException as error:
        return str(error)
    assert found == []
    return None


OTHER = {"profile": "other", "is_default": False}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"recency_of": "visit", "frequency_of": "cadence", "monetary_of": "average"},
        {"window_days": 1},
        {"bins": 3, "naming_map": "three_bin_6"},
        {"thresholds": "frozen", "frozen_on": date(2026, 1, 1)},
        {"more": [OTHER, {**OTHER, "is_enabled": False}]},
    ],
)
def test_a_profile_that_is_allowed_passes(
    guard: Bench, changes: dict[str, Any]
) -> None:
    assert stopped(guard, **changes) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": "Our Own"}, 'profile is "Our Own"; write a name of lower case'),
        ({"profile": None}, "write a name of lower case letters, digits and _"),
        ({"recency_of": "order"}, '"order"; allowed are purchase, visit'),
        ({"recency_of": None}, 'recency_of is ""; allowed are purchase, visit'),
        ({"frequency_of": "gap"}, '"gap"; allowed are count, cadence'),
        ({"monetary_of": "mean"}, '"mean"; allowed are sum, average'),
        ({"window_days": 0}, "window_days is 0; write a whole number of days above 0"),
        ({"bins": 6}, "bins is 6; allowed are 2, 3, 4 and 5"),
        ({"bins": None}, "bins is empty; allowed are 2, 3, 4 and 5"),
        ({"bins": 3}, "bins is 3, but naming_map rfm_11 names scores of 5 bins"),
        ({"naming_map": "rfm_12"}, '"rfm_12"; it is not in the seed rfm_names'),
        ({"thresholds": "fixed"}, '"fixed"; allowed are relative, frozen'),
        ({"thresholds": "frozen"}, "frozen_on is empty; write the day as YYYY-MM-DD"),
        ({"frozen_on": date(2026, 1, 1)}, "thresholds are relative and frozen_on is"),
        ({"is_enabled": False}, "it is the default and not enabled"),
        ({"is_enabled": None}, "is_enabled are true or false, never empty"),
        ({"is_default": False}, "is_default is true for 0 profiles"),
        ({"more": [{"profile": "other"}]}, "is_default is true for 2 profiles"),
    ],
)
def test_a_profile_that_is_not_allowed_stops_the_build_and_says_what_is(
    guard: Bench, changes: dict[str, Any], words: str
) -> None:
    said = stopped(guard, **changes)
    assert said is not None
    assert words in said
    assert "Seed rfm_profiles, profile " in said
