"""Builds a sample folder: the shop, then its customers chunk by chunk."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import duckdb

from customer_segments.loading.quoting import quote_text

from .contract import RAW_TABLES
from .dirt import add_dirt
from .formats import file_path, write_file
from .oversized import write_oversized
from .shop_export import write_mapping
from .steps import Arguments, draw_customers, open_shop
from .truth import write_truth

CHUNK = 20_000
WORKERS = 2
SHOP_TABLES = [
    "products",
    "product_prices",
    "campaigns",
    "exchange_rates",
    "blocked_ids",
    "releases",
    "acquisition_costs",
    "segment_targets",
    "plan_prices",
]
CUSTOMER_TABLES = [table for table in RAW_TABLES if table not in SHOP_TABLES]


class Size(NamedTuple):
    """How many rows a raw table got, and how many of them are broken."""

    rows: int
    dirty: int


def build(
    folder: Path,
    arguments: Arguments,
    workers: int | None,
    progress: Callable[[int], None],
) -> dict[str, Size]:
    """Write all raw tables into an empty folder and return the rows of each."""
    counts = Counter(dict.fromkeys(RAW_TABLES, 0))
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1200MB'")
        connection.execute(f"set temp_directory = {quote_text(f'{folder}/_spill')}")
        # A query of one thread gives its rows in one order; chunks run side by side.
        connection.execute("set threads = 1")
        open_shop(connection, arguments)
        for table in SHOP_TABLES:
            counts[table] += write_rows(connection, folder, table, 0, arguments)
        with ThreadPoolExecutor(workers or WORKERS) as pool:
            chunks = [
                pool.submit(write_chunk, connection.cursor(), folder, number, arguments)
                for number in range((arguments.customers + CHUNK - 1) // CHUNK)
            ]
            try:
                for done, chunk in enumerate(as_completed(chunks), 1):
                    counts.update(chunk.result())
                    progress(min(done * CHUNK, arguments.customers))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if arguments.format != "parquet":
            counts["customers"] += write_oversized(connection, folder, arguments)
        if arguments.format == "shop-csv":
            write_mapping(folder, arguments.encoding)
        dirty = write_truth(connection, folder)
    return {table: Size(rows, dirty.get(table, 0)) for table, rows in counts.items()}


def write_chunk(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    number: int,
    arguments: Arguments,
) -> dict[str, int]:
    """Write the rows of some customers and return how many per raw table."""
    with connection:
        first = number * CHUNK
        draw_customers(connection, first, min(first + CHUNK, arguments.customers))
        return {
            table: write_rows(connection, folder, table, number, arguments)
            for table in CUSTOMER_TABLES
        }


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    number: int,
    arguments: Arguments,
) -> int:
    """Write the rows of a chunk, good and broken, to one file and return how many."""
    dirt, records = add_dirt(connection, table, arguments)
    path = file_path(folder, table, number, arguments)
    return write_file(connection, path, table, dirt, records, arguments)
