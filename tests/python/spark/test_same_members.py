"""Random rules decide alike on DuckDB and Spark, on the same generated rows."""

from __future__ import annotations

import copy
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.python import test_differential_rules as rules
from tests.python.compiled import World, compile_models, examples_of
from tests.python.spark.conftest import Engines
from tests.python.warehouse import failures

pytestmark = pytest.mark.spark

RULES = 40
MODELS = ("int_rule_facts", "int_segment_flags")


def test_drawn_rules_have_the_same_members_on_both(
    engines: Engines, tmp_path: Path
) -> None:
    """What DuckDB decides is compared with the oracle elsewhere."""
    drawn = examples_of(rules.drawn_segments(), RULES)
    segments = {**rules.named_segments(drawn), **rules.EXAMPLES}
    project = rules.project_with(segments)
    variables = {"as_of_date": rules.AS_OF.isoformat()}
    compiled = compile_models(
        MODELS, variables, project, {"segment_records": rules.RECORD_COLUMNS}
    )
    bench = rules.rule_bench(World(rules.AS_OF, "Asia/Seoul", "KRW", 0, compiled))
    shop = rules.drawn_shop(1, segments)
    on_duckdb = rules.decided(bench, shop)
    asked = sorted(segments.keys() - rules.project_segments().keys())

    # The session of the fixture, in which the log of memberships is a table.
    spark = copy.copy(engines.spark)
    spark.project = project
    # dbt prints what it compiles.
    with redirect_stdout(StringIO()):
        result: Any = spark.dbt(
            "compile", "--write-json", "--select", *MODELS, variables=variables
        )
    assert result.success, failures(result)
    manifest = json.loads((spark.folder / "target" / "manifest.json").read_text())
    relations = {
        node["name"]: node["relation_name"] for node in manifest["nodes"].values()
    }
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    read = {}
    for table in shop.tables:
        path = tmp_path / f"{table}.parquet"
        bench.connection.execute(f"copy {compiled.relations[table]} to '{path}'")
        session.read.parquet(str(path)).createOrReplaceTempView(f"drawn_{table}")
        read[table] = f"drawn_{table}"
    nodes = {one.node.name: one.node for one in result.result}
    for model in MODELS:
        sql = nodes[model].compiled_code
        for table, view in read.items():
            assert model == "int_segment_flags" or relations[table] in sql, table
            sql = sql.replace(relations[table], view)
        found = session.sql(sql)
        if model == "int_segment_flags":
            # of the library's own segments the comparison of tables tells
            found = found.select("customer_id", *asked)
        written = str(tmp_path / f"{model}.parquet")
        found.write.parquet(written)
        found = session.read.parquet(written)
        found.createOrReplaceTempView(f"drawn_{model}")
        read[model] = f"drawn_{model}"
    on_spark = {row["customer_id"]: row.asDict() for row in found.collect()}
    for view in read.values():
        session.catalog.dropTempView(view)

    assert list(on_duckdb) == sorted(on_spark)
    wrong = {
        name
        for who, row in on_duckdb.items()
        for name in asked
        if on_spark[who][name] is not row[name]
    }
    assert not wrong, {name: segments.get(name) for name in wrong}
    members = [row[name] for row in on_duckdb.values() for name in asked]
    assert 0.2 < members.count(True) / len(members) < 0.8
