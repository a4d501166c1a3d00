"""DuckDB and Spark build the same tables from the same models.

`make test-spark` runs these; without Java or pyspark they fail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import pytest

from tests.python.spark.comparing import Table, differences
from tests.python.spark.conftest import SECOND_DAY, Engines, SparkWarehouse, compiled
from tests.python.warehouse import Warehouse, failures

pytestmark = pytest.mark.spark

# What could differ without anybody noticing: a query that both engines take, and the
# literal that spoils it on one of them.
PLANTED = {
    "null order": (
        "select x, (row_number() over (order by x {0}))::int as y "
        "from (select null::int as x union all select 1) as numbers",
        "nulls last",
        "nulls first",
    ),
    "time zone": ("select timestamp '2026-01-01 {0}' as x", "09:00:00", "00:00:00"),
    "integer division": ("select ({0})::double as x", "7 / 2", "floor(7 / 2)"),
    "decimal rounding": (
        "select round({0}, 2)::decimal(18, 2) as x",
        "1.005::decimal(18, 4)",
        "1.005::decimal(18, 4) - 0.0001",
    ),
    "decimal scale": ("select 1.5::decimal(18, {0}) as x", "2", "4"),
    "collation of Hangul": (
        "select max(x) as x from (select '가' as x union all select {0} as x) as texts",
        "'나'",
        "'A'",
    ),
    "case": ("select {0} as x", "'kim'", "'Kim'"),
    "day boundary": (
        "select (timestamp '2026-01-31 23:59:59' + interval {0} second)::date as x",
        "0",
        "1",
    ),
    "a row more": ("select 1 as x union all select {0}", "null", "2"),
    "a row twice": ("select 1 as x union {0} select 1", "all", "distinct"),
    "a type": ("select 1::{0} as x", "int", "bigint"),
    "a name": ("select 1 as {0}", "x", "y"),
    "the eighth digit": ("select {0}::double as x", "1.0", "1.00000001"),
}

# What is written as if there were one engine, and means two things: why models say
# `nulls last`, cast, and go through macros/engine/.
NAIVE = {
    "nulls unsaid": "select x, (row_number() over (order by x))::int as y "
    "from (select null::int as x union all select 1) as numbers",
    "decimal divided": "select 1::decimal(10, 2) / 3 as x",
    "cast to a whole number": "select 3.7::int as x",
    "plain trim": "select trim('\u3000a') as x",
    "plain lower": "select lower('İ') as x",
    "max_by of a null": "select max_by(x, y) as x "
    "from (select 1 as x, 1 as y union all select null, 2) as numbers",
    "a line's end": "select regexp_replace('ab\n', 'b$', '') as x",
    "a backslash": "select 'a\\tb' as x",
}


@dataclass(frozen=True)
class Spoilt:
    """A model that Spark is given with other words, and the public table that shows it.

    `given` is put into what both engines run: rows on which the words tell.
    """

    model: str
    right: str
    wrong: str
    table: str
    given: tuple[str, str] = ("$^", "")

    @property
    def path(self) -> list[str]:
        """The model, what reads it on the way, and the table."""
        way = ["int_customer_facts"] if self.table == "customers" else []
        return list(dict.fromkeys([self.model, *way, self.table]))


SAME_CUSTOMER = "profiles.customer_id{0} = purchases.customer_id{0}"
SPOILT = {
    "null order": Spoilt(
        *("load_report", "source_row asc nulls last", "source_row asc", "load_report"),
        # rows of a table of the shop's database have no number
        (
            r"select \* from \S*quarantined_rows\S*",
            "select raw_table, source_file, reason, column_name, masked_value, "
            "case when source_row % 2 = 1 then source_row end as source_row "
            "from main.quarantined_rows",
        ),
    ),
    "time zone": Spoilt(
        *(
            "int_customer_profiles",
            "'Asia/Seoul', stated.created_at",
            "'UTC', stated.created_at",
        ),
        "customers",
    ),
    "integer division": Spoilt(
        "int_customer_profiles",
        "profile_fields_known / 6",
        "profile_fields_known div 6",
        "customers",
    ),
    "decimal rounding": Spoilt(
        *("int_orders_converted", "round(gross_amount", "bround(gross_amount"),
        "orders",
    ),
    "collation of Hangul": Spoilt(
        "int_customer_facts",
        SAME_CUSTOMER.format(""),
        SAME_CUSTOMER.format(" collate unicode"),
        "customers",
    ),
    "case": Spoilt(
        "int_customer_facts",
        SAME_CUSTOMER.format(""),
        SAME_CUSTOMER.format(" collate utf8_lcase"),
        "customers",
    ),
    "day boundary": Spoilt(
        "stg_orders",
        ">= timestamp '2026-06-30 15:00:00'",
        ">= timestamp '2026-06-30 14:59:59.999999'",
        "orders",
    ),
}


@dataclass(frozen=True)
class Built:
    """A public table on both engines, and its contract."""

    on_duckdb: Table
    on_spark: Table
    contract: dict[str, str]

    def differences(self) -> list[str]:
        """What they differ in."""
        return differences(self.on_duckdb, self.on_spark, self.contract)


@pytest.fixture(scope="module")
def tables(engines: Engines) -> dict[str, Built]:
    """Every public table, by name; nobody has to name it."""
    return {
        name: Built(
            engines.duck.read(f"select * from {relation}"),
            engines.spark.read(f"select * from {relation}"),
            contract,
        )
        for name, (relation, contract) in sorted(engines.duck.public_tables().items())
    }


def differing(tables: Mapping[str, Built]) -> dict[str, list[str]]:
    """Names of tables that differ, with what they differ in."""
    found = {name: table.differences() for name, table in tables.items()}
    return {name: told for name, told in found.items() if told}


def test_every_public_table_is_the_same(tables: dict[str, Built]) -> None:
    """Columns, types of the contract and rows: first DuckDB's, then Spark's."""
    assert len(tables) >= 20
    assert differing(tables) == {}


def test_the_shop_has_something_in_every_table(tables: dict[str, Built]) -> None:
    """Two empty tables are the same whatever the models say."""
    empty = [name for name, table in tables.items() if not table.on_duckdb.rows]
    assert empty == []


@pytest.mark.parametrize("kind", SPOILT)
def test_a_difference_planted_in_a_model_is_found(
    engines: Engines, tables: dict[str, Built], kind: str
) -> None:
    """In the table that shows it and in no other; with the right words, in none."""
    spoilt = SPOILT[kind]
    given = partial(re.sub, *spoilt.given)
    on_duckdb = engines.duck.read(given(compiled(engines.duck, spoilt.table)))
    model = compiled(engines.spark, spoilt.model)
    assert spoilt.right in model
    contract = tables[spoilt.table].contract
    for words, expected in ((spoilt.right, []), (spoilt.wrong, [spoilt.table])):
        sql = given(model.replace(spoilt.right, words))
        for name, reads in pairwise(spoilt.path):
            view = f"planted_{name}"
            engines.spark.read(f"create or replace temporary view {view} as {sql}")
            reader = compiled(engines.spark, reads)
            sql = re.sub(rf"\S+\.{name}\b", view, reader)
            assert sql != reader
        planted = Built(on_duckdb, engines.spark.read(sql), contract)
        assert list(differing({**tables, spoilt.table: planted})) == expected


def test_the_engines_are_two(engines: Engines) -> None:
    """Each says its own name, so that none is compared with itself."""
    assert "DuckDB" not in str(engines.spark.read("select version()").rows)
    assert engines.duck.read("select 'Spark' where version() like 'v%'").rows
    assert engines.spark.read(
        "select typeof(timestamp '2026-01-01 00:00:00')"
    ).rows == [("timestamp_ntz",)]


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_expressions_give_the_literal_results(engines: Engines, zone: str) -> None:
    """tests/macros on both engines, in a zone with daylight saving too."""
    warehouses: tuple[Warehouse, ...] = (engines.duck, engines.spark)
    for warehouse in warehouses:
        result = warehouse.dbt(
            *("test", "--select", "path:tests/macros"),
            variables={"business_timezone": zone, "as_of_date": SECOND_DAY},
        )
        assert result.success, failures(result)
        assert len(result.result) >= 7


@pytest.mark.parametrize("kind", PLANTED)
def test_the_comparison_sees(engines: Engines, kind: str) -> None:
    """The same query on both is the same; spoilt on one of them, it is not."""
    sql, right, spoilt = PLANTED[kind]
    on_duckdb = engines.duck.read(sql.format(right))
    assert differences(on_duckdb, engines.spark.read(sql.format(right))) == []
    assert differences(on_duckdb, engines.spark.read(sql.format(spoilt)))


@pytest.mark.parametrize("kind", NAIVE)
def test_the_engines_differ_and_the_comparison_sees_it(
    engines: Engines, kind: str
) -> None:
    """The same text on both, without the macros; if it agrees, a macro can go."""
    sql = NAIVE[kind]
    assert differences(engines.duck.read(sql), engines.spark.read(sql))


def test_the_comparison_passes_over_the_last_digits_of_floats_only() -> None:
    """Floats within 1e-9 of each other are the same, wherever they sort."""
    one = Table({"x": "double", "y": "int"}, [(0.1 + 0.2, 1), (None, 2)])
    other = Table({"x": "double", "y": "int"}, [(None, 2), (0.3, 1)])
    assert differences(one, other) == []
    assert differences(one, Table(one.columns, [(0.3, 2), (None, 2)]))


def test_a_table_of_the_shop_can_stand_in(engines: Engines) -> None:
    """The variable raw_tables on Spark: taken if its types fit, refused if not."""
    kinds = {"fits": "'1'", "does_not": "1.5::double"}
    built = {}
    for name, product_id in kinds.items():
        relation = f"main.shop_products_{name}"
        engines.spark.read(
            f"create table {relation} as select {product_id} as product_id, 'a' as name"
        )
        result = engines.spark.dbt(
            *("run", "--select", "stg_products"),
            variables={"raw_tables": {"products": relation}, "as_of_date": SECOND_DAY},
        )
        engines.spark.read(f"drop table {relation}")
        built[name] = failures(result)
    assert built["fits"] == ""
    assert "product_id is double where products needs string" in built["does_not"]


def test_a_rewriting_that_was_cut_short_is_finished(engines: Engines) -> None:
    """Recorded state survives a stop between emptying the table and filling it."""
    records = "select * from main.segment_records"
    before = engines.spark.read(records)
    engines.spark.read(f"create table main.segment_records__kept as {records}")
    engines.spark.read(f"insert overwrite main.segment_records {records}__kept limit 0")
    assert not engines.spark.read(records).rows
    result = engines.spark.dbt(
        *("run", "--select", "segment_records"), variables={"as_of_date": SECOND_DAY}
    )
    assert result.success, failures(result)
    assert differences(before, engines.spark.read(records)) == []
    assert not engines.spark.read("show tables in main like '*kept*'").rows


def test_nothing_is_left_beside_the_warehouse(engines: Engines) -> None:
    """Spark keeps its catalog, its logs and its tables in its own folder."""
    found = {path.name for path in engines.spark.folder.iterdir()}
    assert {"metastore", "main.db"} <= found
    spark: SparkWarehouse = engines.spark
    for name in ("metastore_db", "derby.log", "spark-warehouse"):
        assert not (spark.project / name).exists()
