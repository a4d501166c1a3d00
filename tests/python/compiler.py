"""dbt's own compiler over the parsed project, in which rules can be exchanged.

A command of dbt takes seconds; a model that is compiled by itself, hundredths.
"""

from __future__ import annotations

import copy
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import get_adapter, register_adapter
from dbt.clients.yaml_helper import load_yaml_text
from dbt.compilation import Compiler as ModelCompiler
from dbt.config.runtime import RuntimeConfig
from dbt.context.configured import generate_schema_yml_context
from dbt.context.providers import generate_runtime_macro_context
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import set_from_args
from dbt.mp_context import get_mp_context
from dbt.parser.schema_renderer import SchemaYamlRenderer
from dbt_common.exceptions import CompilationError

from customer_segments.places import environment
from tests.python.warehouse import AS_OF, ROOT, Warehouse

# The seeds that are read while rules and audiences are compiled.
READ = ("region_aliases", "channels", "destinations")
MODEL = "model.customer_segments."
RULES = "source.customer_segments.segment_rules."
FAMILIES = sorted(
    path.stem.removesuffix("_segments")
    for path in (ROOT / "models/marts/segments/rules").glob("*_segments.yml")
)
FAMILY = "behaviour"
BESIDE = {"purchase": "one_purchase", "demographic": "women"}
FLAGS = "int_segment_flags"
# What rules become, in the order they are made in.
DECIDING = (
    *("int_segment_definitions", "int_rule_facts", FLAGS),
    "int_segment_conditions",
)
ACTIONS = """(
    action_id string, line int, customer_id string, event_name string,
    occurred_at timestamp, occurred_on date, product_id string, category string,
    sales_channel string, coupon_code string, search_term string, page string,
    device string, os string, browser string, campaign_id string, properties string
)"""


def only(segments: Any) -> dict[str, dict[str, Any]]:
    """Meta in which the only segments are these, all in one family."""
    return {
        **{family: {"segments": []} for family in FAMILIES},
        FAMILY: {"segments": segments},
    }


class Compiler:
    """Compiles models with other meta than their files have."""

    def __init__(self, folder: Path, project: Path = ROOT) -> None:
        warehouse = Warehouse(folder, project)
        parsed = warehouse.dbt("parse")
        assert parsed.success, parsed.exception
        self.manifest: Manifest = parsed.result
        with duckdb.connect(str(warehouse.database)) as connection:
            for name in READ:
                seed = self.manifest.nodes[f"seed.customer_segments.{name}"]
                connection.execute(f"create schema if not exists {seed.schema}")
                connection.execute(
                    f"create table {seed.schema}.{seed.alias} as"
                    " from read_csv($file, header = true, types = $types)",
                    {
                        "file": str(project / seed.original_file_path),
                        "types": seed.config.column_types,
                    },
                )
        self.nodes: dict[str, Any] = {
            unique_id: node.to_dict(omit_none=False)
            for unique_id, node in self.manifest.nodes.items()
        }
        self.sources: dict[str, Any] = {
            unique_id: source.to_dict(omit_none=False)
            for unique_id, source in self.manifest.sources.items()
        }
        settings = Namespace(
            project_dir=str(project),
            profiles_dir=str(project),
            target_path=str(folder / "target"),
            vars={
                "as_of_date": AS_OF,
                "landing_dir": str(warehouse.landing),
                "empty_on_purpose": True,
            },
            profile=None,
            target=None,
            threads=1,
            single_threaded=True,
            macro_debugging=False,
            which="run",
        )
        with environment({"WAREHOUSE_PATH": str(warehouse.database)}):
            set_from_args(settings, None)
            config = RuntimeConfig.from_args(settings)
            register_adapter(config, get_mp_context())
        self.adapter: Any = get_adapter(config)
        self.adapter.set_macro_resolver(self.manifest)
        self.adapter.set_macro_context_generator(generate_runtime_macro_context)
        self.compiler = ModelCompiler(config)
        self.renderer = SchemaYamlRenderer(
            generate_schema_yml_context(config, config.project_name), "models"
        )

    def close(self) -> None:
        """Let the database go."""
        DuckDBConnectionManager.close_all_connections()

    def sql(
        self, model: str, meta: Mapping[str, Mapping[str, Any]] | None = None
    ) -> str:
        """SQL of a model while models or families have other meta.

        CompilationError if it is refused.
        """
        nodes, sources = dict(self.nodes), dict(self.sources)
        for name, changes in (meta or {}).items():
            is_family = name in FAMILIES
            known, key = (sources, RULES) if is_family else (nodes, MODEL)
            node = copy.deepcopy(known[key + name])
            node["config"]["meta"] |= changes
            known[key + name] = node
        self.manifest.flat_graph = {"nodes": nodes, "sources": sources}
        compiled: Any = copy.deepcopy(self.manifest.nodes[MODEL + model])
        with self.adapter.connection_named(model):
            self.compiler.compile_node(compiled, self.manifest, {}, write=False)
        return str(compiled.compiled_code)

    def read(self, text: str) -> Any:
        """The meta of a model from its YAML, read as dbt does, Jinja rendered."""
        given = {"config": {"meta": load_yaml_text(text)}}
        return self.renderer.render_data(given)["config"]["meta"]

    def tables(self) -> duckdb.DuckDBPyConnection:
        """A database in memory with the tables that rules read, all empty.

        Whatever a shop can give is said to be there since long ago.
        """
        connection = duckdb.connect()
        connection.execute(
            f"attach ':memory:' as {self.nodes[MODEL + 'customers']['database']}"
        )
        for name in ("customers", "customer_days", "segment_members"):
            columns = ", ".join(
                f"{column['name']} {column['data_type']}"
                for column in self.nodes[MODEL + name]["columns"].values()
            )
            self.create(connection, name, f"({columns})")
        self.create(connection, "int_customer_actions", ACTIONS)
        self.create(connection, "data_sources", f"as {self.everything_is_there()}")
        return connection

    def everything_is_there(self) -> str:
        """SQL of the rows of data_sources for a shop that gives all there is."""
        told = [
            f"('{one['name']}{part}', true, date '2000-01-01')"
            for one in self.sources.values()
            if one["source_name"] == "raw"
            for part in ("", *(f".{column}" for column in one["columns"]))
        ]
        return f"from (values {', '.join(told)}) as t(source, is_present, first_on)"

    def create(
        self, connection: duckdb.DuckDBPyConnection, model: str, what: str
    ) -> None:
        """Create a model's table."""
        schema = self.relation(model).rpartition(".")[0]
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create or replace table {self.relation(model)} {what}")

    def relation(self, model: str) -> str:
        """Where a model's table is."""
        node = self.nodes[MODEL + model]
        return f"{node['database']}.{node['schema']}.{node['alias']}"

    def call(self, macro: str, **arguments: Any) -> Any:
        """What a macro returns, in the graph of the last model that was compiled."""
        with self.adapter.connection_named(macro):
            return self.adapter.execute_macro(macro, kwargs=arguments)

    def error(self, model: str, meta: Mapping[str, Any]) -> str:
        """What is said of a model with other meta; empty when nothing.

        Of a family: of its segments beside two of the library, which is quicker.
        """
        if model not in FAMILIES:
            return self.refusal(model, {model: meta})
        given: dict[str, Mapping[str, Any]] = dict(only([]))
        for family, name in BESIDE.items():
            own = self.sources[RULES + family]["config"]["meta"]["segments"]
            given[family] = {"segments": [s for s in own if s["name"] == name]}
        return self.refusal(FLAGS, {**given, model: meta})

    def refusal(self, model: str, meta: Mapping[str, Mapping[str, Any]]) -> str:
        """What is said of a model while models or families have other meta."""
        try:
            self.sql(model, meta)
        except CompilationError as error:
            return " ".join(str(error).split())
        return ""
