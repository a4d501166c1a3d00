"""Print the JSON Schema of segment rules for editors: `scripts/rule_schema.py`.

Names, types and values come from the registries beside the models. A schema cannot
count over a whole rule, compare two numbers or know other files. The compiler alone
sees: segments that do not exist, circles, names given twice; more than 50 conditions
unless they stand in one list; with explicit_signals_only, what a referenced segment
asks for; between_days with the longer ago day first; 3.0 where 3 is due; and what dbt's
YAML 1.1 takes for no text, such as NO and on without quotes.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from customer_segments.places import ROOT

Schema = dict[str, Any]

DEEPEST = 8
MOST_CONDITIONS = 50
GROUPS = {
    "all": "All of them must hold · 모두 충족",
    "any": "At least one of them must hold · 하나 이상 충족",
    "none": "None of them may hold · 모두 제외",
}
SUBJECTS = {
    "trait": "A column of the profile · 고객 속성",
    "event": "How often something was done · 고객 행동 횟수",
    "segment": "Membership of another segment · 다른 세그먼트에 속함",
    "stage": "Purchase stage · 구매 단계",
    "activity": "Activity state · 방문 상태",
    "sequence": "Did a, later b, … · 순서대로 한 행동",
    "rank": "The best by a trait · 상위 고객",
}
TESTS = {
    "is": "Equals · 같음",
    "is_not": "Is known and does not equal · 값이 있고 같지 않음",
    "in": "Is one of · 다음 중 하나",
    "not_in": "Is known and none of · 값이 있고 다음이 아님",
    "at_least": "This or more; a day: then or later · 이상, 날짜는 당일 포함 이후",
    "at_most": "This or less; a day: then or before · 이하, 날짜는 당일 포함 이전",
    "above": "More than this; a day: after it · 초과, 날짜는 당일 제외 이후",
    "below": "Less than this; a day: before it · 미만, 날짜는 당일 제외 이전",
    "between": "From and to, both included · 두 값 사이, 양끝 포함",
    "known": "Whether there is a value at all · 값이 있는지 여부",
    "has": "The list holds it · 목록에 포함",
    "has_any": "The list holds one or more of these · 목록에 하나 이상 포함",
    "has_all": "The list holds all of these · 목록에 모두 포함",
}
EQUALITY = ("is", "is_not", "in", "not_in", "known")
ORDER = ("at_least", "at_most", "above", "below", "between", "known")
MEMBERSHIP = ("has", "has_any", "has_all", "known")
MANY = ("in", "not_in", "has_any", "has_all")
TYPE_WORDS = {
    "text": "text · 텍스트",
    "boolean": "true or false · 참/거짓",
    "integer": "whole number · 정수",
    "number": "number · 숫자",
    "date": "day, YYYY-MM-DD · 날짜",
    "list": "list · 목록",
}
PARTY_WORDS = {"zero": "told by the customer", "first": "seen or computed by us"}
# YAML writes .inf, which is no number of a rule.
FINITE = {"minimum": -1e300, "maximum": 1e300}
# Text fields of an action; what other keys say is in its properties.
PURCHASE_KEYS = ("product_id", "category", "sales_channel", "coupon_code")
ACTION_KEYS = (
    *("product_id", "category", "search_term", "page", "device", "os", "browser"),
    "campaign_id",
)
# Names that SQL would read as its own, or that a family model has already.
TAKEN_WORDS = (
    *("all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check"),
    *("column", "create", "cross", "customer_id", "default", "desc", "distinct"),
    *("else", "end", "except", "exists", "false", "filter", "for", "from", "full"),
    *("group", "having", "in", "inner", "intersect", "interval", "into", "is"),
    *("join", "lateral", "left", "like", "limit", "natural", "not", "null", "offset"),
    *("on", "only", "or", "order", "outer", "over", "primary", "references", "right"),
    *("select", "some", "table", "then", "to", "true", "union", "unique", "user"),
    *("using", "values", "when", "where", "window", "with"),
)
SEGMENT_NAME = "[a-z][a-z0-9_]{0,53}"
PROPERTY_NAME = "[A-Za-z_][A-Za-z0-9_]{0,62}"
# A day that the calendar has, from 1000 to 2999.
DAY = (
    "[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29"
)


@dataclass(frozen=True)
class Trait:
    """A column of the profile that rules may ask about."""

    name: str
    kind: str
    label: Mapping[str, str]
    description: str = ""
    values: tuple[str, ...] = ()
    unit: str = ""
    party: str = ""
    sensitivity: str = ""
    examples: tuple[Any, ...] = ()
    derived_from: tuple[str, ...] = ()
    is_explicit: bool = False


@dataclass(frozen=True)
class Event:
    """What customers do that rules may ask about."""

    name: str
    label: Mapping[str, str]
    is_explicit: bool = False


@dataclass(frozen=True)
class Registry:
    """What rules may name."""

    traits: Mapping[str, Trait]
    events: Mapping[str, Event]
    protected: frozenset[str]
    labels: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)


def read_registry(root: Path = ROOT) -> Registry:
    """Traits and events, labels and protected attributes of a project's files."""
    marts = root / "models" / "marts" / "customers"
    traits = {
        column["name"]: trait_of(column, meta["trait"])
        for column, meta in described_columns(marts / "customers.yml")
        if "trait" in meta
    }
    events = {
        meta["event"]["name"]: Event(
            meta["event"]["name"],
            meta["event"]["label"],
            meta["event"].get("explicit") is True,
        )
        for _, meta in described_columns(marts / "activity" / "customer_days.yml")
        if "event" in meta
    }
    labels = {
        (row["vocabulary"], row["value"]): {
            "en": row["label_en"],
            "ko": row["label_ko"],
        }
        for row in rows(root / "seeds" / "labels.csv")
    }
    protected = rows(root / "seeds" / "protected_attributes.csv")
    return Registry(
        traits, events, frozenset(row["attribute"] for row in protected), labels
    )


def described_columns(path: Path) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    """Columns of the model in a twin file, each with its meta."""
    content = yaml.safe_load(path.read_text("utf-8"))
    for column in content["models"][0]["columns"]:
        yield column, (column.get("config") or {}).get("meta") or {}


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def trait_of(column: Mapping[str, Any], told: Mapping[str, Any]) -> Trait:
    """A trait as its column describes it; KeyError for a type that rules lack."""
    description = column.get("description") or ""
    return Trait(
        name=column["name"],
        kind={
            "string": "text",
            "boolean": "boolean",
            "int": "integer",
            "bigint": "integer",
            "decimal": "number",
            "double": "number",
            "date": "date",
            "list": "list",
        }[told.get("kind") or column["data_type"].split("(")[0]],
        label=told["label"],
        description="" if "{{" in description else " ".join(description.split()),
        values=tuple(told.get("values") or ()),
        unit=told.get("unit") or "",
        party=told.get("party") or "",
        sensitivity=told.get("sensitivity") or "",
        examples=tuple(told.get("examples") or ()),
        derived_from=tuple(told.get("derived_from") or ()),
        is_explicit=told.get("explicit") is True,
    )


def is_protected(name: str, registry: Registry) -> bool:
    """Whether a trait is a protected attribute, or made of one in any steps."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        origin = waiting.pop()
        if origin in seen:
            continue
        seen.add(origin)
        if origin in registry.traits:
            waiting += registry.traits[origin].derived_from
    return bool(seen & registry.protected)


def json_schema(registry: Registry) -> Schema:
    """The JSON Schema of rule files, with our traits, events and values in it."""
    traits = {
        name: trait
        for name, trait in sorted(registry.traits.items())
        if not is_protected(name, registry)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Segment rules",
        "description": "A dbt file with segments under config.meta, a list of segments,"
        " or one segment.",
        "if": {"type": "array"},
        "then": reference("segments"),
        "else": {
            "type": "object",
            "if": {"required": ["models"]},
            "then": reference("dbt_file"),
            "else": {
                "if": {"required": ["segments"]},
                "then": closed({"segments": reference("segments")}),
                "else": reference("segment"),
            },
        },
        "$defs": {
            "dbt_file": dbt_file(),
            "segments": {"type": "array", "items": reference("segment")},
            "segment": segment(),
            **{f"rule_{n}": rule(n) for n in range(1, DEEPEST + 1)},
            "explicit_rule": explicit_rule(traits, registry.events),
            "condition": condition(),
            **condition_shapes(traits, registry),
            **trait_tests(traits, registry.labels),
            **values(registry),
        },
    }


def reference(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def whole(pattern: str) -> str:
    """A pattern for the whole text; `$` alone would let a last line break pass."""
    return f"^(?:{pattern})$(?!\\n)"


def closed(properties: Schema, **more: Any) -> Schema:
    """A mapping with these keys only, the first of them required."""
    return {
        "type": "object",
        "properties": properties,
        "required": [next(iter(properties))],
        "additionalProperties": False,
        **more,
    }


def choice(first: str, chosen: Schema, otherwise: Schema) -> Schema:
    """One schema where a key is there, else another."""
    return {"if": {"required": [first]}, "then": chosen, "else": otherwise}


def one_of(names: Iterable[tuple[str, str, str]]) -> Schema:
    """One of these texts, each with its title and description."""
    return {
        "anyOf": [
            {"const": name, "title": title, **described(description)}
            for name, title, description in names
        ]
    }


def described(description: str) -> Schema:
    """A description, if there is one."""
    return {"description": description} if description else {}


def titled(label: Mapping[str, str]) -> str:
    """A label in both languages."""
    return f"{label['ko']} · {label['en']}"


def dbt_file() -> Schema:
    """What surrounds the segments in a family's twin file."""
    inner: Schema = reference("segments")
    for key in ("segments", "meta", "config"):
        inner = {"type": "object", "properties": {key: inner}}
    return {
        "type": "object",
        "properties": {"models": {"type": "array", "items": inner}},
    }


def segment() -> Schema:
    """A segment: what people read, and its rule."""
    texts = {
        "label": "What it is called · 세그먼트 이름",
        "situation": "What these customers have in common · 고객이 처한 상황",
        "need": "What would help them · 고객에게 필요한 것",
        "message": "What to say to them, and how · 전달할 메시지와 방법",
    }
    properties = {
        "name": {
            "type": "string",
            "pattern": whole(SEGMENT_NAME),
            "not": {"enum": list(TAKEN_WORDS)},
            "description": "Lower case letters, digits and _, a letter first; no word"
            " of SQL · 영문 소문자, 숫자, 밑줄(_)",
        },
        **{key: {**reference("texts"), "description": texts[key]} for key in texts},
        "metric": {**TEXT, "description": "What it is measured by · 성과 지표"},
        "owner": {**TEXT, "description": "Who answers for it · 담당"},
        "rule": {
            **reference("rule_1"),
            "description": "Who is in it · 세그먼트 조건",
        },
        "parent": {
            **reference("segment_name"),
            "description": "A segment whose rule must hold too · 상위 세그먼트",
        },
        "freeze": {
            **reference("day"),
            "description": "Keeps a cohort of this day beside the segment, named"
            " <name>_YYYYMMDD · 이날 기준 고객을 별도 세그먼트로 고정",
        },
        "explicit_signals_only": {
            "type": "boolean",
            "description": "Refuse what is watched or inferred, so that nobody feels"
            " followed · 고객이 직접 입력한 정보와 찜·좋아요·후기처럼 스스로 의사를"
            " 밝힌 행동만 사용합니다.",
        },
    }
    optional = ("parent", "freeze", "explicit_signals_only")
    return {
        **closed(properties),
        "required": [key for key in properties if key not in optional],
        "if": {
            "properties": {"explicit_signals_only": {"const": True}},
            "required": ["explicit_signals_only"],
        },
        "then": {"properties": {"rule": reference("explicit_rule")}},
    }


TEXT: Schema = {"type": "string", "minLength": 1}


def rule(depth: int) -> Schema:
    """A group at a depth, or a condition."""
    inner = reference(f"rule_{depth + 1}" if depth < DEEPEST else "condition")
    members = {
        "type": "array",
        "items": inner,
        "minItems": 1,
        "maxItems": MOST_CONDITIONS,
    }
    otherwise = reference("condition")
    for group, description in reversed(GROUPS.items()):
        grouped = closed({group: {**members, "description": description}})
        otherwise = choice(group, grouped, otherwise)
    return {"type": "object", **otherwise}


def condition() -> Schema:
    """One subject, and the shape that it takes."""
    otherwise: Schema = {
        "type": "object",
        "properties": {
            name: {"description": text} for name, text in (SUBJECTS | GROUPS).items()
        },
        "anyOf": [{"required": [subject]} for subject in SUBJECTS],
    }
    for subject in reversed(SUBJECTS):
        otherwise = choice(subject, reference(f"{subject}_condition"), otherwise)
    return {"type": "object", **otherwise}


def explicit_rule(traits: Mapping[str, Trait], events: Mapping[str, Event]) -> Schema:
    """What explicit_signals_only leaves of a rule."""
    members = {"items": reference("explicit_rule")}
    given = {"enum": sorted(t.name for t in traits.values() if t.is_explicit)}
    done = {"enum": sorted(e.name for e in events.values() if e.is_explicit)}
    states = {"stage": "purchase_stage", "activity": "activity_state"}
    return {
        "properties": {
            **dict.fromkeys(GROUPS, members),
            "trait": given,
            "event": done,
            "sequence": {"items": done},
            "then_not": done,
            "rank": {"properties": {"by": given}},
            **{subject: traits[name].is_explicit for subject, name in states.items()},
        }
    }


def condition_shapes(traits: Mapping[str, Trait], registry: Registry) -> Schema:
    """The shapes of conditions by subject; that of a trait, by its tests."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for trait in traits.values():
        kinds[tests_name(trait)].append(trait.name)
    held = {
        "for_days": {
            **reference("days"),
            "description": "Held so many days or longer · 이 일수 이상 유지",
        },
        "entered_within_days": {
            **reference("days"),
            "description": "Entered within the last so many days"
            " · 최근 이 일수 이내 진입",
        },
    }
    event = reference("event_name")
    sortable = [
        trait
        for trait in traits.values()
        if trait.kind in ("integer", "number", "date")
    ]
    return {
        "trait_condition": {
            "type": "object",
            "properties": {"trait": one_of(map(trait_words, traits.values()))},
            "allOf": [
                {
                    "if": {"properties": {"trait": {"enum": names}}},
                    "then": reference(tests),
                }
                for tests, names in sorted(kinds.items())
            ],
        },
        "event_condition": event_condition(event),
        "segment_condition": closed({"segment": reference("segment_name"), **held}),
        "stage_condition": closed(
            {"stage": vocabulary(traits["purchase_stage"], registry.labels), **held}
        ),
        "activity_condition": closed(
            {"activity": vocabulary(traits["activity_state"], registry.labels), **held}
        ),
        "sequence_condition": closed(
            {
                "sequence": {
                    "type": "array",
                    "items": event,
                    "minItems": 2,
                    "maxItems": 5,
                    "description": SUBJECTS["sequence"],
                },
                "within_days": {
                    **reference("days"),
                    "description": "All of it within the last so many days"
                    " · 최근 이 일수 이내",
                },
                "same": {
                    "const": "product_id",
                    "description": "All of one product · 같은 상품",
                },
                "then_not": {
                    **event,
                    "description": "And this did not follow · 이후 하지 않은 행동",
                },
            }
        ),
        "rank_condition": closed(
            {
                "rank": closed(
                    {
                        "by": one_of(map(trait_words, sortable)),
                        "top": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 10_000_000,
                            "description": "So many customers · 상위 인원",
                        },
                        "top_percent": {
                            "type": "number",
                            "exclusiveMinimum": 0,
                            "maximum": 100,
                            "description": "So many percent of them · 상위 비율(%)",
                        },
                    },
                    minProperties=2,
                    maxProperties=2,
                )
            }
        ),
    }


def event_condition(event: Schema) -> Schema:
    """A count of something done: at most one window and at most one test."""
    tests = ("never", *ORDER)
    return {
        **closed(
            {
                "event": event,
                "within_days": {
                    **reference("days"),
                    "description": "The last so many days, the as-of day included"
                    " · 최근 이 일수 이내",
                },
                "between_days": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0, "maximum": 3650},
                    "minItems": 2,
                    "maxItems": 2,
                    "description": "From and to, days ago, 0 being the as-of day"
                    " · 며칠 전부터 며칠 전까지",
                },
                "where": {"description": "Which of them count · 행동의 조건"},
                "never": {"const": True, "description": "Not once · 한 번도 없음"},
                **{test: tested(test, {"type": "integer"}) for test in ORDER},
            }
        ),
        "not": {"required": ["within_days", "between_days"]},
        "oneOf": [
            {"not": {"anyOf": [{"required": [test]} for test in tests]}},
            *({"required": [test]} for test in tests),
        ],
        "if": {"properties": {"event": {"const": "purchase"}}},
        "then": {"properties": {"where": reference("purchase_where")}},
        "else": {"properties": {"where": reference("action_where")}},
    }


def trait_words(trait: Trait) -> tuple[str, str, str]:
    """A trait's name, its title, and what an editor shows of it."""
    facts = [TYPE_WORDS[trait.kind], trait.unit, PARTY_WORDS.get(trait.party, "")]
    facts.append(trait.sensitivity)
    if trait.examples:
        facts.append("such as " + ", ".join(map(str, trait.examples)))
    told = "; ".join(fact for fact in facts if fact) + "."
    return trait.name, titled(trait.label), f"{trait.description} {told}".strip()


def tests_name(trait: Trait) -> str:
    """The definition that says how a trait is tested."""
    return f"{trait.kind}_tests" + (f"_of_{trait.name}" if trait.values else "")


def trait_tests(
    traits: Mapping[str, Trait], labels: Mapping[tuple[str, str], Mapping[str, str]]
) -> Schema:
    """How traits are tested, by type, and by trait where its values are listed."""
    shapes: Schema = {}
    kinds: dict[str, Schema] = {
        "text": {"type": "string"},
        "boolean": {"type": "boolean"},
        "integer": {"type": "integer"},
        "number": {"type": "number", **FINITE},
        "date": reference("day"),
        "list": reference("list_value"),
    }
    for trait in traits.values():
        value = kinds[trait.kind]
        if trait.values:
            value = vocabulary(trait, labels)
        tests = {"text": EQUALITY, "boolean": EQUALITY, "list": MEMBERSHIP}.get(
            trait.kind, ORDER
        )
        shapes[tests_name(trait)] = closed(
            {"trait": True, **{test: tested(test, value) for test in tests}},
            minProperties=2,
            maxProperties=2,
        )
    return dict(sorted(shapes.items()))


def tested(test: str, value: Schema) -> Schema:
    """What a test takes, of values that look so."""
    if test == "known":
        shape: Schema = {"type": "boolean"}
    elif test == "between":
        shape = {"type": "array", "items": value, "minItems": 2, "maxItems": 2}
    elif test in MANY:
        shape = {"type": "array", "items": value, "minItems": 1}
    else:
        shape = value
    return {**shape, "description": TESTS[test]}


def vocabulary(
    trait: Trait, labels: Mapping[tuple[str, str], Mapping[str, str]]
) -> Schema:
    """One of a trait's values, with their labels."""
    return one_of(
        (value, titled(label) if label else value, "")
        for value in trait.values
        for label in [labels.get((trait.name, value))]
    )


def values(registry: Registry) -> Schema:
    """Small definitions that others share."""
    text: Schema = {"type": "string"}
    scalar: Schema = {"type": ["string", "number", "boolean"], **FINITE}
    listed = {
        kind: {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
        for kind, one in (("text", text), ("scalar", scalar))
    }
    return {
        "texts": closed(
            {"en": TEXT, "ko": TEXT},
            required=["en", "ko"],
        ),
        "segment_name": {
            "type": "string",
            "pattern": whole("[a-z][a-z0-9_]{0,62}"),
        },
        "event_name": one_of(
            (event.name, titled(event.label), "")
            for _, event in sorted(registry.events.items())
        ),
        "day": {
            "type": "string",
            "pattern": whole(DAY),
            "description": "YYYY-MM-DD",
        },
        "days": {"type": "integer", "minimum": 1, "maximum": 3650},
        "list_value": {"type": "string", "pattern": "^[^|]*$"},
        "purchase_where": {
            "type": "object",
            "properties": dict.fromkeys(PURCHASE_KEYS, listed["text"]),
            "minProperties": 1,
            "additionalProperties": False,
        },
        "action_where": {
            "type": "object",
            "properties": dict.fromkeys(ACTION_KEYS, listed["text"]),
            "patternProperties": {whole(PROPERTY_NAME): listed["scalar"]},
            "propertyNames": {
                "not": {"pattern": whole(in_any_case(registry.protected))}
            },
            "minProperties": 1,
            "additionalProperties": False,
        },
    }


def in_any_case(names: Iterable[str]) -> str:
    """A pattern of these names in upper and lower case."""
    return "|".join(
        "".join(
            f"[{letter}{letter.upper()}]" if letter.isalpha() else letter
            for letter in name
        )
        for name in sorted(names)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the schema; returns 0."""
    parser = argparse.ArgumentParser(
        prog="rule_schema.py",
        description="Print the JSON Schema of segment rules for editors; keep it with"
        " scripts/rule_schema.py > segments.schema.json.",
    )
    parser.parse_args(argv)
    print(json.dumps(json_schema(read_registry()), ensure_ascii=False, indent=1))
    return 0
