"""Compiled SQL of the models, run model by model on generated rows in memory."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, Generic, TypeVar
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.internal.conjecture.engine import ConjectureRunner
from hypothesis.strategies import SearchStrategy

from customer_segments.yaml_files import known_yaml
from tests.python.warehouse import ROOT, Warehouse

Case = TypeVar("Case")
Rows = Sequence[Mapping[str, Any]]
SCRATCH = tempfile.TemporaryDirectory(prefix="compiled")


@dataclass(frozen=True)
class Compiled:
    """SQL of models and relations and columns of sources, by name."""

    sql: Mapping[str, str]
    relations: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]

    def mutated(self, model: str, old: str, new: str, count: int = 1) -> Compiled:
        """Return the same with a text of a model replaced once, or so often; -1 = all.

        ValueError without it.
        """
        if old not in self.sql[model]:
            raise ValueError(f"{model} does not hold {old!r}")
        changed = self.sql[model].replace(old, new, count)
        return replace(self, sql={**self.sql, model: changed})


def compile_models(
    models: Iterable[str],
    variables: Mapping[str, Any],
    project: Path = ROOT,
    built: Mapping[str, Mapping[str, str]] | None = None,
) -> Compiled:
    """Compile models once, for fixed variables; AssertionError says why not.

    `built` are tables, with their columns, that an earlier build has left behind.
    """
    folder = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    warehouse = Warehouse(folder, project)
    for name, types in (built or {}).items():
        listed = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        with duckdb.connect(str(warehouse.database)) as connection:
            connection.execute(f"create table {name} ({listed})")
    # dbt prints the SQL of a single model, however quiet it is asked to be.
    with redirect_stdout(StringIO()):
        result = warehouse.dbt(
            *("compile", "--write-json", "--select", *models), variables=variables
        )
    assert result.success, str(result.exception or result.result)
    nodes = [one.node for one in result.result]
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    relations: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    for one in (*manifest["nodes"].values(), *manifest["sources"].values()):
        if one.get("source_name") in ("segment_rules", "audience_rules"):
            continue
        if one["resource_type"] in ("model", "seed", "source"):
            is_source = one["resource_type"] == "source"
            name = f"raw.{one['name']}" if is_source else one["name"]
            relations[name] = one["relation_name"]
            columns[name] = one["config"].get("column_types") or {
                column["name"]: column["data_type"]
                for column in one["columns"].values()
                if column["data_type"]
            }
    sql = {node.name: node.compiled_code for node in nodes if node.compiled_code}
    return Compiled(sql, relations, columns)


def copied_project(changes: Mapping[str, Callable[[dict[str, Any]], None]]) -> Path:
    """Copy the project's relevant files, with YAML files changed by functions."""
    project = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    for name in ("models", "macros", "seeds", "tests/generic"):
        shutil.copytree(ROOT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, project / name)
    (project / "analyses").mkdir()
    for name, change in changes.items():
        path = project / name
        content = known_yaml(path)
        change(content)
        path.write_text(
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False),
            encoding="utf-8",
        )
    return project


MODELS = (
    *("stg_deletion_requests", "stg_customers", "stg_exchange_rates", "stg_orders"),
    *("stg_refunds", "int_orders_converted", "int_refunds_converted", "orders"),
    *("daily_revenue", "order_amounts", "stg_events", "stg_releases"),
    *("stg_campaigns", "stg_campaign_messages", "stg_suppressions"),
    "int_suppressed_identifiers",
    *("stg_consents", "int_unread_wishes", "int_consents", "int_customer_channels"),
    *(
        "opt_outs",
        "customer_reach",
        "int_customer_profiles",
        "customer_days",
        "int_rfm_measures",
    ),
    *("int_rfm_thresholds", "rfm_scores", "customer_rfm", "int_purchase_gaps"),
    *("int_usual_gaps", "int_return_curves", "stage_calibration", "stage_backtest"),
    *("int_purchase_deadlines", "purchase_stage_spells"),
    *("activity_spells", "growth_accounting"),
    *("stg_products", "stg_product_prices", "stg_order_items", "order_lines"),
    *("stg_customer_attributes", "stg_identity_links", "stg_blocked_ids"),
    *("stg_accounts", "stg_account_technologies", "stg_erased_rows"),
    *("stg_acquisition_costs", "stg_segment_targets", "stg_plan_prices"),
    *("customer_attributes", "customer_products", "int_customer_habits"),
    *("int_customer_activity", "int_customer_stages", "int_customer_tastes"),
    *("int_customer_purchases", "int_customer_signals", "int_open_carts"),
    *("int_customer_carts", "int_customer_responses", "int_plan_events"),
    *("int_customer_plans", "int_customer_moments", "int_customer_facts"),
)


@dataclass(frozen=True)
class World:
    """Variables that models are compiled for, and the SQL they give."""

    as_of: date
    timezone: str
    currency: str
    scale: int
    compiled: Compiled
    variables: Mapping[str, Any] = field(default_factory=dict)

    def moment(self, day: date, clock: time = time(12)) -> datetime:
        """Return a local time of a business day as the raw tables hold it, in UTC."""
        local = datetime.combine(day, clock, tzinfo=ZoneInfo(self.timezone))
        return local.astimezone(UTC).replace(tzinfo=None)

    @property
    def end(self) -> datetime:
        """The first moment after the as-of day, in UTC."""
        return self.moment(self.as_of + timedelta(days=1), time(0))


# What little a case has is enough to calibrate its stages, and to name its scores.
FEW_GAPS = {
    "rfm_reliable_from": 3,
    **{"population_gap_minimum": 6, "stage_longest_gap_days": 120},
    **{"stage_horizon_days": 30, "stage_followed_gaps": 3},
    **{"stage_calibrated_from_gaps": 5, "stage_calibrated_from_days": 60},
}
# A leap day, the first day of a month, and the day on which clocks are set back.
SETTINGS: Mapping[str, tuple[date, str, str, int, Mapping[str, Any]]] = {
    "leap_day": (date(2024, 2, 29), "Asia/Seoul", "KRW", 0, FEW_GAPS),
    "month_begins": (date(2024, 3, 1), "Asia/Seoul", "KRW", 0, {}),
    "dollars": (
        date(2025, 11, 2),
        "America/New_York",
        "USD",
        2,
        {"revenue_includes": ["shipping"], **FEW_GAPS, "stage_chances": [0.8, 0.5]},
    ),
}


@cache
def world(name: str) -> World:
    """Compile the models for one of SETTINGS, once a session."""
    as_of, timezone, currency, scale, variables = SETTINGS[name]
    compiled = compile_models(
        MODELS,
        {
            "as_of_date": as_of.isoformat(),
            "business_timezone": timezone,
            "reporting_currency": currency,
            **variables,
        },
    )
    return World(as_of, timezone, currency, scale, compiled, variables)


class Bench:
    """One database in memory in which upstream tables are rows of a test."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.compiled = world.compiled
        compiled = world.compiled
        self.connection = duckdb.connect(":memory:", config={"threads": 1})
        self.connection.execute("attach ':memory:' as build")
        self.connection.execute("set TimeZone = 'UTC'")
        schemas = {name.rsplit(".", 1)[0] for name in compiled.relations.values()}
        for schema in sorted(schemas):
            self.connection.execute(f"create schema if not exists {schema}")
        for path in sorted((ROOT / "seeds").glob("*.csv")):
            self.connection.execute(
                f"create table {compiled.relations[path.stem]} as "
                f"select * from read_csv('{path}', header = true,"
                f" types = {compiled.columns[path.stem]})"
            )
        for name in compiled.relations:
            if name.startswith("raw."):
                self.table(name)

    def table(self, name: str, columns: Mapping[str, str] | None = None) -> None:
        """Create an empty table for a source or model, with the columns in its YAML."""
        types = columns or self.compiled.columns[name]
        listed = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self.connection.execute(
            f"create or replace table {self.compiled.relations[name]} ({listed})"
        )

    def give(self, name: str, rows: Rows) -> None:
        """Replace the rows of a table; a column that no row names is null."""
        relation = self.compiled.relations[name]
        self.connection.execute(f"delete from {relation}")
        if rows:
            # Arrow would take the columns of the first row for all there are.
            unnamed = dict.fromkeys(column for row in rows for column in row)
            given_rows = pa.Table.from_pylist([{**unnamed, **row} for row in rows])
            self.connection.register("given_rows", given_rows)
            self.connection.execute(
                f"insert into {relation} by name select * from given_rows"
            )
            self.connection.unregister("given_rows")

    def run(self, *models: str) -> None:
        """Build models, one after the other, as tables."""
        for model in models:
            self.connection.execute(
                f"create or replace table {self.compiled.relations[model]} as "
                f"{self.compiled.sql[model]}"
            )

    def rows(self, name: str, columns: str, order_by: str = "all") -> list[Any]:
        """Return columns of a relation as tuples, sorted."""
        return self.connection.execute(
            f"select {columns} from {self.compiled.relations[name]} order by {order_by}"
        ).fetchall()


def examine(
    strategy: SearchStrategy[Case],
    check: Callable[[Case], None],
    examples: int,
    shrink: bool = True,
) -> None:
    """Run a check on so many generated cases, the same ones on every machine."""
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def examined(case: Case) -> None:
        check(case)

    # Variations of an earlier case repeat its values and would leave edges out.
    with patch.object(ConjectureRunner, "generate_mutations_from", new=no_variations):
        examined()


def no_variations(_runner: ConjectureRunner, _data: object) -> None:
    """Generate no variations of a case."""


@dataclass(frozen=True)
class Suite(Generic[Case]):
    """One comparison of models with the oracle: cases of a world, and the check.

    `upstream` is built once, on empty tables; `tables` are then given by the check,
    with the columns named here or else in the YAML.
    """

    upstream: Sequence[str]
    tables: Mapping[str, Mapping[str, str] | None]
    cases: Callable[[World], SearchStrategy[Case]]
    check: Callable[[Bench, Case], None]

    def bench(self, world: World) -> Bench:
        """Return a database in which the check can run."""
        bench = Bench(world)
        bench.run(*self.upstream)
        for name, columns in self.tables.items():
            bench.table(name, columns)
        return bench

    def examine(self, world: World, examples: int, shrink: bool = True) -> None:
        """Check so many cases of a world; AssertionError shows the smallest case."""
        bench = self.bench(world)
        examine(
            self.cases(world),
            lambda case: self.check(bench, case),
            examples,
            shrink,
        )


def examples_of(strategy: SearchStrategy[Case], examples: int) -> list[Case]:
    """Return so many generated cases."""
    found: list[Case] = []
    examine(strategy, found.append, examples)
    return found


def seed_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a seed as text."""
    with (ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
