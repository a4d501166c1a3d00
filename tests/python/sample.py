"""Samples for tests: written to a folder, read with DuckDB."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from customer_segments.sample_shop.contract import RAW_TABLES
from customer_segments.sample_shop.seed_sample_data import main

AS_OF = "2026-07-31"
Sample = duckdb.DuckDBPyConnection
END = "timestamptz '2026-07-31 15:00:00+00'"


def seed(folder: Path, **options: object) -> Path:
    """Write a sample and return its folder."""
    given = {"as-of": AS_OF, "days": 400, "dirt": 0, "out": folder, **options}
    argv = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    assert main(argv) == 0
    return folder


def connect(folder: Path) -> Sample:
    """A connection with a view for each raw table and truth table of a sample."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'Asia/Seoul'")
    for table in RAW_TABLES:
        connection.execute(f"create view {table} as from '{folder}/{table}/*.parquet'")
    for truth in ("dirt", "customers", "people", "arms", "lift"):
        path = folder / "_truth" / f"{truth}.parquet"
        connection.execute(f"create view truth_{truth} as from '{path}'")
    connection.execute(
        "create view newest_orders as from orders"
        " qualify row_number() over"
        " (partition by order_id order by updated_at desc) = 1"
    )
    return connection


def one_value(connection: Sample, query: str) -> float:
    """The one number that a query returns."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def read_table(folder: Path, table: str) -> pa.Table:
    """The rows of a raw table in the order of its files."""
    paths = sorted((folder / table).iterdir())
    return pa.concat_tables([pq.read_table(path) for path in paths])


def digests(folder: Path) -> dict[str, str]:
    """What each file of a sample holds."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
