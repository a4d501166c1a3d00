"""The same shop on both engines: loaded once, built as of two days."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from customer_segments.loading import load_raw
from customer_segments.places import environment
from tests.python.spark.comparing import Table, contract_type
from tests.python.warehouse import LOADED_AT, UNTESTED, Warehouse

FIRST_DAY = "2026-06-15"
SECOND_DAY = "2026-06-30"
ERASED_AT = "2026-06-29T00:00:00+00:00"


def compiled(warehouse: Warehouse, model: str) -> str:
    """The query of a model as a warehouse ran it last."""
    folder = warehouse.folder / "target" / "compiled" / "customer_segments" / "models"
    (path,) = folder.rglob(f"{model}.sql")
    return path.read_text(encoding="utf-8")


class SparkWarehouse(Warehouse):
    """A warehouse that Spark builds, from another warehouse's landed files."""

    def __init__(self, duck: Warehouse) -> None:
        super().__init__(duck.folder / "spark")
        self.folder.mkdir()
        self.landing = duck.landing

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run dbt on Spark in this process; the session lives as long as it."""
        command, *rest = arguments
        with environment({"SPARK_WAREHOUSE": str(self.folder)}):
            return super().dbt(command, "--target", "spark", *rest, variables=variables)

    def read(self, sql: str) -> Table:
        """What a query gives on Spark."""
        from pyspark.sql import SparkSession

        found = SparkSession.builder.getOrCreate().sql(sql)
        columns = {
            field.name: contract_type(field.dataType.simpleString())
            for field in found.schema.fields
        }
        return Table(columns, [tuple(row) for row in found.collect()])


class DuckWarehouse(Warehouse):
    """A warehouse that DuckDB builds."""

    def read(self, sql: str) -> Table:
        """What a query gives on DuckDB."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            found = connection.sql(sql)
            columns = {
                name: contract_type(str(kind))
                for name, kind in zip(found.columns, found.types, strict=True)
            }
            return Table(columns, found.fetchall())

    def public_tables(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Relation and contract of each public model of the last build, by name."""
        manifest = json.loads((self.folder / "target" / "manifest.json").read_text())
        return {
            node["name"]: (
                f"{node['schema']}.{node['alias']}",
                {name: column["data_type"] for name, column in node["columns"].items()},
            )
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["access"] == "public"
        }


@dataclass(frozen=True)
class Engines:
    """The shop on each."""

    duck: DuckWarehouse
    spark: SparkWarehouse


def load_rows(
    warehouse: Warehouse, table: str, rows: list[dict[str, str]], loaded_at: str
) -> None:
    """Load rows of a raw table as a file of their own."""
    folder = warehouse.folder / f"more_{table}"
    path = folder / table / "more.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    code = load_raw.main(
        [str(folder), "--landing", str(warehouse.landing), "--loaded-at", loaded_at]
    )
    assert code == 0


def load_awkward(warehouse: Warehouse) -> None:
    """People and orders on whom engines could differ."""
    names = {
        "c-1": ("Ünal İSMAİL", "ΟΔΟΣ@SHOP.example"),
        "C-1": ("Kim O'Brien", " Kim\u00a0@shop.example\u3000"),
        "\u3000가나\u00a0": ("김 철수", "back\\slash@shop.example"),
        "가가": ("${name}", "a$b@shop.example"),
        "나\u200b": ("山田 José", "%s@shop.example"),
        # to the eye the one above, and another customer
        "나": ("김\u200b철수", "나@shop.example"),
    }
    load_rows(
        warehouse,
        "customers",
        [
            {
                "customer_id": customer_id,
                "created_at": "2026-01-31T14:59:59.999999Z",
                "name": name,
                "email": email,
                "phone": "+82 (0)10-1234-5678\u2028",
                "plan": " PRO\u2003",
                "birth_date": "2000-02-29",
                "updated_at": "",
            }
            for customer_id, (name, email) in names.items()
        ],
        LOADED_AT,
    )
    orders = (
        ("2026-05-31T14:59:59.999999Z", "KRW", "1000"),
        ("2026-05-31T15:00:00Z", "usd", "10.05"),
        ("2026-06-30T14:59:59.999999Z", "Usd ", "0.01"),
        ("2026-06-30T15:00:00Z", "KRW", "1000"),
        ("2026-05-31T15:00:00Z", "chf", "3.00"),
    )
    # three francs are 4.5 won: rounded up, and to the even number down
    load_rows(
        warehouse,
        "exchange_rates",
        [{"currency": "CHF", "rate_date": "2026-01-01", "rate": "1.5"}],
        LOADED_AT,
    )
    load_rows(
        warehouse,
        "orders",
        [
            {
                "order_id": f"awkward-{number}-{customer_id}",
                "customer_id": customer_id,
                "ordered_at": moment,
                "status": "PAID ",
                "currency": currency,
                "gross_amount": amount,
                "discount_amount": "",
            }
            for customer_id in names
            for number, (moment, currency, amount) in enumerate(orders)
        ],
        LOADED_AT,
    )


def erase(duck: DuckWarehouse) -> str:
    """Load the wish of a member of the sample to be forgotten; says who."""
    ((customer_id,),) = duck.query(
        "select min(customer_id) from segment_members where customer_id like 'C1%'"
    )
    load_rows(
        duck,
        "deletion_requests",
        [
            {
                "request_id": "late",
                "customer_id": customer_id,
                "requested_at": ERASED_AT,
            }
        ],
        ERASED_AT,
    )
    return str(customer_id)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """A small shop with dirty rows, built by both as of two days; read it only.

    Between the two somebody asks to be forgotten. Spark's data tests run on the second
    day, DuckDB's elsewhere.
    """
    duck = DuckWarehouse(tmp_path_factory.mktemp("engines"))
    duck.seed_sample(customers=250, days=400, as_of=SECOND_DAY, dirt=0.03)
    duck.load()
    load_awkward(duck)
    spark = SparkWarehouse(duck)
    for warehouse in (duck, spark):
        warehouse.build(FIRST_DAY, *UNTESTED)
    erased = erase(duck)
    duck.build(SECOND_DAY, *UNTESTED, "--write-json")
    duck.vouch()
    spark.build(SECOND_DAY)
    for warehouse in (duck, spark):
        for records in ("segment_records", "audience_records"):
            remembered = warehouse.read(
                f"select * from main.{records} where customer_id = '{erased}'"
            )
            assert not remembered.rows
    return Engines(duck, spark)
