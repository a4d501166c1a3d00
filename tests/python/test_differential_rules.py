"""Segment rules compiled to SQL against the oracle, which reads the rules."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import (
    Bench,
    World,
    compile_models,
    copied_project,
    examples_of,
)
from tests.python.warehouse import ROOT

Rule = dict[str, Any]
AS_OF = date(2024, 2, 29)
FAMILY = "models/marts/segments/purchase_segments.yml"
PAYLOADS = (
    "'",
    "''",
    "'''",
    '"',
    "\\",
    "\\'",
    "\\' or 1=1 --",
    "' or '1'='1",
    "' or true --",
    "'); drop table customers; --",
    "'; drop table customers; --",
    "' union select 'x' --",
    "') or ('a' = 'a",
    "/* comment */",
    "-- comment",
    ";",
    "%",
    "_",
    "100%",
    "%s",
    "a_b",
    "$1",
    "?",
    ":name",
    "$$text$$",
    "서울특별시",
    "한국'; select 1",
    "e\u0301",
    "line\nbreak",
    "tab\there",
    " space ",
    "null",
    "NULL",
    "true",
    "NO",
    "0x41",
    "chr(39) || chr(39)",
    "😀",
)
TEXTS = ("free", "Free", "kr", "KR", "a b", "paid", *PAYLOADS)
ITEMS = (
    "books",
    "book",
    "books ",
    "music",
    "스포츠",
    "it's",
    "100%",
    "a_b",
    "\\",
    ", ",
)
NUMBERS = (-1, 0, 1, 2, 3, 5, 29, 30, 31, 365)
MONEY = (-1, 0, 99.99, 100, 100.01, 1_000_000.5)
SHARES = (0, 0.0001, 0.3333, 0.5, 0.9999, 1)
PERCENTS = (0, 0.1, 9.99, 10, 10.5, 33.333333, 100)
DATES = tuple(
    AS_OF + timedelta(days=days) for days in (-366, -60, -59, -31, -30, -1, 0, 1, 30)
)
WINDOWS = (1, 2, 7, 30, 365)


def loaded(path: str) -> Any:
    """Return a YAML file of the project."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@cache
def traits() -> dict[str, dict[str, Any]]:
    """Return the traits that the profile offers: kind and values by name."""
    found: dict[str, dict[str, Any]] = {}
    for column in loaded("models/marts/customers/customers.yml")["models"][0][
        "columns"
    ]:
        trait = column.get("config", {}).get("meta", {}).get("trait")
        if trait:
            data_type = column["data_type"].split("(")[0]
            kind = trait.get("kind") or {
                "string": "text",
                "int": "integer",
                "bigint": "integer",
                "double": "number",
            }.get(data_type, data_type)
            found[column["name"]] = {
                "kind": kind,
                "type": data_type,
                "values": trait.get("values"),
                "is_share": column["data_type"] == "decimal(5,4)",
            }
    return found


@cache
def events() -> dict[str, str]:
    """Return the column of customer_days that counts an event, by its name."""
    columns = loaded("models/marts/customers/customer_days.yml")["models"][0]["columns"]
    return {
        column["config"]["meta"]["event"]: column["name"]
        for column in columns
        if column.get("config", {}).get("meta", {}).get("event")
    }


@cache
def project_segments() -> dict[str, Rule]:
    """Return the rules of the project's own segments, by name."""
    rules = {}
    for path in sorted((ROOT / "models/marts/segments").glob("*_segments.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        meta = content["models"][0]["config"].get("meta", {})
        for segment in meta.get("segments", []):
            rules[segment["name"]] = segment["rule"]
    return rules


def pool(name: str) -> Sequence[Any]:
    """Return values that customers have in a trait and that rules ask for."""
    trait = traits()[name]
    pools: dict[str, Sequence[Any]] = {
        "text": trait["values"] or TEXTS,
        "boolean": (True, False),
        "integer": NUMBERS,
        "decimal": SHARES if trait["is_share"] else MONEY,
        "number": PERCENTS,
        "date": DATES,
        "list": ITEMS,
    }
    return pools[trait["kind"]]


def measure_tests(draw: DrawFn, values: SearchStrategy[Any]) -> Rule:
    """Draw a test for what can be compared."""
    test = draw(st.sampled_from(("at_least", "at_most", "above", "below", "between")))
    if test == "between":
        return {test: [draw(values), draw(values)]}
    return {test: draw(values)}


@st.composite
def trait_conditions(draw: DrawFn) -> Rule:
    """Draw a condition on a trait of any type."""
    name = draw(st.sampled_from(sorted(traits())))
    kind = traits()[name]["kind"]
    values = st.sampled_from(pool(name))
    some = st.lists(values, min_size=1, max_size=3)
    if draw(st.sampled_from((False,) * 7 + (True,))):
        return {"trait": name, "known": draw(st.booleans())}
    if kind == "list":
        test = draw(st.sampled_from(("has", "has_any", "has_all")))
        return {"trait": name, test: draw(values if test == "has" else some)}
    if kind in ("text", "boolean"):
        test = draw(st.sampled_from(("is", "is_not", "in", "not_in")))
        return {"trait": name, test: draw(some if "in" in test else values)}
    if kind == "date":
        # Written in quotes or not.
        values = values.flatmap(lambda day: st.sampled_from((day, day.isoformat())))
    return {"trait": name, **measure_tests(draw, values)}


@st.composite
def event_conditions(draw: DrawFn) -> Rule:
    """Draw a condition on how often something was done."""
    condition: Rule = {"event": draw(st.sampled_from(sorted(events())))}
    if draw(st.sampled_from((True, True, False))):
        condition["within_days"] = draw(st.sampled_from(WINDOWS))
    kind = draw(st.sampled_from(("none", "never", "known", "measure", "measure")))
    if kind == "never":
        return {**condition, "never": True}
    if kind == "known":
        return {**condition, "known": draw(st.booleans())}
    if kind == "measure":
        return {**condition, **measure_tests(draw, st.integers(0, 4))}
    return condition


@st.composite
def conditions(draw: DrawFn) -> Rule:
    """Draw one condition; a segment is a name, or a number still to be named."""
    kind = draw(st.sampled_from(("trait",) * 5 + ("event",) * 2 + ("held", "segment")))
    if kind == "trait":
        return draw(trait_conditions())
    if kind == "event":
        return draw(event_conditions())
    if kind == "held":
        subject, trait = draw(
            st.sampled_from(
                (("stage", "purchase_stage"), ("activity", "activity_state"))
            )
        )
        return {subject: draw(st.sampled_from(pool(trait)))}
    names = st.sampled_from(sorted(project_segments()))
    return {"segment": draw(names | st.integers(0, 1000))}


@st.composite
def rules(draw: DrawFn, depth: int = 4) -> Rule:
    """Draw a rule whose groups nest at most so deep."""
    if depth == 0 or draw(st.sampled_from((False, False, True))):
        return draw(conditions())
    group = draw(st.sampled_from(("all", "any", "none")))
    return {group: draw(st.lists(rules(depth - 1), min_size=1, max_size=3))}


def named_segments(drawn: Sequence[Rule]) -> dict[str, Rule]:
    """Name rules; numbers become names of earlier rules, long rules are left out."""
    segments = dict(project_segments())
    added: list[str] = []

    def settled(rule: Rule) -> Rule:
        for group in ("all", "any", "none"):
            if group in rule:
                return {group: [settled(member) for member in rule[group]]}
        if isinstance(rule.get("segment"), int):
            if not added:
                return {"segment": "women"}
            return {"segment": added[rule["segment"] % len(added)]}
        return rule

    def length(rule: Rule) -> int:
        for group in ("all", "any", "none"):
            if group in rule:
                return sum(length(member) for member in rule[group])
        return length(segments[rule["segment"]]) if "segment" in rule else 1

    for rule in drawn:
        one = settled(rule)
        if length(one) <= 50:
            name = f"rule_{len(added)}"
            segments[name] = one
            added.append(name)
    return segments


def payload_rules() -> list[Rule]:
    """Return rules that ask for each payload in a text and in a list."""
    asked: list[Rule] = []
    for payload in PAYLOADS:
        asked.append({"trait": "region", "is": payload})
        asked.append({"trait": "region", "is_not": payload})
        asked.append({"trait": "plan", "in": ["free", payload]})
        if "|" not in payload:
            asked.append({"trait": "interests", "has": payload})
    return asked


def segment_text(name: str, rule: Rule) -> Rule:
    """Return a segment as a family's YAML holds it."""
    text = {"en": name, "ko": name}
    said = dict.fromkeys(("label", "situation", "need", "message"), text)
    return {"name": name, **said, "metric": "open_rate", "owner": "crm", "rule": rule}


def project_with(segments: Mapping[str, Rule]) -> Path:
    """Copy the project with more segments in one family."""

    def add(content: Any) -> None:
        given = content["models"][0]["config"]["meta"]["segments"]
        names = {segment["name"] for segment in given}
        for name, rule in segments.items():
            if name not in project_segments() and name not in names:
                given.append(segment_text(name, rule))

    return copied_project({FAMILY: add})


@cache
def rule_world(examples: int) -> tuple[dict[str, Rule], World]:
    """Compile so many drawn rules, and those that ask for payloads, in one go."""
    drawn = examples_of(rules(), examples)
    segments = named_segments([*payload_rules(), *drawn])
    compiled = compile_models(
        ["purchase_segments"],
        {"as_of_date": AS_OF.isoformat()},
        project_with(segments),
    )
    return segments, World(AS_OF, "Asia/Seoul", "KRW", 0, compiled)


def drawn_customers(seed: int, size: int = 60) -> list[dict[str, Any]]:
    """Return customers with values that rules ask for, their neighbours, and nulls."""
    draw = random.Random(seed)
    customers = []
    for number in range(size):
        customer: dict[str, Any] = {
            "customer_id": f"c{number:02}",
            "is_test": number == 7,
        }
        for name, trait in traits().items():
            value = draw.choice(pool(name))
            if trait["kind"] == "list":
                held = draw.sample([*ITEMS, *PAYLOADS], draw.randint(0, 4))
                value = "|".join(held)
            if trait["kind"] in ("decimal", "number") and draw.random() < 0.2:
                value = value + draw.choice((0.01, -0.01))
            customer[name] = None if draw.random() < 0.2 else value
        if customer["age_band"] is None:
            customer["age_band"] = "unknown"
        customer["is_segment_candidate"] = (
            not customer["is_test"] and customer["age_band"] != "under_14"
        )
        customers.append(customer)
    for number, payload in enumerate(PAYLOADS):
        customers[number]["region"] = payload
    return customers


def drawn_days(
    seed: int, customers: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return days on which something was done, at both edges of every window."""
    draw = random.Random(seed)
    edges = sorted({days + more for days in (0, *WINDOWS) for more in (-1, 0, 1)})
    rows = []
    for customer in customers:
        for ago in draw.sample(
            [edge for edge in edges if edge >= 0], draw.randint(0, 7)
        ):
            row = {
                "customer_id": customer["customer_id"],
                "active_on": AS_OF - timedelta(days=ago),
            }
            for column in events().values():
                row[column] = draw.choice((0, 0, 0, 1, 1, 2, 3))
            rows.append(row)
    return rows


def rule_bench(world: World) -> Bench:
    """Return a database with tables for profiles and days."""
    bench = Bench(world)
    bench.table("customers")
    bench.table("customer_days")
    return bench


def check_rules(bench: Bench, segments: Mapping[str, Rule], seed: int) -> int:
    """Compare every rule on every customer; returns how many pairs matched a rule."""
    customers = drawn_customers(seed)
    days = drawn_days(seed, customers)
    rows = []
    for customer in customers:
        row = dict(customer)
        for name, trait in traits().items():
            if row[name] is not None and trait["type"] == "decimal":
                row[name] = Decimal(str(round(row[name], 2)))
            if row[name] is not None and trait["type"] == "double":
                row[name] = float(row[name])
        rows.append(row)
    bench.give("customers", rows)
    bench.give("customer_days", days)
    bench.run("purchase_segments")
    found = bench.connection.execute(
        f"select * from {bench.compiled.relations['purchase_segments']} order by all"
    )
    names = [column[0] for column in found.description or ()]
    held = {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
    assert list(held) == [
        row["customer_id"]
        for row in rows
        if not row["is_test"] and row["age_band"] != "under_14"
    ]

    trait_types = {name: trait["kind"] for name, trait in traits().items()}
    matches = 0
    for row in rows:
        who = row["customer_id"]
        if who not in held:
            continue
        done: dict[str, dict[date, int]] = {}
        for day in days:
            if day["customer_id"] == who:
                for event, column in events().items():
                    done.setdefault(event, {})[day["active_on"]] = day[column]
        stage = row["purchase_stage"]
        activity = row["activity_state"]
        for name in names[1:]:
            expected = oracle.evaluate(
                segments[name],
                {trait: row[trait] for trait in traits()},
                done,
                AS_OF,
                segments,
                trait_types,
                oracle.Held(stage) if stage else None,
                oracle.Held(activity) if activity else None,
            )
            assert held[who][name] is expected, (name, segments[name], row, done)
            matches += expected
    customers_left = bench.rows("customers", "count(*)")
    assert customers_left == [(len(customers),)]
    return matches


def test_rules_decide_as_they_read_for_every_customer() -> None:
    segments, world = rule_world(330)
    assert len(segments) >= 300 + len(PAYLOADS)
    matches = check_rules(rule_bench(world), segments, 1)
    # Neither everybody nor nobody: the comparison would prove nothing.
    assert 0.2 < matches / (len(segments) * 55) < 0.8


@pytest.mark.slow
def test_thousands_of_rules_decide_as_they_read() -> None:
    segments, world = rule_world(2000)
    bench = rule_bench(world)
    for seed in range(3):
        check_rules(bench, segments, seed)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_value_that_looks_like_sql_is_plain_text(payload: str) -> None:
    segments, world = rule_world(330)
    bench = rule_bench(world)
    values = [payload, payload + "x", "", payload.swapcase() + "'", None]
    bench.give(
        "customers",
        [
            {
                "customer_id": f"c{number}",
                "is_test": False,
                "is_segment_candidate": True,
                "age_band": "30s",
                "region": value,
                "interests": None if value is None else f"a|{value}|b",
            }
            for number, value in enumerate(values)
        ],
    )
    bench.run("purchase_segments")
    name = next(
        name
        for name, rule in segments.items()
        if rule == {"trait": "region", "is": payload}
    )
    assert bench.rows("purchase_segments", f"customer_id, {name}") == [
        (f"c{number}", number == 0) for number in range(len(values))
    ]
    assert bench.rows("customers", "count(*)") == [(len(values),)]
