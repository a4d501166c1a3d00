"""The schema for editors and the compiler agree on what a rule is."""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml

from customer_segments.places import ROOT
from customer_segments.rules import rule_schema
from customer_segments.rules.rendering import open_project
from customer_segments.rules.rule_schema import json_schema, read_language
from customer_segments.yaml_files import known_yaml
from tests.python.compiler import DECIDING, FLAGS, Compiler, only

FAMILY_FILES = sorted((ROOT / "models/marts/segments/rules").glob("*_segments.yml"))
SCHEMA = json.loads((ROOT / "segments.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
LANGUAGE = read_language(open_project())
TRAITS = LANGUAGE["traits"]
EVENTS = LANGUAGE["events"]
KINDS = {
    **{"string": "text", "int": "integer", "bigint": "integer"},
    **{"decimal": "number", "double": "number"},
}
REFUSAL = re.compile(
    r"models/marts/segments/rules/behaviour_segments\.yml: segments?[^\n]*: "
    r"[^\n]+ > in macro refuse_faults "
)

Rule = dict[str, Any]
Change = Callable[[random.Random, Rule], Any]


def as_json(value: Any) -> Any:
    """What an editor shows the schema: keys are text."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else str(key).lower(): as_json(one)
            for key, one in value.items()
        }
    return [as_json(one) for one in value] if isinstance(value, list) else value


def accepts(segments: Any) -> bool:
    """Whether the schema accepts segments."""
    return bool(VALIDATOR.is_valid(as_json(segments)))


def refusal(compiler: Compiler, segments: Any) -> str:
    """What the compiler says of segments; empty when it accepts them."""
    return compiler.refusal(FLAGS, only(segments))


def segment(rule: Any, **changes: Any) -> Rule:
    """A complete segment with a rule."""
    text = {"en": "text", "ko": "글"}
    return {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        "situation": text,
        "need": text,
        "message": text,
        "metric": "open_rate",
        "owner": "crm",
        "rule": rule,
        **changes,
    }


BASIS = [
    segment({"trait": "order_count", "at_least": 1}, name="first"),
    segment({"segment": "first", "for_days": 3}, name="second"),
]

# ----------------------------------------------------------------------------------
# Rules of the whole language
# ----------------------------------------------------------------------------------

TEXTS = ["seoul", "", "it's", "NO", "1e3", "-- x", "{{ x }}", "가 나", "null", "a/*b"]
DAYS = ["2026-02-28", "2024-02-29", "2026-01-31", "2000-12-31"]
EQUALITY = ("is", "is_not", "in", "not_in", "known")
ORDER = ("at_least", "at_most", "above", "below", "between", "known")
MEMBERSHIP = ("has", "has_any", "has_all", "known")


def value(rng: random.Random, kind: str, values: Sequence[str] = ()) -> Any:
    """A value of a type, or one of these as people may write it."""
    if values:
        said = rng.choice(values)
        return rng.choice(
            [said, said, said.upper(), f" {said} ", "".join(said.split())]
        )
    some: dict[str, list[Any]] = {
        "text": TEXTS,
        "list": TEXTS,
        "boolean": [True, False],
        "integer": [-5, 0, 1, 7, 10**12],
        "number": [0, 3, 0.25, -1.5, 1000.5],
        "date": DAYS,
    }
    return rng.choice(some[kind])


def some_test(
    rng: random.Random, tests: tuple[str, ...], kind: str, values: Sequence[str] = ()
) -> Rule:
    """A test with its value."""
    test = rng.choice(tests)
    if test == "known":
        return {test: rng.random() < 0.5}
    if test in ("in", "not_in", "has_any", "has_all", "between"):
        count = 2 if test == "between" else rng.randint(1, 3)
        return {test: [value(rng, kind, values) for _ in range(count)]}
    return {test: value(rng, kind, values)}


def kind_of(trait: Rule) -> str:
    """What kind of value a trait has."""
    kind: str = trait["type"]
    return KINDS.get(kind, kind)


def names(trait: Rule) -> list[str]:
    """What people call the values of a trait; nothing where it may have any."""
    return [name for value in trait["values"] for name in trait["names"][value]]


def trait_condition(rng: random.Random) -> Rule:
    """A trait and a test of its type."""
    kind = rng.choice(["text", "boolean", "integer", "number", "date", "list"])
    trait = rng.choice([one for one in TRAITS.values() if kind_of(one) == kind])
    tests = {"text": EQUALITY, "boolean": EQUALITY, "list": MEMBERSHIP}
    return {
        "trait": trait["name"],
        **some_test(rng, tests.get(kind, ORDER), kind, names(trait)),
    }


def event_name(rng: random.Random) -> str:
    """An event."""
    return str(rng.choice(sorted(EVENTS)))


def window(rng: random.Random) -> Rule:
    """A window of days, or none."""
    days = sorted(rng.choice([0, 1, 6, 29, 364, 3650]) for _ in range(2))
    return rng.choice(
        [{}, {"within_days": rng.choice([1, 30, 3650])}, {"between_days": days}]
    )


def where(rng: random.Random, event: str) -> Rule:
    """Properties of an action."""
    asked: Rule = {}
    texts = ("product_id", "category")
    for _ in range(rng.randint(1, 3)):
        if event == "purchase":
            key = rng.choice((*texts, "sales_channel", "coupon_code"))
            asked[key] = rng.choice(["beauty", ["beauty", "it's"], ""])
        else:
            key = rng.choice([*texts, "page", "campaign_id", "rating", "_Own9"])
            odd = [5, 4.5, True, ["a", 2, False]] if key in ("rating", "_Own9") else []
            asked[key] = rng.choice(["beauty", ["beauty", "x\\y"], *odd])
    return asked


def event_condition(rng: random.Random) -> Rule:
    """Something done, in any form."""
    event = event_name(rng)
    condition: Rule = {"event": event, **window(rng)}
    if rng.random() < 0.5:
        condition["where"] = where(rng, event)
    if rng.random() < 0.2:
        condition["never"] = True
    elif rng.random() < 0.7:
        condition |= some_test(rng, ORDER, "integer")
    return condition


def held(rng: random.Random) -> Rule:
    """For how long, or nothing."""
    return {
        key: rng.choice([1, 30, 3650])
        for key in ("for_days", "entered_within_days")
        if rng.random() < 0.4
    }


def state_condition(rng: random.Random) -> Rule:
    """A stage, a state or a segment."""
    subject, trait = rng.choice(
        [("stage", "purchase_stage"), ("activity", "activity_state"), ("segment", "")]
    )
    if not trait:
        return {subject: rng.choice(["first", "second"]), **held(rng)}
    return {subject: value(rng, "text", names(TRAITS[trait])), **held(rng)}


def sequence_condition(rng: random.Random) -> Rule:
    """Actions one after another."""
    condition: Rule = {"sequence": [event_name(rng) for _ in range(rng.randint(2, 5))]}
    if rng.random() < 0.5:
        condition["within_days"] = rng.choice([1, 30, 3650])
    if rng.random() < 0.5:
        condition["same"] = "product_id"
    if rng.random() < 0.5:
        condition["then_not"] = event_name(rng)
    return condition


def rank_condition(rng: random.Random) -> Rule:
    """The best by a trait."""
    sortable = [
        name
        for name, trait in TRAITS.items()
        if kind_of(trait) in ("integer", "number", "date")
    ]
    how: Rule = rng.choice([{"top": 1}, {"top": 10_000_000}, {"top_percent": 0.5}])
    return {"rank": {"by": rng.choice(sortable), **how}}


CONDITIONS = (
    *(trait_condition, trait_condition, event_condition, event_condition),
    *(state_condition, sequence_condition, rank_condition),
)


def some_rule(rng: random.Random, depth: int = 1) -> Rule:
    """A group or a condition."""
    if depth > 8 or rng.random() < 0.3 * depth:
        return rng.choice(CONDITIONS)(rng)
    members = [some_rule(rng, depth + 1) for _ in range(rng.randint(1, 3))]
    return {rng.choice(["all", "any", "none"]): members}


def some_segment(rng: random.Random, name: str) -> Rule:
    """A segment, with or without what it may say beside its rule."""
    made = segment(some_rule(rng), name=name)
    if rng.random() < 0.15:
        made["parent"] = rng.choice(["first", "second"])
    if rng.random() < 0.15:
        made["freeze"] = rng.choice(DAYS)
    if rng.random() < 0.15:
        made["explicit_signals_only"] = rng.random() < 0.3
    return made


# ----------------------------------------------------------------------------------
# What people get wrong
# ----------------------------------------------------------------------------------

ODD: list[Any] = [
    *(None, True, False, 0, -3, 1.5, 10**12, "", "3", "NO", "1e3", "yes", "x-y"),
    *("2026-02-30", "order_count", [], [[]], ["x", ["y"]], [None], [True], [1, 2]),
    *(
        {},
        {"a": 1},
        {"en": "x"},
        float("inf"),
        "x" * 70,
        "abc\n",
        "é",
        "２０２６-01-01",
    ),
]


def inside(rule: Any) -> Iterator[Rule]:
    """Every mapping of a rule that is a group or a condition."""
    yield rule
    for group in ("all", "any", "none"):
        for member in rule.get(group, []):
            yield from inside(member)


def some_condition(rng: random.Random, whole: Rule) -> Rule:
    """One of a segment's conditions."""
    found = [
        one for one in inside(whole["rule"]) if not {"all", "any", "none"} & set(one)
    ]
    return rng.choice(found)


def some_group(rng: random.Random, whole: Rule) -> tuple[Rule, str]:
    """A group, and its kind."""
    if not {"all", "any", "none"} & set(whole["rule"]):
        whole["rule"] = {"all": [whole["rule"]]}
    found = [
        (one, key)
        for one in inside(whole["rule"])
        for key in one
        if key in ("all", "any", "none")
    ]
    return rng.choice(found)


def odd_value(rng: random.Random, whole: Rule) -> None:
    """A key of a condition has a value of another type."""
    condition = some_condition(rng, whole)
    subject = next(iter(condition))
    # the name of a segment that does not exist is beyond the schema
    keys = [key for key in condition if key != "segment"] or ["for_days"]
    condition[rng.choice(keys)] = copy.deepcopy(rng.choice(ODD))
    if subject == "segment":
        condition.setdefault("for_days", 1)


def odd_member(rng: random.Random, whole: Rule) -> None:
    """A list of values holds something of another type."""
    condition = some_condition(rng, whole)
    lists = [one for one in condition.values() if isinstance(one, list)]
    if not lists:
        condition.clear()
        condition |= {"trait": "region", "in": ["seoul"]}
        lists = [condition["in"]]
    rng.choice(lists).append(copy.deepcopy(rng.choice(ODD)))


def other_test(rng: random.Random, whole: Rule) -> None:
    """A condition has the test of another type."""
    some_condition(rng, whole).update(
        some_test(rng, (*EQUALITY, *ORDER, "has"), "integer")
    )


def other_subject(rng: random.Random, whole: Rule) -> None:
    """A condition has two subjects, or the keys of another."""
    some_condition(rng, whole).update(rng.choice(CONDITIONS)(rng))


def unknown_key(rng: random.Random, whole: Rule) -> None:
    """A key that nobody knows, of any type."""
    key: Any = rng.choice(["atleast", "", "is not", None, True, 5])
    rng.choice([some_condition(rng, whole), whole])[key] = 3


def lost_subject(rng: random.Random, whole: Rule) -> None:
    """A condition without its first key."""
    condition = some_condition(rng, whole)
    del condition[next(iter(condition))]


def wrong_name(rng: random.Random, whole: Rule) -> None:
    """A trait, event, stage or state that does not exist, or is another's."""
    subject = rng.choice(["trait", "event", "stage", "activity"])
    names = ["order_cuont", "purchase", "region", "churned", "religion", "customer_id"]
    condition = some_condition(rng, whole)
    condition.pop("segment", None)
    condition[subject] = rng.choice([*names, *ODD])


def odd_group(rng: random.Random, whole: Rule) -> None:
    """A group that is empty, no list, or beside something."""
    group, key = some_group(rng, whole)
    if rng.random() < 0.3:
        group[rng.choice(["all", "any", "none", "trait", "segment"])] = "first"
    elif rng.random() < 0.5:
        group[key] = copy.deepcopy(rng.choice(ODD))
    else:
        group[key].append(copy.deepcopy(rng.choice(ODD)))


def deeper(rng: random.Random, whole: Rule) -> None:
    """Groups in groups, some too deep."""
    rule = rng.choice(CONDITIONS)(rng)
    for _ in range(rng.choice([7, 8, 9, 10])):
        rule = {rng.choice(["all", "any", "none"]): [rule]}
    whole["rule"] = rule


def longer(rng: random.Random, whole: Rule) -> None:
    """As many conditions as a rule takes, or one more."""
    count = rng.choice([50, 51])
    whole["rule"] = {"any": [{"trait": "region", "is": str(n)} for n in range(count)]}
    whole.pop("parent", None)


def odd_window(rng: random.Random, whole: Rule) -> None:
    """A window that is none."""
    key = rng.choice(["within_days", "between_days"])
    days: list[Any] = [0, -1, 1.5, "7", 3651, [0], [0, 3651], [-1, 3], [1, 2, 3]]
    odd = rng.choice([*days, *ODD])
    whole["rule"] = {"all": [{**event_condition(rng), key: odd}]}


def odd_where(rng: random.Random, whole: Rule) -> None:
    """Properties that no action has."""
    condition = event_condition(rng)
    asked = where(rng, condition["event"])
    keys = ["", "a.b", "a-b", "x" * 63, "x" * 64, "é", "Religion", "health", "price"]
    condition["where"] = rng.choice(
        [
            {**asked, rng.choice(keys): "x"},
            {**asked, rng.choice([*asked, *keys]): copy.deepcopy(rng.choice(ODD))},
            copy.deepcopy(rng.choice(ODD)),
        ]
    )
    whole["rule"] = condition


def odd_sequence(rng: random.Random, whole: Rule) -> None:
    """A sequence too short, too long, or of something else."""
    steps = [event_name(rng) for _ in range(rng.choice([0, 1, 6, 7]))]
    condition = sequence_condition(rng)
    changes = [
        {"sequence": steps},
        {"sequence": copy.deepcopy(rng.choice(ODD))},
        {"sequence": ["purchase", copy.deepcopy(rng.choice(ODD))]},
        {"same": copy.deepcopy(rng.choice([*ODD, "category"]))},
        {"then_not": copy.deepcopy(rng.choice([*ODD, "sold_out"]))},
    ]
    whole["rule"] = {"none": [condition | rng.choice(changes)]}


def odd_rank(rng: random.Random, whole: Rule) -> None:
    """A rank of both kinds, of neither, or by what has no order."""
    rank = rank_condition(rng)["rank"]
    odd = copy.deepcopy(rng.choice([*ODD, 101, 100, 10_000_001]))
    whole["rule"] = {
        "rank": rng.choice(
            [
                {**rank, "top": 5, "top_percent": 5},
                {**rank, rng.choice(["top", "top_percent"]): odd},
                {"by": rank["by"]},
                {"by": rank["by"], rng.choice(["top", "top_percent"]): odd},
                {**rank, "by": rng.choice(["region", "interests", "gender", odd])},
                {"by": rank["by"], True: 5},
                odd,
            ]
        )
    }


def lost_part(rng: random.Random, whole: Rule) -> None:
    """A segment without something that it must say."""
    del whole[rng.choice(list(segment({})))]


def odd_part(rng: random.Random, whole: Rule) -> None:
    """Something that a segment says is of another type."""
    key = rng.choice([*segment({}), "parent", "freeze", "explicit_signals_only"])
    odd = rng.choice(ODD)
    # a parent that does not exist is beyond the schema
    if key == "parent" and odd == "order_count":
        odd = "Order count"
    whole[key] = copy.deepcopy(odd)


def odd_text(rng: random.Random, whole: Rule) -> None:
    """A text that is missing in a language, or is no text."""
    key = rng.choice(["label", "situation", "need", "message"])
    odd = copy.deepcopy(rng.choice(ODD))
    whole[key] = rng.choice(
        [
            {"en": "x"},
            {"en": "x", "ko": odd},
            {"en": "x", "ko": "글", "ja": "字"},
            {"en": "x", False: "nei"},
            {"en": "NO", "ko": "{{ 1 }}"},
        ]
    )


def odd_name(rng: random.Random, whole: Rule) -> None:
    """A name that no column may have."""
    names = [
        "Tried",
        "1st",
        "a b",
        "a-b",
        "order",
        "customer_id",
        "한글",
        "x" * 55,
        "a\n",
    ]
    whole["name"] = rng.choice([*names, *ODD[:12]])


def odd_freeze(rng: random.Random, whole: Rule) -> None:
    """A day that no calendar has."""
    days = [
        "2026-2-1",
        "2023-02-29",
        "2100-02-29",
        "2000-02-29",
        "3000-01-01",
        20260101,
    ]
    whole["freeze"] = rng.choice([*days, "2026-04-31", "2026-12-31", "tomorrow", *DAYS])


def only_explicit(rng: random.Random, whole: Rule) -> None:
    """Only signals that customers gave, in rules that ask for others or not."""
    conditions = [one for one in CONDITIONS if one is not state_condition]
    whole["rule"] = {"all": [rng.choice(conditions)(rng)]}
    given = sorted(name for name, one in EVENTS.items() if one["explicit"])
    if rng.random() < 0.25:
        whole["rule"] = {"sequence": rng.sample(given, 2)}
    elif rng.random() < 0.25:
        whole["rule"] = {"any": [{"event": rng.choice(given)}, {"segment": "first"}]}
        whole["rule"]["any"].pop()
    whole.pop("parent", None)
    whole["explicit_signals_only"] = True


def nothing(rng: random.Random, whole: Rule) -> None:
    """The rule stays as it is."""


CHANGES: tuple[Change, ...] = (
    *(nothing, nothing, nothing, nothing, nothing, nothing, odd_value, odd_value),
    *(odd_member, other_test, other_subject, unknown_key, lost_subject, wrong_name),
    *(odd_group, deeper, longer, odd_window, odd_where, odd_sequence, odd_rank),
    *(lost_part, odd_part, odd_text, odd_name, odd_freeze, only_explicit),
)


def cases(count: int) -> Iterator[tuple[str, Rule]]:
    """Segments and what was done to them, the same in each run."""
    for number in range(count):
        rng = random.Random(5000 + number)
        change = CHANGES[number % len(CHANGES)]
        whole = some_segment(rng, f"tried_{number}")
        if whole.get("explicit_signals_only"):
            # what the basis asks for is beyond the schema
            whole.pop("parent", None)
            whole["rule"] = trait_condition(rng)
        change(rng, whole)
        yield change.__name__, whole


@pytest.mark.parametrize("count", [160, pytest.param(320, marks=pytest.mark.slow)])
def test_schema_and_compiler_agree(compiler: Compiler, count: int) -> None:
    taken: list[Rule] = []
    seen: Counter[tuple[str, bool]] = Counter()
    for change, whole in cases(count):
        is_taken = accepts([whole])
        seen[change, is_taken] += 1
        if is_taken:
            taken.append(whole)
            continue
        told = refusal(compiler, [*BASIS, whole])
        assert told, f"{change}: only the schema refuses {whole}"
        assert REFUSAL.search(told), f"{change}: {whole}: {told}"
    # at once: the compiler stops at the first that it refuses, and names it
    assert refusal(compiler, [*BASIS, *taken]) == ""
    assert len(taken) >= 70 * count / 320
    assert count - len(taken) >= 100 * count / 320
    for name in {change.__name__ for change in CHANGES} - {"nothing"}:
        assert seen[name, False], name
    run(compiler, [*BASIS, *taken])


def plain_conditions() -> Iterator[Rule]:
    """A condition of every kind with every key that it may have."""
    values: dict[str, Any] = {
        **{"text": "x", "list": "x", "boolean": True, "integer": 1, "number": 1.5},
        "date": "2026-01-31",
    }
    many = ("in", "not_in", "has_any", "has_all", "between")
    tests = {"text": EQUALITY, "boolean": EQUALITY, "list": MEMBERSHIP}
    for kind, one in values.items():
        traits = (one for one in TRAITS.values() if kind_of(one) == kind)
        name = next(trait["name"] for trait in traits if not trait["values"])
        for test in tests.get(kind, ORDER):
            listed = [one, one] if test in many else one
            yield {"trait": name, test: True if test == "known" else listed}
    for test in ("never", *ORDER):
        value = {"never": True, "known": True, "between": [1, 2]}.get(test, 1)
        yield {"event": "purchase", test: value}
    for key in ("product_id", "category", "sales_channel", "coupon_code"):
        yield {"event": "purchase", "where": {key: "x"}}
    for key in ("product_id", "search_term", "campaign_id", "rating"):
        yield {"event": "search", "where": {key: "x"}}
    yield {"event": "search", "within_days": 7}
    yield {"event": "search", "between_days": [1, 7]}
    for subject in ({"stage": "churned"}, {"activity": "new"}, {"segment": "first"}):
        yield {**subject, "for_days": 7, "entered_within_days": 7}
    yield {"sequence": ["search", "cart_add"], "within_days": 7}
    yield {"sequence": ["search", "cart_add"], "same": "product_id", "then_not": "like"}
    yield {"rank": {"by": "order_count", "top": 5}}
    yield {"rank": {"by": "order_count", "top_percent": 5}}
    for group in ("all", "any", "none"):
        yield {group: [{"stage": "churned"}]}
        yield {"any": [{group: [{"stage": "churned"}]}]}


def altered(value: Any) -> Iterator[Any]:
    """A value with one part of it odd, lost or added."""
    yield from ODD
    yield from ([], [value], [value, value, value])
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield value[:index] + value[index + 1 :]
            for other in altered(one) if isinstance(one, dict) else ODD:
                yield [*value[:index], other, *value[index + 1 :]]
    if isinstance(value, dict):
        yield {**value, "odd": 1}
        for key, one in value.items():
            yield {name: part for name, part in value.items() if name != key}
            for other in altered(one):
                yield {**value, key: other}


def is_beyond(rule: Any) -> bool:
    """Whether a schema cannot see what is wrong: an unknown segment, days reversed."""
    told = rule if isinstance(rule, dict) else {}
    name, days = told.get("segment", "first"), told.get("between_days")
    return (isinstance(name, str) and name != "first") or days == [1, 0]


@pytest.mark.parametrize(
    "step", [5, pytest.param(1, marks=pytest.mark.slow, id="each")]
)
def test_each_part_of_a_condition_takes_what_the_schema_says(
    compiler: Compiler, step: int
) -> None:
    """Of every fifth alteration, and in the long test of each."""
    assert refusal(compiler, BASIS) == ""
    language = compiler.call("rule_language")
    rules = [rule for one in plain_conditions() for rule in altered(one)]
    assert len(rules) > 5000
    for rule in rules[::step]:
        if is_beyond(rule):
            continue
        at = {"file": "f", "of": "segment tried", "path": "rule", "inside": []}
        language["faults"].clear()
        compiler.call("resolved_rule", rule=rule, at=at, language=language)
        faults = language["faults"]
        assert all(one["path"].startswith("rule") for one in faults), (
            f"{rule}: {faults}"
        )
        assert accepts([segment(rule)]) == (not faults), f"{rule}: {faults}"


def run(compiler: Compiler, segments: list[Rule]) -> None:
    """Decide segments on empty tables: what is accepted is SQL."""
    meta = only(segments)
    with compiler.tables() as connection:
        for model in DECIDING:
            compiler.create(connection, model, f"as {compiler.sql(model, meta)}")
        for model in ("segment_waterfall", "segment_reasons"):
            connection.execute(compiler.sql(model, meta)).fetchall()


# ----------------------------------------------------------------------------------
# What only the compiler sees
# ----------------------------------------------------------------------------------

BEYOND: dict[str, tuple[list[Rule], str]] = {
    "unknown segment": ([segment({"segment": "thrid"})], "unknown segment thrid"),
    "unknown parent": (
        [segment({"stage": "churned"}, parent="thrid")],
        "parent: unknown segment thrid",
    ),
    "circle": ([segment({"segment": "tried"})], "a circle: tried → tried"),
    "name taken": ([segment({"stage": "churned"}, name="first")], "the name is taken"),
    "51 in two lists": (
        [
            segment(
                {
                    "all": [
                        {"any": [{"trait": "region", "is": "x"}] * 26},
                        {"any": [{"trait": "region", "is": "x"}] * 25},
                    ]
                }
            )
        ],
        "51 conditions",
    ),
    "from after to": (
        [segment({"event": "purchase", "between_days": [9, 3]})],
        "between_days is [9, 3]",
    ),
    "3.0 for a count": (
        [segment({"event": "purchase", "at_least": 3.0})],
        "at_least: 3.0 is no int number",
    ),
    "NO for a text": (
        [segment({"trait": "region", "is": "NO"})],
        "is: False is no text (put it in quotes)",
    ),
    "on for a property": (
        [segment({"event": "search", "where": {"on": "x"}})],
        "where: unknown property True",
    ),
    "what a referenced segment asks for": (
        [
            segment({"event": "page_view"}, name="watched"),
            segment({"segment": "watched"}, explicit_signals_only=True),
        ],
        "event page_view is watched or inferred",
    ),
}


@pytest.mark.parametrize("name", BEYOND)
def test_only_the_compiler_sees(compiler: Compiler, name: str) -> None:
    segments, words = BEYOND[name]
    # an editor reads YAML 1.2 and shows the schema NO as text; dbt reads YAML 1.1
    assert accepts(segments)
    plain = yaml.safe_dump({"segments": [*BASIS, *segments]}).replace("'", "")
    told = refusal(compiler, compiler.read(plain)["segments"])
    assert REFUSAL.search(told), told
    assert words in told


@pytest.mark.parametrize(
    "segments",
    [None, "women", 5, {"name": "x"}, ["women"], [None], [[segment({})]], [5]],
    ids=str,
)
def test_what_is_no_list_of_segments_is_refused(
    compiler: Compiler, segments: Any
) -> None:
    family = {"sources": [{"tables": [{"config": {"meta": {"segments": segments}}}]}]}
    assert not VALIDATOR.is_valid(family)
    told = refusal(compiler, segments)
    assert "segments: segments takes a list of mappings" in told
    assert REFUSAL.search(told)


def test_names_that_sql_would_read_otherwise(compiler: Compiler) -> None:
    with duckdb.connect() as connection:
        words = {
            word
            for (word,) in connection.execute(
                "select keyword_name from duckdb_keywords()"
                " where keyword_category = 'reserved'"
            ).fetchall()
        }
    named = [segment({"stage": "churned"}, name=word) for word in sorted(words)]
    taken = [one for one in named if accepts([one])]
    assert refusal(compiler, taken) == ""
    for word in LANGUAGE["taken"]:
        told = refusal(compiler, [segment({"stage": "churned"}, name=word)])
        assert f"{word} is a word of SQL" in told


# ----------------------------------------------------------------------------------
# The file
# ----------------------------------------------------------------------------------


def test_the_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert rule_schema.main([]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA, (
        "scripts/rule_schema.py > segments.schema.json"
    )


def test_the_schema_offers_values_as_people_say_them() -> None:
    gender = SCHEMA["$defs"]["values_of_gender"]["anyOf"]
    region = SCHEMA["$defs"]["values_of_region"]["anyOf"]
    offered = {one["const"] for one in (*gender, *region) if "const" in one}
    assert {"female", "여성", "women", "seoul", "서울"} <= offered
    taken = ["여성", "WOMEN", " 여 성"]
    assert accepts([segment({"trait": "gender", "in": taken})])
    assert not accepts([segment({"trait": "gender", "is": "여셩"})])
    assert accepts([segment({"trait": "region", "is": "서울시"})])


def test_what_is_made_of_a_protected_attribute_is_not_offered() -> None:
    project = open_project()
    columns = project.node("customers")["columns"]
    for name, origin in (("plan", "interests"), ("interests", "health")):
        columns[name]["config"]["meta"]["trait"]["derived_from"] = [origin]
    schema = json_schema(read_language(project))
    rule = [segment({"trait": "plan", "is": "care"})]
    assert accepts(rule)
    assert not jsonschema.Draft202012Validator(schema).is_valid(rule)


@pytest.mark.parametrize("path", FAMILY_FILES, ids=lambda path: path.name)
def test_the_schema_takes_the_families_that_ship(path: Path) -> None:
    content = as_json(known_yaml(path))
    VALIDATOR.validate(content)
    for table in content["sources"][0]["tables"]:
        segments = table["config"]["meta"]["segments"]
        VALIDATOR.validate(segments)
        VALIDATOR.validate({"segments": segments})
        for one in segments:
            VALIDATOR.validate(one)


def test_the_schema_judges_what_a_family_file_holds() -> None:
    content = as_json(known_yaml(FAMILY_FILES[0]))
    table = content["sources"][0]["tables"][0]
    table["config"]["meta"]["segments"][0]["rule"] = {"all": []}
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(content)
