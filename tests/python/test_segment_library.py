"""The segments that ship: each decides at its edges as it reads, and reads well."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from customer_segments.yaml_files import known_yaml
from tests.python.compiled import Bench, World, compile_models
from tests.python.warehouse import ROOT

Facts = Mapping[str, Any]
AS_OF = date(2026, 6, 30)
TIME_ZONE = ZoneInfo("Asia/Seoul")
FOLDER = ROOT / "models/marts/segments/rules"
PROFILE = ROOT / "models/marts/customers/customers.yml"
DAYS = ROOT / "models/marts/customers/activity/customer_days.yml"
# What decides about customers, in build order, and the tables that it reads.
MODELS = ("int_customer_actions", "int_rule_facts", "int_segment_flags")
# Tables that these read, and the columns of those that have no contract.
TABLES: Mapping[str, Mapping[str, str] | None] = {
    **dict.fromkeys(("customers", "customer_days", "orders", "order_lines")),
    "stg_products": dict.fromkeys(("product_id", "category", "row_state"), "varchar"),
    "stg_events": {
        **dict.fromkeys(("event_id", "customer_id", "event_name"), "varchar"),
        **{"occurred_at": "timestamp", "occurred_on": "date"},
        **dict.fromkeys(("product_id", "search_term", "page", "device"), "varchar"),
        **dict.fromkeys(("os", "browser", "campaign_id", "properties"), "varchar"),
        "row_state": "varchar",
    },
}
FACTS_OF_DAYS = ("did", "actions")
# What is not null in the profile and cannot be 0 or false.
UNREMARKABLE = {
    "age_band": "unknown",
    "gender": "unknown",
    "signed_up_on": AS_OF,
    "known_on": AS_OF,
    "purchase_stage": "prospect",
    "activity_state": "never_active",
    "is_segment_candidate": True,
}
WORDS_OF_THE_TRADE = {"PC"}
SPOKEN = {
    **{2: "two|twice", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"},
    **{8: "eight", 9: "nine", 10: "ten", 12: "twelve"},
}


@dataclass(frozen=True)
class Example:
    """A customer, by what is true of them, and whether a segment takes them."""

    segment: str
    facts: Facts
    is_member: bool
    number: int

    @property
    def customer_id(self) -> str:
        return f"{self.segment} {self.number}"


def loaded(path: str) -> Any:
    """Return a YAML file of the tests."""
    return known_yaml(ROOT / "tests/python" / path)


@cache
def segments() -> dict[str, dict[str, Any]]:
    """Return every segment that ships, by name, with its family."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*_segments.yml")):
        [source] = known_yaml(path)["sources"]
        for family in source["tables"]:
            for segment in family["config"]["meta"]["segments"]:
                found[segment["name"]] = {**segment, "family": family["name"]}
    return found


@cache
def columns_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the columns of a model, by name."""
    model = known_yaml(path)["models"][0]
    return {column["name"]: column for column in model["columns"]}


@cache
def unnamed_facts() -> dict[str, Any]:
    """Return what holds of a customer of whom nothing is said."""
    model = known_yaml(PROFILE)["models"][0]
    types = {column["name"]: column["data_type"] for column in model["columns"]}
    never_null = model["config"]["meta"]["required"].strip().split(", ")
    facts: dict[str, Any] = {
        name: False if types[name] == "boolean" else 0
        for name in never_null
        if types[name] in ("boolean", "int", "bigint")
        or types[name].startswith("decimal")
    }
    return {**facts, **UNREMARKABLE}


@cache
def event_columns() -> dict[str, str]:
    """Return the column of customer_days that counts an event, by its name."""
    return {
        column["config"]["meta"]["event"]["name"]: name
        for name, column in columns_of(DAYS).items()
        if column.get("config", {}).get("meta", {}).get("event")
    }


def cases(segment: str) -> list[dict[str, Any]]:
    """Return the cases of a segment: a customer who is in, and changes of them."""
    given = loaded("segment_examples.yml").get(segment, [])
    return [given] if isinstance(given, dict) else given


@cache
def examples() -> list[Example]:
    """Return every customer of every case."""
    found = []
    for segment in segments():
        customers: list[tuple[Facts, bool]] = []
        for case in cases(segment):
            customers.append((case["in"], True))
            for kind in ("still_in", "out"):
                for change in case.get(kind, []):
                    customers.append(({**case["in"], **change}, kind == "still_in"))
        found += [
            Example(segment, facts, is_member, number)
            for number, (facts, is_member) in enumerate(customers)
        ]
    return found


def value_of(fact: Any) -> Any:
    """Return a fact as the profile holds it."""
    if isinstance(fact, dict):
        return AS_OF - timedelta(days=fact["days_ago"])
    return fact


def profile(example: Example) -> dict[str, Any]:
    """Return the row of an example in `customers`."""
    named = {
        name: value_of(fact)
        for name, fact in example.facts.items()
        if name not in FACTS_OF_DAYS
    }
    return {
        **dict.fromkeys(columns_of(PROFILE)),
        **unnamed_facts(),
        "customer_id": example.customer_id,
        **named,
    }


@dataclass(frozen=True)
class Action:
    """Something that an example did at a moment."""

    event: str
    days_ago: int
    clock: time
    properties: Mapping[str, Any]

    @property
    def occurred_on(self) -> date:
        return AS_OF - timedelta(days=self.days_ago)

    @property
    def occurred_at(self) -> datetime:
        local = datetime.combine(self.occurred_on, self.clock, tzinfo=TIME_ZONE)
        return local.astimezone(UTC).replace(tzinfo=None)


def actions(example: Example) -> list[Action]:
    """Return what an example did at which moment; `{review: 29}` is 29 days ago."""
    return [
        Action(
            event,
            given[event],
            time.fromisoformat(given.get("at", "12:00")),
            given.get("properties", {}),
        )
        for given in example.facts.get("actions", [])
        for event in given.keys() & event_columns().keys()
    ]


def done(example: Example) -> dict[str, dict[int, int]]:
    """Return how often an example did what, how many days ago."""
    counts = {
        event: dict(by_day) for event, by_day in example.facts.get("did", {}).items()
    }
    for action in actions(example):
        by_day = counts.setdefault(action.event, {})
        by_day[action.days_ago] = by_day.get(action.days_ago, 0) + 1
    return counts


def active_days(example: Example) -> list[dict[str, Any]]:
    """Return the rows of an example in `customer_days`."""
    days: dict[int, dict[str, int]] = {}
    for event, counts in done(example).items():
        for days_ago, count in counts.items():
            days.setdefault(days_ago, {})[event_columns()[event]] = count
    return [
        {
            "customer_id": example.customer_id,
            "active_on": AS_OF - timedelta(days=days_ago),
            **dict.fromkeys(event_columns().values(), 0),
            **counts,
        }
        for days_ago, counts in days.items()
    ]


def events(example: Example) -> list[dict[str, Any]]:
    """Return the rows of an example in `stg_events`; purchases are orders."""
    return [
        {
            "event_id": f"{example.customer_id} {number}",
            "customer_id": example.customer_id,
            "event_name": action.event,
            "occurred_at": action.occurred_at,
            "occurred_on": action.occurred_on,
            "properties": json.dumps(action.properties),
            "row_state": "kept",
        }
        for number, action in enumerate(actions(example))
        if action.event != "purchase"
    ]


def orders(example: Example) -> list[dict[str, Any]]:
    """Return the rows of an example in `orders`."""
    return [
        {
            "order_id": f"{example.customer_id} {number}",
            "customer_id": example.customer_id,
            "ordered_at": action.occurred_at,
            "ordered_on": action.occurred_on,
            "is_valid": True,
        }
        for number, action in enumerate(actions(example))
        if action.event == "purchase"
    ]


def decide(bench: Bench, shown: list[Example]) -> None:
    """Run the models on these customers and no others."""
    bench.give("customers", [profile(example) for example in shown])
    for table, rows_of in (
        ("customer_days", active_days),
        ("stg_events", events),
        ("orders", orders),
    ):
        bench.give(table, [row for example in shown for row in rows_of(example)])
    bench.run(*MODELS)


@pytest.fixture(scope="module")
def members() -> dict[str, set[str]]:
    """The customers that each segment takes, all examples together."""
    variables = {"as_of_date": AS_OF.isoformat()}
    compiled = compile_models(MODELS, variables)
    bench = Bench(World(AS_OF, TIME_ZONE.key, "KRW", 0, compiled))
    for table, columns in TABLES.items():
        bench.table(table, columns)
    found: dict[str, set[str]] = {}
    # Who is ranked is ranked among a crowd of their own.
    alone = {
        name: case["crowd"]
        for name in segments()
        for case in cases(name)
        if "crowd" in case
    }
    for ranked in (None, *alone):
        shown = [
            example
            for example in examples()
            if (example.segment == ranked if ranked else example.segment not in alone)
        ]
        if ranked:
            crowd = range(alone[ranked])
            shown += [Example("crowd", {}, False, number) for number in crowd]
        decide(bench, shown)
        flags = compiled.relations["int_segment_flags"]
        for name in segments():
            if (name == ranked) if ranked else name not in alone:
                rows = bench.connection.execute(
                    f"select customer_id from {flags} where {name}"
                ).fetchall()
                found[name] = {row[0] for row in rows}
    return found


@pytest.mark.parametrize("segment", segments())
def test_a_segment_decides_at_its_edges(
    segment: str, members: Mapping[str, set[str]]
) -> None:
    for example in examples():
        if example.segment == segment:
            found = example.customer_id in members[segment]
            assert found is example.is_member, example.facts


def test_every_segment_has_somebody_just_in_and_just_out() -> None:
    assert list(loaded("segment_examples.yml")) != []
    assert set(loaded("segment_examples.yml")) == set(segments())
    for segment in segments():
        for case in cases(segment):
            assert case["out"], segment
            for change in (*case.get("still_in", []), *case["out"]):
                (name,) = change
                old = case["in"].get(name, unnamed_facts().get(name))
                assert change[name] != old, (segment, change)


def conditions(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the conditions that let somebody in, those of other segments left out."""
    for group in ("all", "any"):
        for member in rule.get(group, []):
            yield from conditions(member)
    if not {"all", "any", "none"} & rule.keys():
        yield rule


def edges(
    condition: Mapping[str, Any], step: Decimal
) -> tuple[list[Decimal], list[Decimal]]:
    """Return the outermost values that pass a test on a number, and those next."""
    test, value = next(
        (test, condition[test])
        for test in ("at_least", "at_most", "between")
        if test in condition
    )
    low, high = value if test == "between" else (value, value)
    inner, outer = [], []
    if test != "at_most":
        inner.append(Decimal(str(low)))
        outer.append(Decimal(str(low)) - step)
    if test != "at_least":
        inner.append(Decimal(str(high)))
        outer.append(Decimal(str(high)) + step)
    return inner, outer


def step_of(trait: str) -> Decimal:
    """Return the smallest difference between two values of a trait."""
    found = re.search(r",\s*(\d+)\)", columns_of(PROFILE)[trait]["data_type"])
    return Decimal(1).scaleb(-int(found[1]) if found else 0)


@pytest.mark.parametrize("segment", segments())
def test_every_threshold_has_an_example_on_each_side(segment: str) -> None:
    mine = [example for example in examples() if example.segment == segment]
    for condition in conditions(segments()[segment]["rule"]):
        if "trait" in condition and condition.keys() & {
            *("at_least", "at_most", "between"),
        }:
            trait = condition["trait"]
            inner, outer = edges(condition, step_of(trait))
            held: dict[bool, set[Decimal]] = {True: set(), False: set()}
            for example in mine:
                value = profile(example).get(trait)
                if value is not None:
                    held[example.is_member].add(Decimal(str(value)))
            assert held[True] >= set(inner), (condition, inner)
            assert (
                held[False] >= {edge for edge in outer if edge >= 0} or min(outer) < 0
            ), (condition, outer)
        if "event" in condition and "within_days" in condition:
            days = condition["within_days"]
            ago: dict[bool, set[int]] = {True: set(), False: set()}
            for example in mine:
                ago[example.is_member] |= (
                    done(example).get(condition["event"], {}).keys()
                )
            # The last day of the window and the first day before it decide.
            is_never = condition.get("never", False)
            assert days - 1 in ago[not is_never], condition
            assert days in ago[is_never], condition
        if "sequence" in condition:
            days = condition["within_days"]
            for is_member, first in ((True, days - 1), (False, days)):
                assert any(
                    first in done(example).get(condition["sequence"][0], {})
                    for example in mine
                    if example.is_member is is_member
                ), condition
        for key, inner_day, outer_day in (
            ("for_days", 1, 2),
            ("entered_within_days", 1, 0),
        ):
            if key in condition:
                since = (
                    "purchase_stage_since"
                    if "stage" in condition
                    else "activity_state_since"
                )
                for is_member, off in ((True, inner_day), (False, outer_day)):
                    day = AS_OF - timedelta(days=condition[key] - off)
                    assert any(
                        profile(example)[since] == day
                        for example in mine
                        if example.is_member is is_member
                    ), (condition, day)


def test_the_library_has_seven_families() -> None:
    assert len(segments()) >= 60
    assert {segment["family"] for segment in segments().values()} == {
        *("demographic", "purchase", "behaviour", "lifecycle"),
        *("value", "risk", "underserved"),
    }


def texts(segment: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what a person reads of a segment: which text, in English, in Korean."""
    for key in ("label", "situation", "need", "message"):
        yield key, segment[key]["en"], segment[key]["ko"]


LENGTHS = {"label": 60, "situation": 170, "need": 110, "message": 170}


@pytest.mark.parametrize("segment", segments())
def test_a_segment_reads_well_in_both_languages(segment: str) -> None:
    for key, en, ko in texts(segments()[segment]):
        assert en != ko
        assert not re.search("[가-힣]", en), (key, en)
        assert re.search("[가-힣]", ko), (key, ko)
        leftovers = set(re.findall(r"[A-Za-z]+", ko)) - WORDS_OF_THE_TRADE
        assert not leftovers, (key, ko, leftovers)
        for text in (en, ko):
            assert 2 <= len(text) <= LENGTHS[key], (key, len(text), text)
            assert text == " ".join(text.split()), (key, text)
        # a need is a noun phrase in Korean
        assert en.endswith(".") is (key != "label"), (key, en)
        assert ko.endswith(".") is (key not in ("label", "need")), (key, ko)
        if key == "situation":
            assert ko.endswith("니다."), ko
        if key == "message":
            assert ko.endswith(("주세요.", "니다.")), ko


def said_in_english(text: str) -> set[int]:
    """Return the numbers above one in an English text."""
    found = {int(number) for number in re.findall(r"\d+", text.replace(",", ""))}
    for number, word in SPOKEN.items():
        if re.search(rf"\b({word})\b", text.lower()):
            found.add(number)
    return found - {0, 1}


def said_in_korean(text: str) -> set[int]:
    """Return the numbers above one in a Korean text; 30대 are those from 30 to 39."""
    found = {int(number) for number in re.findall(r"\d+", text.replace(",", ""))}
    found |= {2 for _ in re.findall(r"두 [개배번]|이틀", text)}
    found |= {int(decade) + 9 for decade in re.findall(r"(\d0)대", text)}
    return found - {0, 1}


@pytest.mark.parametrize("segment", segments())
def test_a_situation_names_the_same_numbers_in_both_languages(segment: str) -> None:
    situation = segments()[segment]["situation"]
    assert said_in_english(situation["en"]) == said_in_korean(situation["ko"])
