"""The rule compiler refuses what it should, with a message that helps."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from scripts.places import environment
from tests.python.warehouse import Warehouse

FAMILY = "model.customer_segments.behaviour_segments"
AUDIENCES = "model.customer_segments.audience_decisions"


class Compiler:
    """The parsed project, in which segments and audiences can be exchanged."""

    def __init__(self, folder: Path) -> None:
        self.warehouse = Warehouse(folder)
        self.warehouse.dbt("seed")
        self.manifest: Manifest = self.warehouse.dbt("parse").result

    def error(self, unique_id: str, meta: Mapping[str, Any]) -> str:
        """What the compiler says of a model with other meta; empty when nothing."""
        manifest = self.manifest
        node = manifest.nodes[unique_id]
        before = copy.deepcopy(node.config.meta)
        node.config.meta.update(meta)
        manifest.build_flat_graph()
        folder = self.warehouse.folder
        project = str(self.warehouse.project)
        try:
            with environment({"WAREHOUSE_PATH": str(self.warehouse.database)}):
                result: Any = dbtRunner(manifest=manifest).invoke(
                    [
                        *("run", "--empty", "--quiet", "--log-level-file", "none"),
                        *("--vars", "{empty_on_purpose: true}"),
                        *("--select", unique_id.rpartition(".")[2]),
                        *("--project-dir", project, "--profiles-dir", project),
                        *("--target-path", str(folder / "target")),
                        *("--log-path", str(folder / "logs")),
                    ]
                )
        finally:
            node.config.meta.clear()
            node.config.meta.update(before)
            manifest.build_flat_graph()
        messages = [one.message or "" for one in result.result if one.status == "error"]
        told = " ".join("\n".join(messages).split())
        return told if told.startswith("Compilation Error") else ""


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    """One parsed project for all cases of this module."""
    yield Compiler(tmp_path_factory.mktemp("rules"))


def segment(rule: Any, **changes: Any) -> dict[str, Any]:
    """A complete segment with a rule; None takes a key away."""
    text = {"en": "text", "ko": "글"}
    whole = {
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
    return {key: value for key, value in whole.items() if value is not None}


def nested(depth: int) -> Any:
    """A rule with so many groups in each other."""
    rule: Any = {"trait": "order_count", "at_least": 1}
    for _ in range(depth):
        rule = {"all": [rule]}
    return rule


WHOLE = {"all": [{"trait": "order_count", "at_least": 1}]}

REFUSED: dict[str, tuple[Any, list[str]]] = {
    "unknown trait": (
        {"all": [{"trait": "order_cuont", "at_least": 1}]},
        ["segment tried", "rule.all[0]", "unknown trait order_cuont", "order_count"],
    ),
    "unknown event": (
        {"all": [{"event": "cart_ad"}]},
        ["rule.all[0]", "unknown event cart_ad", "did you mean cart_add"],
    ),
    "unknown segment": (
        {"segment": "one_purchse"},
        ["unknown segment one_purchse", "did you mean one_purchase"],
    ),
    "unknown stage": ({"stage": "churnd"}, ["unknown stage churnd", "churned"]),
    "unknown activity": ({"activity": "sleepy"}, ["unknown activity sleepy"]),
    "unknown value of a trait": (
        {"trait": "gender", "is": "femal"},
        ["unknown value femal", "did you mean female"],
    ),
    "test of another type": (
        {"any": [{"trait": "gender", "at_least": "female"}]},
        ["rule.any[0]", "at_least is no test for string", "is, is_not, in, not_in"],
    ),
    "value of another type": (
        {"trait": "order_count", "at_least": "many"},
        ["at_least: many is no int number"],
    ),
    "number where text is due": (
        {"trait": "region", "is": 11},
        ["is: 11 is no text (put it in quotes)"],
    ),
    "number for a boolean": (
        {"trait": "has_used_app", "is": 1},
        ["is: 1 is no true or false"],
    ),
    "date in words": (
        {"trait": "churns_on", "at_most": "tomorrow"},
        ["at_most: tomorrow is no day written YYYY-MM-DD"],
    ),
    "fraction for a count": (
        {"event": "cart_add", "at_least": 1.5},
        ["at_least: 1.5 is no int number"],
    ),
    "no test": ({"trait": "order_count"}, ["one test is needed", "found none"]),
    "two tests": (
        {"trait": "order_count", "at_least": 1, "at_most": 2},
        ["one test is needed", "found at_least, at_most"],
    ),
    "two subjects": (
        {"trait": "order_count", "event": "cart_add", "at_least": 1},
        ["one subject is needed", "found trait, event, at_least"],
    ),
    "no subject": ({"at_least": 1}, ["one subject is needed"]),
    "empty group": ({"all": []}, ["all is empty"]),
    "empty inner group": ({"all": [{"none": []}]}, ["rule.all[0]", "none is empty"]),
    "group beside a condition": (
        {"all": [{"stage": "churned"}], "trait": "order_count"},
        ["a group stands alone; all and trait are together"],
    ),
    "two groups": (
        {"all": [{"stage": "churned"}], "none": [{"stage": "churned"}]},
        ["a group stands alone"],
    ),
    "condition that is text": ({"all": ["churned"]}, ["a condition is one mapping"]),
    "unknown key beside a stage": (
        {"stage": "churned", "for_dayz": 3},
        ["unknown key for_dayz"],
    ),
    "a window of no days": (
        {"event": "cart_add", "within_days": 0},
        ["within_days is 0; it takes whole days from 1 to 3650"],
    ),
    "a window that is no number": (
        {"event": "cart_add", "within_days": "7; drop table customers"},
        ["it takes whole days from 1 to 3650"],
    ),
    "never false": ({"event": "cart_add", "never": False}, ["never takes true"]),
    "between one": (
        {"trait": "order_count", "between": [1]},
        ["between takes [from, to]"],
    ),
    "in without a list": (
        {"trait": "region", "in": "서울"},
        ["in takes a list"],
    ),
    "a day that no calendar has": (
        {"trait": "churns_on", "at_most": "2026-02-30"},
        ["at_most: 2026-02-30 is no day"],
    ),
    "a list value that is two": (
        {"trait": "interests", "has": "beauty|food"},
        ["has: beauty|food holds |, which separates values"],
    ),
    "known maybe": (
        {"trait": "region", "known": "maybe"},
        ["known: maybe is no true or false"],
    ),
    "too deep": (nested(9), ["groups nest deeper than 8"]),
    "too many conditions": (
        {"all": [{"trait": "order_count", "at_least": n} for n in range(51)]},
        ["51 conditions; a rule takes at most 50"],
    ),
    "a protected attribute": (
        {"all": [{"trait": "religion", "is": "any"}]},
        ["rule.all[0]", "religion is a protected attribute", "decides nothing"],
    ),
    "a circle of one": (
        {"all": [{"segment": "tried"}]},
        ["a circle: tried → tried"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_rule_is_refused_with_place_and_remedy(
    compiler: Compiler, name: str
) -> None:
    rule, words = REFUSED[name]
    error = compiler.error(FAMILY, {"segments": [segment(rule)]})
    assert "models/marts/segments/behaviour_segments.yml" in error
    for word in words:
        assert word in error, error


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"situation": None}, "situation is missing"),
        ({"need": None}, "need is missing"),
        ({"metric": None}, "metric is missing"),
        ({"owner": None}, "owner is missing"),
        ({"label": {"en": "Only"}}, "label must be {en: …, ko: …}"),
        ({"name": "Tried Out"}, "the name must be lower case letters"),
        ({"name": "x'; drop table customers"}, "the name must be lower case letters"),
        ({"name": "women"}, "the name is taken by a segment in"),
        ({"colour": "red"}, "unknown key colour"),
        ({"name": "order"}, "order is a word of SQL"),
        ({"name": "customer_id"}, "customer_id is a word of SQL"),
    ],
)
def test_an_incomplete_segment_is_refused(
    compiler: Compiler, changes: dict[str, Any], words: str
) -> None:
    error = compiler.error(FAMILY, {"segments": [segment(WHOLE, **changes)]})
    assert words in error, error


def test_a_circle_names_its_members(compiler: Compiler) -> None:
    error = compiler.error(
        FAMILY,
        {
            "segments": [
                segment({"segment": "second"}, name="first"),
                segment({"any": [{"segment": "third"}]}, name="second"),
                segment({"none": [{"segment": "first"}]}, name="third"),
            ]
        },
    )
    assert "a circle: first → second → third → first" in error


def test_a_trait_derived_from_a_protected_attribute_is_refused(
    compiler: Compiler,
) -> None:
    customers = compiler.manifest.nodes["model.customer_segments.customers"]
    trait = customers.columns["plan"].config.meta["trait"]
    trait["derived_from"] = ["interests"]
    between = customers.columns["interests"].config.meta["trait"]
    between["derived_from"] = ["health"]
    try:
        error = compiler.error(
            FAMILY, {"segments": [segment({"trait": "plan", "is": "care"})]}
        )
    finally:
        del trait["derived_from"], between["derived_from"]
    assert "plan is a protected attribute (derived from health)" in error


def audience(**changes: Any) -> dict[str, Any]:
    """A complete audience; None takes a key away."""
    whole = {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        "channel": "email",
        "message_class": "ad",
        "campaign": "c1",
        "segments": {"any_of": ["women"]},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel": "kakao"}, "unknown channel kakao"),
        ({"channel": "alimtalk"}, "alimtalk carries information only"),
        ({"message_class": "offer"}, "message_class is ad or info, not offer"),
        ({"segments": {"any_of": ["wimen"]}}, "unknown segment wimen; did you mean"),
        ({"segments": {"none_of": ["women"]}}, "segments needs any_of or all_of"),
        ({"segments": {"any": ["women"]}}, "segments"),
        ({"holdout": {"share": 2, "salt": "s"}}, "holdout must be"),
        ({"holdout": {"share": 0.1, "salt": ""}}, "holdout must be"),
        ({"cap": {"messages": 2}}, "cap must be {messages: n, days: n}"),
        ({"cool_down": {"weeks": 2}}, "cool_down must be"),
        ({"priority": {"list": "x"}}, "priority must be"),
        ({"send_window": ["9", "20"]}, 'send_window must be ["09:00", "20:00"]'),
        ({"send_window": ["09:00", "24:30"]}, "send_window must be"),
        ({"segments": {"any_of": "women"}}, "segments: any_of takes a list"),
        ({"segments": "women"}, "segments must be"),
        ({"guards": {"min_rows": "(select 1)"}}, "guards: min_rows and max_rows are"),
        ({"guards": {"max_removed_share": 2}}, "guards: max_removed_share is a share"),
        ({"third_party": "false"}, "third_party is true or false"),
        ({"name": "../etc"}, "the name must be lower case letters"),
        ({"campaign": None}, "campaign is missing"),
        ({"chanel": "sms"}, "unknown key chanel; did you mean channel"),
    ],
)
def test_a_wrong_audience_is_refused(
    compiler: Compiler, changes: dict[str, Any], words: str
) -> None:
    error = compiler.error(AUDIENCES, {"audiences": [audience(**changes)]})
    assert "models/audiences/audience_decisions.yml: audience" in error
    assert words in error, error


def test_the_rules_that_ship_compile(compiler: Compiler) -> None:
    assert compiler.error(FAMILY, {"segments": [segment(WHOLE)]}) == ""
