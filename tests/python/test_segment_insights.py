"""What is said about segments, against plain Python over the same members and facts.

One shop is built as of three days; then days are run again, as daily work does.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.python.compiled import seed_rows
from tests.python.warehouse import (
    AS_OF,
    HISTORY,
    SMALL_GROUPS,
    UNTESTED,
    Warehouse,
    failures,
)

FIRST_DAY, SECOND_DAY, _ = HISTORY
TODAY = date.fromisoformat(AS_OF)
WINDOW = 30
FOLLOW_UP = 7
MINIMUM = SMALL_GROUPS["k_minimum"]

Row = dict[str, Any]


def rows(warehouse: Warehouse, sql: str, *columns: str) -> list[Row]:
    """Rows of a query as mappings."""
    return [
        dict(zip(columns, row, strict=True))
        for row in warehouse.query(f"select {', '.join(columns)} from {sql}")
    ]


def columns_of(warehouse: Warehouse, table: str) -> list[str]:
    """Names of the columns of a table or view."""
    return [
        row[0] for row in warehouse.query(f"select column_name from (describe {table})")
    ]


def members(warehouse: Warehouse) -> dict[str, set[str]]:
    """Who is in each segment."""
    found: dict[str, set[str]] = defaultdict(set)
    for segment, customer in warehouse.query(
        "select segment, customer_id from segment_members"
    ):
        found[segment].add(customer)
    return found


def is_small(count: int) -> bool:
    return 0 < count < MINIMUM


def test_overlaps_are_those_of_sets(history: Warehouse) -> None:
    segments = members(history)
    [(everybody,)] = history.query(
        "select count(*) from customers where is_segment_candidate"
    )
    found = {
        (row["segment_a"], row["segment_b"]): row
        for row in rows(
            history, "segment_overlap", *columns_of(history, "segment_overlap")
        )
    }
    assert sorted(found) == list(combinations(sorted(segments), 2))
    for (a, b), row in found.items():
        one, other = segments[a], segments[b]
        both, either = len(one & other), len(one | other)
        hidden = any(
            map(
                is_small, (both, len(one - other), len(other - one), everybody - either)
            )
        )
        assert row["is_suppressed"] == hidden, (a, b)
        assert (row["size_a"], row["size_b"]) == (len(one), len(other))
        if hidden:
            numbers = ("shared_count", "jaccard", "share_of_a", "share_of_b", "lift")
            assert [row[name] for name in numbers] == [None] * len(numbers)
            continue
        assert row["shared_count"] == both
        expected = {
            "jaccard": both / either,
            "share_of_a": both / len(one),
            "share_of_b": both / len(other),
            "lift": (both / everybody)
            / ((len(one) / everybody) * (len(other) / everybody)),
        }
        for name, value in expected.items():
            assert math.isclose(row[name], value, rel_tol=1e-12), (a, b, name)
    assert {row["is_suppressed"] for row in found.values()} == {True, False}


def bucket(value: int | None, bounds: list[int]) -> str:
    """The name of the bucket that a number falls into."""
    if value is None:
        return "unknown"
    if value < bounds[0]:
        return f"under_{bounds[0]}"
    for low, next_bound in pairwise(bounds):
        if value < next_bound:
            return str(low) if low == next_bound - 1 else f"{low}_to_{next_bound - 1}"
    return f"{bounds[-1]}_plus"


def test_profiles_are_those_of_the_members(history: Warehouse) -> None:
    """Counts of two words, a boolean and a number; the small ones hidden."""
    traits = ("gender", "age_band", "is_power_user", "order_count")
    people = {
        row["customer_id"]: {
            "gender": row["gender"],
            "age_band": row["age_band"],
            "is_power_user": str(row["is_power_user"]).lower(),
            "order_count": bucket(row["order_count"], [1, 2, 4, 10]),
        }
        for row in rows(
            history, "customers where is_segment_candidate", "customer_id", *traits
        )
    }
    found = {
        (row["segment"], row["trait"], row["trait_value"]): row
        for row in rows(
            history, "segment_profile", *columns_of(history, "segment_profile")
        )
    }
    shown = hidden = 0
    for segment, ids in members(history).items():
        for trait in traits:
            whole = Counter(person[trait] for person in people.values())
            part = Counter(people[customer][trait] for customer in ids)
            mine = {
                value: found.pop((segment, trait, value)) for value in sorted(whole)
            }
            withheld = [value for value, row in mine.items() if row["is_suppressed"]]
            assert len(withheld) != 1 or len(whole) == 1
            for value, row in mine.items():
                small = (
                    len(ids) < MINIMUM
                    or is_small(len(people) - len(ids))
                    or is_small(whole[value])
                    or is_small(part[value])
                    or is_small(whole[value] - part[value])
                )
                assert row["segment_size"] == len(ids)
                assert row["population_size"] == len(people)
                if row["is_suppressed"]:
                    hidden += 1
                    assert row["segment_count"] is None and row["share_index"] is None
                    continue
                shown += 1
                assert not small, (segment, trait, value)
                share, general = part[value] / len(ids), whole[value] / len(people)
                assert row["segment_count"] == part[value]
                assert row["population_count"] == whole[value]
                assert math.isclose(row["share_index"], 100 * share / general)
                effect = 2 * math.asin(math.sqrt(share)) - 2 * math.asin(
                    math.sqrt(general)
                )
                assert math.isclose(row["effect_size"], effect, abs_tol=1e-12)
    assert shown > 100 and hidden > 20
    assert not [key for key in found if key[1] in traits]


def test_every_trait_with_few_values_is_profiled(history: Warehouse) -> None:
    """Booleans and words of the profile, without a list of them here."""
    profiled = {
        trait
        for (trait,) in history.query("select distinct trait from segment_profile")
    }
    booleans = {
        name
        for name in columns_of(history, "customers")
        if name.startswith(("is_", "has_"))
    } - {"is_test", "is_segment_candidate"}
    assert (
        booleans | {"gender", "age_band", "purchase_stage", "rfm_segment"} <= profiled
    )


def test_a_composition_says_who_asked_for_it(history: Warehouse) -> None:
    """By rule, through a segment in a rule too, or not; and nobody's age is unknown."""
    found = {
        (segment, trait): is_by_rule
        for segment, trait, is_by_rule in history.query(
            "select distinct segment, trait, is_by_rule from segment_composition"
        )
    }
    assert {trait for _, trait in found} == {"age_band", "gender"}
    assert found["women", "gender"] and not found["women", "age_band"]
    assert not found["sleeping", "gender"]
    assert (
        history.query("select * from segment_composition where trait_value = 'unknown'")
        == []
    )


def days_of(warehouse: Warehouse) -> dict[str, list[Row]]:
    """Days of the window, by customer."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(
        warehouse, "customer_days", *columns_of(warehouse, "customer_days")
    ):
        if TODAY - timedelta(days=WINDOW) < row["active_on"] <= TODAY:
            found[row["customer_id"]].append(row)
    return found


def test_figures_of_members_are_those_of_their_days_and_orders(
    history: Warehouse,
) -> None:
    days = days_of(history)
    orders: dict[str, list[Row]] = defaultdict(list)
    for row in rows(
        history, "orders", "customer_id", "ordered_on", "is_valid", "net_revenue"
    ):
        if row["is_valid"] and TODAY - timedelta(days=WINDOW) < row["ordered_on"]:
            orders[row["customer_id"]].append(row)
    reach = {
        row["customer_id"]: row
        for row in rows(
            history, "customers", "customer_id", "is_reachable_by_email",
            "is_reachable_by_push",
        )
    }  # fmt: skip
    found = {
        row["segment"]: row
        for row in rows(
            history,
            f"segment_kpis where as_of_date = date '{AS_OF}'",
            *(f'"{name}"' for name in columns_of(history, "segment_kpis")),
        )
        for row in [{name.strip('"'): value for name, value in row.items()}]
    }
    segments = members(history)
    [(defined,)] = history.query("select count(*) from segments")
    assert len(found) == defined
    for segment, row in found.items():
        ids = segments.get(segment, set())
        placed = [order for one in ids for order in orders[one]]
        expected = {
            "customer_count": len(ids),
            "active_customer_count": sum(bool(days[one]) for one in ids),
            "active_days": sum(len(days[one]) for one in ids),
            "order_count": len(placed),
            "ordering_customer_count": sum(bool(orders[one]) for one in ids),
            "net_revenue": sum((one["net_revenue"] for one in placed), Decimal(0)),
            "conversion_count": len(placed),
            "converted_customer_count": sum(bool(orders[one]) for one in ids),
            "sharing_customer_count": sum(
                any(day["share_count"] for day in days[one]) for one in ids
            ),
            "reachable_by_email_count": sum(
                reach[one]["is_reachable_by_email"] for one in ids
            ),
            "reachable_by_push_count": sum(
                reach[one]["is_reachable_by_push"] for one in ids
            ),
        }
        assert {name: row[name] for name in expected} == expected, segment
    assert sum(row["order_count"] for row in found.values()) > 50


def test_what_became_of_members_is_told_from_the_day_after_they_were_found(
    history: Warehouse,
) -> None:
    """Found by the run of 5 or 20 June; the window begins on 1 June."""
    days = days_of(history)
    first_orders = dict(
        history.query("select customer_id, first_ordered_on from customers")
    )
    followed: dict[str, dict[str, date]] = defaultdict(dict)
    for segment, customer, start, end in history.query(
        "select segment, customer_id, valid_from, valid_to "
        "from segment_membership_spells order by valid_from"
    ):
        in_window = end is None or end > TODAY - timedelta(days=WINDOW)
        if start <= TODAY - timedelta(days=FOLLOW_UP) and in_window:
            found_on = max(start, TODAY - timedelta(days=WINDOW))
            followed[segment].setdefault(customer, found_on)
    names = (
        "followed_customer_count", "followed_active_count", "followed_ordered_count",
        "followed_prospect_count", "followed_first_order_count",
        "followed_retained_count", "followed_converted_count",
    )  # fmt: skip
    left = 0
    for row in rows(
        history, f"segment_kpis where as_of_date = date '{AS_OF}'", "segment", *names
    ):
        people = followed[row["segment"]]
        left += len(people.keys() - members(history)[row["segment"]])
        later = {
            one: [day for day in days[one] if day["active_on"] > found_on]
            for one, found_on in people.items()
        }
        prospects = {
            one
            for one, found_on in people.items()
            if first_orders[one] is None or first_orders[one] > found_on
        }
        ordered = {
            one for one in people if any(day["order_count"] for day in later[one])
        }
        last_week = TODAY - timedelta(days=7)
        assert row == {
            "segment": row["segment"],
            "followed_customer_count": len(people),
            "followed_active_count": sum(map(bool, later.values())),
            "followed_ordered_count": len(ordered),
            "followed_prospect_count": len(prospects),
            "followed_first_order_count": len(ordered & prospects),
            "followed_retained_count": sum(
                any(day["active_on"] > last_week for day in days[one]) for one in people
            ),
            "followed_converted_count": len(ordered),
        }
    assert left > 20


def test_every_metric_yields_a_number(history: Warehouse) -> None:
    """Also those that no segment is judged by yet; a share is one."""
    metrics = {row["metric"]: row for row in seed_rows("metrics")}
    found = {
        metric: (low, high)
        for metric, low, high in history.query(
            f"""
            select metric, min(metric_value), max(metric_value)
            from segment_metrics
            where as_of_date = date '{AS_OF}'
                and segment in (select segment from segment_members)
                and metric_value is not null
            group by metric
            """
        )
    }
    assert found.keys() == metrics.keys()
    outside = {
        metric: limits
        for metric, limits in found.items()
        if metrics[metric]["unit"] == "share" and not 0 <= limits[0] <= limits[1] <= 1
    }
    assert not outside
    still = {metric for metric, (_, high) in found.items() if high == 0}
    assert len(still) <= 4, still


def test_each_metric_has_its_own_words_and_formula() -> None:
    metrics = seed_rows("metrics")
    for parts in (("label_en",), ("label_ko",), ("numerator", "denominator")):
        said = Counter(tuple(row[part] for part in parts) for row in metrics)
        assert [one for one, times in said.items() if times > 1] == []


def test_segments_of_a_metric_are_ranked_best_first(history: Warehouse) -> None:
    direction = {row["metric"]: row["direction"] for row in seed_rows("metrics")}
    ranked: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for metric, value, rank, size in history.query(
        f"""
        select metric, metric_value, metric_rank, customer_count from segment_kpis
        where as_of_date = date '{AS_OF}'
        """
    ):
        assert (rank is not None) == (value is not None and size >= MINIMUM)
        if rank is not None:
            ranked[metric].append((value, rank))
    assert max(map(len, ranked.values())) >= 3
    for metric, places in ranked.items():
        values = [value for value, _ in places]
        for value, rank in places:
            better = [
                other
                for other in values
                if (other > value if direction[metric] == "higher" else other < value)
            ]
            assert rank == 1 + len(better)


def test_sizes_and_moves_of_every_day_are_those_of_the_log(history: Warehouse) -> None:
    columns = 'segment, as_of_date, customer_count, entered, "left"'
    kpis = history.query(f"select {columns} from segment_kpis order by all")
    assert kpis == history.query(f"select {columns} from segment_sizes order by all")
    assert {row[1].isoformat() for row in kpis} == {FIRST_DAY, SECOND_DAY, AS_OF}


@pytest.fixture
def mine(history: Warehouse, tmp_path: Path) -> Warehouse:
    """The shop, to go on with."""
    copied = Warehouse(tmp_path)
    shutil.copytree(history.landing, copied.landing)
    shutil.copy(history.database, copied.database)
    return copied


RECORDS = """
    select record_number, run_number, as_of_date::text from segment_kpi_records
    group by all order by all
"""
FIGURES = "select * from segment_kpis order by all"
MEMBERSHIPS = "select * from segment_records order by all"


def run(warehouse: Warehouse, day: str, *options: str, **variables: Any) -> None:
    """Record figures of a day from the tables of that day."""
    result = warehouse.dbt(
        *("run", "--select", "segment_records+,+segment_kpis", "int_window_customers"),
        *options,
        variables={"as_of_date": day, **SMALL_GROUPS, **variables},
    )
    assert result.success, failures(result)


def test_running_the_same_day_again_records_nothing(mine: Warehouse) -> None:
    """Neither figures nor members, also when all is refreshed."""
    records, figures = mine.query(RECORDS), mine.query(FIGURES)
    memberships = mine.query(MEMBERSHIPS)
    assert len(records) == 3 and len(memberships) > 100
    for options in ((), ("--full-refresh",)):
        run(mine, AS_OF, *options)
        assert mine.query(RECORDS) == records
        assert mine.query(MEMBERSHIPS) == memberships
    assert mine.query(FIGURES) == figures


def test_other_numbers_of_the_same_members_are_recorded_again(mine: Warehouse) -> None:
    """Another conversion counts: the same run, a new record, which is in force."""
    before = mine.query(RECORDS)
    run(mine, AS_OF, conversion="cart")
    assert mine.query(RECORDS) == [*before, (4, 3, AS_OF)]
    kpis = "select segment, conversion_count from segment_kpis where as_of_date = date "
    days = days_of(mine)
    expected = {
        segment: sum(day["cart_add_count"] for one in ids for day in days[one])
        for segment, ids in members(mine).items()
    }
    found = dict(mine.query(f"{kpis}'{AS_OF}'"))
    assert {segment: found[segment] for segment in expected} == expected
    assert sum(expected.values()) > 0


def test_an_earlier_day_again_overrides_itself_and_what_came_after(
    mine: Warehouse,
) -> None:
    mine.build(SECOND_DAY, *UNTESTED, variables=SMALL_GROUPS)
    days = "select distinct as_of_date::text from segment_kpis order by 1"
    assert mine.query(days) == [(FIRST_DAY,), (SECOND_DAY,)]
    assert mine.query(RECORDS)[-1] == (4, 4, SECOND_DAY)
