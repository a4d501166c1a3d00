"""Without dbt the project's macros give the same SQL and the same errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_segments.rules.project import Family, Project, Relation, read_project
from customer_segments.rules.rendering import (
    Host,
    RenderingError,
    RuleError,
    open_project,
    rendered_yaml,
)
from tests.python.compiled import compile_models, copied_project
from tests.python.warehouse import AS_OF, Warehouse

# They ask whether their table is there already; only dbt knows.
NEEDS_DBT = {"audience_records", "segment_kpi_records", "segment_records"}
DECIDED = {
    *("int_segment_definitions", "int_segment_conditions", "int_rule_facts"),
    *("int_segment_flags", "int_segment_memberships", "segment_reasons"),
}
COMPARED = ("unique_id", "name", "resource_type", "original_file_path", "patch_path")


@pytest.fixture(scope="module")
def project() -> Project:
    """This project."""
    return open_project()


@pytest.fixture(scope="module")
def compiled(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dbt compile` writes for the built sample, in a folder of its own."""
    warehouse = Warehouse(tmp_path_factory.mktemp("compiled"))
    warehouse.landing, warehouse.database = shop.landing, shop.database
    result = warehouse.dbt("compile", "--write-json", variables={"as_of_date": AS_OF})
    assert result.success
    return warehouse.folder / "target"


@pytest.fixture(scope="module")
def host(shop: Warehouse, project: Project) -> Iterator[Host]:
    """A host that looks into the built sample."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{shop.database}' as build (read_only)")
        yield Host(
            project,
            database="build",
            connection=connection,
            variables={
                "as_of_date": AS_OF,
                "landing_dir": str(shop.landing),
                "accept_quiet_day": True,
            },
        )


def without_database(project: Project, **options: Any) -> Host:
    """A host that sees no tables."""
    return Host(project, database="build", **options)


def test_every_model_reads_as_dbt_compiles_it(compiled: Path, host: Host) -> None:
    """Text for text, families, facts and memberships among them."""
    folder = compiled / "compiled" / host.project.name
    different: list[str] = []
    refused: set[str] = set()
    same: set[str] = set()
    for node in host.project.nodes.values():
        if node["resource_type"] != "model":
            continue
        try:
            sql = host.render(node["name"])
        except RenderingError:
            refused.add(node["name"])
            continue
        wanted = (folder / node["original_file_path"]).read_text("utf-8")
        if sql == wanted:
            same.add(node["name"])
        else:
            different.append(node["name"])
    assert not different
    assert refused == NEEDS_DBT
    assert same >= DECIDED


def test_the_graph_is_the_one_dbt_has(compiled: Path, project: Project) -> None:
    """What rules are compiled from is the same: columns, meta and where it stands."""
    manifest = json.loads((compiled / "manifest.json").read_text())
    known = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    assert set(project.nodes) == set(known)
    assert set(project.sources) == set(manifest["sources"])

    def told(node: dict[str, Any]) -> dict[str, Any]:
        columns = {
            name: (column["data_type"], column["config"]["meta"])
            for name, column in node["columns"].items()
        }
        own = {key: node[key] for key in COMPARED}
        return {**own, "meta": node["config"]["meta"], "columns": columns}

    for unique_id, node in project.nodes.items():
        # days are days here and texts in the file
        ours = json.loads(json.dumps(told(node), default=str))
        assert ours == json.loads(json.dumps(told(known[unique_id])))


def test_a_refused_rule_says_where(project: Project) -> None:
    """The compiler's own message comes through, from macros deep inside."""
    family = project.families()[0]
    segment = dict(family.segments[0])
    segment["rule"] = {"all": [{"any": [{"trait": "order_cuont", "at_least": 1}]}]}
    changed = project.with_segments([Family(family.name, "my.yml", [segment])])
    with pytest.raises(RuleError) as refused:
        without_database(changed).render("int_segment_flags")
    told = str(refused.value)
    assert told.startswith(f"my.yml: segment {segment['name']}: ")
    assert "rule.all[0].any[0]: unknown trait order_cuont" in told
    assert "did you mean order_count" in told


def test_other_segments_leave_the_project_as_it_was(project: Project) -> None:
    """A graph with other segments is a graph of its own."""
    before = json.dumps(project.sources, default=str)
    added = Family("of_my_own", "my.yml", [{}])
    changed = project.with_segments([Family("behaviour", "", []), added])
    assert changed.families() == [added]
    assert json.dumps(project.sources, default=str) == before


def test_another_graph_reaches_macros_that_ran_before(project: Project) -> None:
    """Compiled macros do not hold on to the graph they saw first."""
    host = without_database(project)
    family = project.families()[0]
    assert len(host.call("resolved_segments")) > len(family.segments)
    names = [segment["name"] for segment in family.segments[:1]]
    chosen = Family(family.name, family.file, family.segments[:1])
    host.use(project.with_segments([chosen]))
    assert [one["name"] for one in host.call("resolved_segments")] == names


def test_stand_ins_take_the_place_of_a_model(project: Project) -> None:
    """What was built for the occasion is read instead."""
    stands_in = {"customers": Relation("temp", "main", 'a "b"')}
    sql = without_database(project, stand_ins=stands_in).render("int_segment_flags")
    assert 'from "temp"."main"."a ""b"""' in sql
    assert '"build"."main"."customers"' not in sql


REFUSED_TEMPLATES = {
    "{{ this }}": "this is not offered",
    "{{ this.name }}": "this is not offered",
    "{% if is_incremental() %}{% endif %}": "is_incremental is not offered",
    "{{ adapter.drop_relation(1) }}": "adapter.drop_relation is not offered",
    "{{ modules.os }}": "modules.os is not offered",
    "{{ var('no_such_variable') }}": "no variable no_such_variable",
    "{{ env_var('NO_SUCH_VARIABLE_HERE') }}": "NO_SUCH_VARIABLE_HERE is not set",
    "{{ ref('no_such_model') }}": "no model or seed no_such_model",
    "{{ source('raw', 'nothing') }}": "there is no raw.nothing",
    "{{ no_such_macro() }}": "'no_such_macro' is undefined",
    "{{ run_query('select 1') }}": "run_query needs a database",
    "{{ config(schema='elsewhere') }}": "config\\(schema=…\\) is not offered",
    "\n{% if %}": "line 2",
}


@pytest.mark.parametrize("template", REFUSED_TEMPLATES)
def test_what_is_not_offered_says_so(tmp_path: Path, template: str) -> None:
    """Nothing is rendered differently in silence."""
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    path = tmp_path / "models" / "tried.sql"
    path.write_text(f"select{template}")
    host = without_database(read_project(rendered_yaml, tmp_path), root=tmp_path)
    with pytest.raises(RenderingError, match=REFUSED_TEMPLATES[template]):
        host.render("tried")


def test_jinja_in_yaml_is_rendered_and_keeps_its_type(tmp_path: Path) -> None:
    """As dbt does it: a text that is one expression becomes its value."""
    (tmp_path / "models" / "deep").mkdir(parents=True)
    (tmp_path / "dbt_project.yml").write_text(
        "name: shop\n"
        "vars: {days: 12}\n"
        "models: {shop: {+group: all, deep: {+schema: below}}}\n"
    )
    (tmp_path / "models" / "deep" / "one.sql").write_text("select 1")
    (tmp_path / "models" / "deep" / "one.yml").write_text(
        "models:\n"
        "  - name: one\n"
        "    config:\n"
        "      meta:\n"
        "        number: \"{{ var('days') }}\"\n"
        "        text: \"{{ var('days') }} days\"\n"
    )
    project = read_project(rendered_yaml, tmp_path)
    node = project.node("one")
    assert node["config"]["meta"] == {"number": 12, "text": "12 days"}
    assert node["config"]["group"] == "all"
    assert str(without_database(project, root=tmp_path).ref("one")) == (
        '"build"."main_below"."one"'
    )


def test_rules_of_every_kind_read_as_dbt_compiles_them() -> None:
    """Sequences, ranks, days, history and cohorts, even if the library has none."""
    text = {"en": "text", "ko": "글"}
    rules: dict[str, Any] = {
        "ordered": {"sequence": ["cart_add", "purchase"], "within_days": 90},
        "best": {"rank": {"by": "net_revenue", "top_percent": 5}},
        "seen": {"event": "product_view", "between_days": [7, 30], "at_least": 2},
        "stayed": {"segment": "seen", "for_days": 3},
        "slept": {"activity": "dormant", "entered_within_days": 7},
        "named": {"trait": "region", "in": ["서울's", 'a "b" \\ {c}']},
    }
    segments = [
        {
            "name": name,
            **dict.fromkeys(("label", "situation", "need", "message"), text),
            "metric": "open_rate",
            "owner": "crm",
            "rule": {"all": [rule, {"none": [{"trait": "is_power_user", "is": True}]}]},
            **({"parent": "best", "freeze": "2026-06-01"} if name == "seen" else {}),
        }
        for name, rule in rules.items()
    ]

    def add(content: dict[str, Any]) -> None:
        table = content["sources"][0]["tables"][0]
        table["config"]["meta"]["segments"] += segments

    path = "models/marts/segments/rules/behaviour_segments.yml"
    root = copied_project({path: add})
    models = ("int_rule_facts", "int_segment_flags", "segment_reasons")
    compiled = compile_models(models, {"as_of_date": AS_OF}, root)
    host = Host(
        open_project(root),
        database="build",
        variables={"as_of_date": AS_OF},
        root=root,
    )
    for model in models:
        assert host.render(model) == compiled.sql[model], model
    assert "seen_20260601" in compiled.sql["int_segment_flags"]
