"""Print the JSON Schema of segment rules for editors: `scripts/rule_schema.py`.

Names, types and values come from the compiler, as a build has them. A schema cannot
count over a whole rule, compare two numbers or know other files. The compiler alone
sees: segments that do not exist, circles, names given twice; more than 50 conditions
unless they stand in one list; with explicit_signals_only, what a referenced segment
asks for; between_days with the longer ago day first; 3.0 where 3 is due; and what dbt's
YAML 1.1 takes for no text, such as NO and on without quotes.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from customer_segments.rules.project import Project
from customer_segments.rules.rendering import Host, open_project

Schema = dict[str, Any]
Language = dict[str, Any]

PARTY_WORDS = {"zero": "told by the customer", "first": "seen or computed by us"}
# YAML writes .inf, which is no number of a rule.
FINITE = {"minimum": -1e300, "maximum": 1e300}
# A day that the calendar has, from 1000 to 2999.
DAY = (
    "[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29"
)


def read_language(project: Project) -> Language:
    """What rules may say: the compiler's own words, traits with their descriptions.

    `names` are what people call the values of a trait, `spelled` how they write them. A
    trait that is protected, or made of what is, is left out.
    """
    host = Host(project, database="none")
    language: Language = host.call("rule_language")
    columns = project.node("customers")["columns"]
    traits = {
        name: {
            **trait,
            "name": name,
            "description": columns[name]["description"],
            "names": named(host, trait),
            "spelled": sorted(
                {
                    host.call("value_spelling", said)
                    for names in named(host, trait).values()
                    for said in names
                }
            ),
        }
        for name, trait in sorted(language["traits"].items())
        if not set(host.call("trait_origins", name, language["traits"]))
        & set(language["protected"])
    }
    return {**language, "traits": traits}


def named(host: Host, trait: Mapping[str, Any]) -> dict[str, list[str]]:
    """What people call the values of a trait that have labels."""
    return {
        value: list(dict.fromkeys(host.call("value_names", value, label)))
        for value, label in trait["labels"].items()
    }


def json_schema(language: Language) -> Schema:
    """The JSON Schema of rule files, with our traits, events and values in it."""
    depth = language["limits"]["depth"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Segment rules",
        "description": "A dbt file with segments under config.meta, a list of segments,"
        " or one segment.",
        "if": {"type": "array"},
        "then": reference("segments"),
        "else": {
            "type": "object",
            "if": {"required": ["sources"]},
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
            "segment": segment(language),
            **{f"rule_{n}": rule(n, language) for n in range(1, depth + 1)},
            "explicit_rule": explicit_rule(language),
            "condition": condition(language),
            **condition_shapes(language),
            **trait_tests(language),
            **values(language),
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


def spoken(told: Mapping[str, str]) -> str:
    """What something means, in both languages."""
    return f"{told['en']} · {told['ko']}"


def dbt_file() -> Schema:
    """What surrounds the segments in the file of a family."""
    inner: Schema = reference("segments")
    for key in ("segments", "meta", "config"):
        inner = {"type": "object", "properties": {key: inner}}
    for key in ("tables", "sources"):
        inner = {
            "type": "object",
            "properties": {key: {"type": "array", "items": inner}},
        }
    return inner


def segment(language: Language) -> Schema:
    """A segment: what people read, and its rule."""
    shapes = {
        "name": {
            "type": "string",
            "pattern": whole(language["patterns"]["segment"]),
            "not": {"enum": language["taken"]},
        },
        "texts": reference("texts"),
        "text": TEXT,
        "rule": reference("rule_1"),
        "segment": reference("segment_name"),
        "day": reference("day"),
        "truth": {"type": "boolean"},
    }
    keys = language["segment_keys"]
    properties = {
        key: {**shapes[told["shape"]], "description": spoken(told)}
        for key, told in keys.items()
    }
    return {
        **closed(properties),
        "required": [key for key, told in keys.items() if not told.get("optional")],
        "if": {
            "properties": {"explicit_signals_only": {"const": True}},
            "required": ["explicit_signals_only"],
        },
        "then": {"properties": {"rule": reference("explicit_rule")}},
    }


TEXT: Schema = {"type": "string", "minLength": 1}


def rule(depth: int, language: Language) -> Schema:
    """A group at a depth, or a condition."""
    limits = language["limits"]
    inner = reference(f"rule_{depth + 1}" if depth < limits["depth"] else "condition")
    members = {
        "type": "array",
        "items": inner,
        "minItems": 1,
        "maxItems": limits["conditions"],
    }
    otherwise = reference("condition")
    for group, told in reversed(language["groups"].items()):
        grouped = closed({group: {**members, "description": spoken(told)}})
        otherwise = choice(group, grouped, otherwise)
    return {"type": "object", **otherwise}


def condition(language: Language) -> Schema:
    """One subject, and the shape that it takes."""
    subjects = language["subjects"]
    otherwise: Schema = {
        "type": "object",
        "properties": {
            name: {"description": spoken(told)}
            for name, told in (subjects | language["groups"]).items()
        },
        "anyOf": [{"required": [subject]} for subject in subjects],
    }
    for subject in reversed(subjects):
        otherwise = choice(subject, reference(f"{subject}_condition"), otherwise)
    return {"type": "object", **otherwise}


def explicit_rule(language: Language) -> Schema:
    """What explicit_signals_only leaves of a rule."""
    members = {"items": reference("explicit_rule")}
    given, done = (
        {
            "enum": sorted(
                name for name, one in language[what].items() if one["explicit"]
            )
        }
        for what in ("traits", "events")
    )
    states = {
        subject: language["traits"][told["trait"]]["explicit"]
        for subject, told in language["subjects"].items()
        if "trait" in told
    }
    return {
        "properties": {
            **dict.fromkeys(language["groups"], members),
            "trait": given,
            "event": done,
            "sequence": {"items": done},
            "then_not": done,
            "rank": {"properties": {"by": given}},
            **states,
        }
    }


def options(subject: str, language: Language) -> Schema:
    """What a condition may say beside its subject and its tests."""
    limits = language["limits"]
    shapes: Schema = {
        "days": reference("days"),
        "day_range": {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": limits["days"]},
            "minItems": 2,
            "maxItems": 2,
        },
        "event": reference("event_name"),
        "where": {},
    }
    return {
        key: {
            **(
                {"const": told["values"][0]}
                if told["shape"] == "choice"
                else shapes[told["shape"]]
            ),
            "description": spoken(told),
        }
        for key, told in language["subjects"][subject].get("options", {}).items()
    }


def condition_shapes(language: Language) -> Schema:
    """The shapes of conditions by subject; that of a trait, by its tests."""
    kinds: dict[str, list[str]] = defaultdict(list)
    traits = language["traits"]
    for trait in traits.values():
        kinds[tests_name(trait, language)].append(trait["name"])
    subjects = language["subjects"]
    states = {
        f"{subject}_condition": closed(
            {
                subject: reference(values_name(traits[told["trait"]])),
                **options(subject, language),
            }
        )
        for subject, told in subjects.items()
        if "trait" in told
    }
    fewest, most = language["limits"]["steps"]
    steps = {
        "type": "array",
        "items": reference("event_name"),
        "minItems": fewest,
        "maxItems": most,
        "description": spoken(subjects["sequence"]),
    }
    return {
        "trait_condition": {
            "type": "object",
            "properties": {
                "trait": one_of(trait_words(one, language) for one in traits.values())
            },
            "allOf": [
                {
                    "if": {"properties": {"trait": {"enum": names}}},
                    "then": reference(tests),
                }
                for tests, names in sorted(kinds.items())
            ],
        },
        "event_condition": event_condition(language),
        "segment_condition": closed(
            {"segment": reference("segment_name"), **options("segment", language)}
        ),
        **states,
        "sequence_condition": closed(
            {"sequence": steps, **options("sequence", language)}
        ),
        "rank_condition": closed({"rank": rank(language)}),
    }


def rank(language: Language) -> Schema:
    """The best by a trait that has an order: so many, or such a share."""
    sortable = [
        trait_words(trait, language)
        for trait in language["traits"].values()
        if "at_least" in language["types"][trait["type"]]["tests"]
    ]
    return closed(
        {
            "by": one_of(sortable),
            "top": {
                "type": "integer",
                "minimum": 1,
                "maximum": language["limits"]["rank"],
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


def event_condition(language: Language) -> Schema:
    """A count of something done: at most one window and at most one test."""
    counted = language["types"]["count"]["tests"]
    tests = ("never", *counted)
    return {
        **closed(
            {
                "event": reference("event_name"),
                **options("event", language),
                "never": {"const": True, "description": "Not once · 한 번도 없음"},
                **{
                    test: tested(test, {"type": "integer"}, language)
                    for test in counted
                },
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


def trait_words(trait: Mapping[str, Any], language: Language) -> tuple[str, str, str]:
    """A trait's name, its title, and what an editor shows of it."""
    facts = [spoken(language["types"][trait["type"]]), trait.get("unit") or ""]
    facts += [PARTY_WORDS.get(trait["party"], ""), trait["sensitivity"]]
    if trait.get("examples"):
        facts.append("such as " + ", ".join(map(str, trait["examples"])))
    told = "; ".join(fact for fact in facts if fact) + "."
    text = "" if "{{" in trait["description"] else trait["description"]
    return trait["name"], titled(trait["label"]), " ".join([*text.split(), told])


def tests_name(trait: Mapping[str, Any], language: Language) -> str:
    """The definition that says how a trait is tested."""
    kind = language["types"][trait["type"]]["literal"]
    kind = "list" if trait["type"] == "list" else kind
    return f"{kind}_tests" + (f"_of_{trait['name']}" if trait["labels"] else "")


def trait_tests(language: Language) -> Schema:
    """How traits are tested, by type, and by trait where its values have names."""
    number: Schema = {"type": "number", **FINITE}
    kinds: dict[str, Schema] = {
        "string": {"type": "string"},
        "boolean": {"type": "boolean"},
        "int": {"type": "integer"},
        "bigint": {"type": "integer"},
        "decimal": number,
        "double": number,
        "date": reference("day"),
        "list": reference("list_value"),
    }
    shapes: Schema = {}
    for trait in language["traits"].values():
        value = kinds[trait["type"]]
        if trait["labels"]:
            shapes[values_name(trait)] = vocabulary(trait, value)
            value = reference(values_name(trait))
        tests = language["types"][trait["type"]]["tests"]
        shapes[tests_name(trait, language)] = closed(
            {"trait": True, **{test: tested(test, value, language) for test in tests}},
            minProperties=2,
            maxProperties=2,
        )
    return dict(sorted(shapes.items()))


def tested(test: str, value: Schema, language: Language) -> Schema:
    """What a test takes, of values that look so."""
    told = language["tests"][test]
    shape = {
        "one": value,
        "several": {"type": "array", "items": value, "minItems": 1},
        "pair": {"type": "array", "items": value, "minItems": 2, "maxItems": 2},
        "truth": {"type": "boolean"},
    }[told["takes"]]
    return {**shape, "description": spoken(told)}


def values_name(trait: Mapping[str, Any]) -> str:
    """The definition that says what a trait's values are called."""
    return f"values_of_{trait['name']}"


def vocabulary(trait: Mapping[str, Any], value: Schema) -> Schema:
    """What a trait's values are called, for an editor to offer.

    One of them, in capitals or with spaces too, where they are all there are; else any
    value of the type.
    """
    offered = [
        {"const": name, "title": titled(label)}
        for value, label in trait["labels"].items()
        for name in trait["names"][value]
    ]
    between = "[\\s._-]*"
    spelled = "|".join(
        between.join(("", *map(in_any_case, text), "")) for text in trait["spelled"]
    )
    listed = {**value, "pattern": whole(spelled)} if trait["values"] else value
    return {"anyOf": [*offered, listed]}


def values(language: Language) -> Schema:
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
            (name, titled(event["label"]), "")
            for name, event in sorted(language["events"].items())
        ),
        "day": {
            "type": "string",
            "pattern": whole(DAY),
            "description": "YYYY-MM-DD",
        },
        "days": {
            "type": "integer",
            "minimum": 1,
            "maximum": language["limits"]["days"],
        },
        "list_value": {"type": "string", "pattern": "^[^|]*$"},
        "purchase_where": {
            "type": "object",
            "properties": dict.fromkeys(
                language["properties"]["purchase"], or_part(listed["text"])
            ),
            "minProperties": 1,
            "additionalProperties": False,
        },
        "action_where": {
            "type": "object",
            "properties": dict.fromkeys(
                language["properties"]["other"], or_part(listed["text"])
            ),
            "patternProperties": {
                whole(language["patterns"]["property"]): or_part(listed["scalar"])
            },
            "propertyNames": {
                "not": {
                    "pattern": whole(
                        "|".join(map(in_any_case, sorted(language["protected"])))
                    )
                }
            },
            "minProperties": 1,
            "additionalProperties": False,
        },
    }


def or_part(values: Schema) -> Schema:
    """Values as they are, or texts that what was done contains."""
    texts: Schema = {"type": "string", "pattern": "\\S"}
    contained = {"anyOf": [texts, {"type": "array", "minItems": 1, "items": texts}]}
    return {
        "anyOf": [
            values,
            {
                "type": "object",
                "properties": {"contains": contained},
                "required": ["contains"],
                "additionalProperties": False,
            },
        ]
    }


def in_any_case(name: str) -> str:
    """A pattern of a name in upper and lower case."""
    return "".join(
        f"[{letter}{letter.upper()}]" if letter != letter.upper() else re.escape(letter)
        for letter in name
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the schema; returns 0."""
    parser = argparse.ArgumentParser(
        prog="rule_schema.py",
        description="Print the JSON Schema of segment rules for editors; keep it with"
        " scripts/rule_schema.py > segments.schema.json.",
    )
    parser.parse_args(argv)
    schema = json_schema(read_language(open_project()))
    print(json.dumps(schema, ensure_ascii=False, indent=1))
    return 0
