"""An edited rule makes stale what follows from it: `dbt build -s state:modified+`.

Each edit is built twice over the same day: by state, and whole. Both must leave the
same tables; what does not follow from rules must not be built.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.python.compiled import copied_project
from tests.python.content_hashes import hashes
from tests.python.warehouse import AS_OF, UNTESTED, Warehouse, failures

BEHAVIOUR = "models/marts/segments/rules/behaviour_segments.yml"
Edit = Callable[[dict[str, Any]], None]


def segments(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The segments of a family's file."""
    listed: list[dict[str, Any]] = content["sources"][0]["tables"][0]["config"]["meta"][
        "segments"
    ]
    return listed


def named(content: dict[str, Any], name: str) -> dict[str, Any]:
    """A segment of a family's file."""
    return next(one for one in segments(content) if one["name"] == name)


def change_a_window(content: dict[str, Any]) -> None:
    """Other members, another version, another fact."""
    named(content, "pricing_page")["rule"]["all"][0]["within_days"] = 60


def add_a_segment(content: dict[str, Any]) -> None:
    """One more, of conditions that nobody asked for before."""
    added = {**named(content, "sleeping"), "name": "asleep_with_wishes"}
    added["label"] = {"en": "Asleep with wishes", "ko": "찜을 남긴 휴면 고객"}
    added["rule"] = {
        "all": [{"segment": "sleeping"}, {"event": "wishlist_add", "at_least": 2}]
    }
    segments(content).append(added)


def rename_a_segment(content: dict[str, Any]) -> None:
    """The old name leaves, the new one enters."""
    named(content, "reviewers")["name"] = "wrote_reviews"


def change_a_parent(content: dict[str, Any]) -> None:
    """A segment becomes a part of another."""
    named(content, "sharers")["parent"] = "app_users"


def change_it_all(content: dict[str, Any]) -> None:
    """Every edit at once."""
    for edit in (change_a_window, add_a_segment, rename_a_segment, change_a_parent):
        edit(content)


EDITS = (
    change_it_all,
    *(
        pytest.param(edit, marks=pytest.mark.slow, id=edit.__name__)
        for edit in (change_a_window, add_a_segment, rename_a_segment, change_a_parent)
    ),
)


@pytest.fixture(scope="module")
def base(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The shop, built by a copy of the project, with the state it left behind."""
    project = copied_project({BEHAVIOUR: lambda content: None})
    warehouse = Warehouse(tmp_path_factory.mktemp("stale"), project)
    warehouse.landing = shop.landing
    warehouse.build(AS_OF, "--write-json", *UNTESTED)
    shutil.copytree(warehouse.folder / "target", warehouse.folder / "state")
    return warehouse


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_what_follows_from_a_rule_is_built_and_nothing_else(
    base: Warehouse, tmp_path: Path, edit: Edit
) -> None:
    built = Warehouse(tmp_path, copied_project({BEHAVIOUR: edit}))
    built.landing = base.landing
    found = {}
    for way in ("by_state", "whole"):
        shutil.copy(base.database, built.database)
        chosen = ("--select", "state:modified+", "--state", str(base.folder / "state"))
        result = built.dbt(
            *("build", *UNTESTED),
            *(chosen if way == "by_state" else ()),
            variables={"as_of_date": AS_OF},
        )
        assert result.success, failures(result)
        if way == "by_state":
            names = {one.node.name for one in result.result}
            assert {"int_segment_flags", "segment_reasons", "audience_members"} <= names
            assert not names & {"customers", "customer_days", "orders", "labels"}
        built.vouch()
        found[way] = hashes(built.database)
    assert found["by_state"] == found["whole"]
