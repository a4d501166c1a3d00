"""Builds a sample folder: the shop, then its customers chunk by chunk."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import duckdb

from . import orders, people, visits, wishes
from .contract import RAW_TABLES
from .dirt import CUSTOMER_TRUTH, TRUTH, add_dirt, as_text, write_truth
from .draws import Arguments, prepare, quoted
from .shop import open_shop

CHUNK = 10_000
WORKERS = 2
SHOP_TABLES = ["products", "product_prices", "campaigns", "exchange_rates"]
CUSTOMER_TABLES = [table for table in RAW_TABLES if table not in SHOP_TABLES]
CHUNK_STATEMENTS = [
    people.PEOPLE,
    orders.PLACED,
    orders.LINES,
    orders.SETTLED,
    orders.ACTIVE_UNTIL,
    wishes.GRANTS,
    visits.MESSAGES,
    visits.SESSIONS,
    people.CUSTOMERS,
    orders.ORDERS,
    orders.ORDER_ITEMS,
    orders.REFUNDS,
    visits.EVENTS,
    wishes.CONSENTS,
    wishes.SUPPRESSIONS,
    wishes.FORGOTTEN,
    wishes.DELETION_REQUESTS,
    visits.CAMPAIGN_MESSAGES,
]


class Size(NamedTuple):
    """How many rows a raw table got, and how many of them are broken."""

    rows: int
    dirty: int


def build(
    folder: Path,
    arguments: Arguments,
    threads: int | None,
    progress: Callable[[int], None],
) -> dict[str, Size]:
    """Write all raw tables into an empty folder and return the rows of each."""
    counts = Counter(dict.fromkeys(RAW_TABLES, 0))
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1200MB'")
        connection.execute(f"set temp_directory = '{quoted(folder)}/_spill'")
        if threads:
            connection.execute(f"set threads = {threads}")
        prepare(connection, arguments)
        open_shop(connection)
        connection.execute(TRUTH)
        for table in SHOP_TABLES:
            counts[table] += write_rows(connection, folder, table, 0, arguments.format)
        with ThreadPoolExecutor(1 if threads == 1 else WORKERS) as pool:
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
        last = min(first + CHUNK, arguments.customers)
        for name, value in {"chunk_first": first, "chunk_last": last}.items():
            connection.execute(f"create or replace temp macro {name}() as {value}")
        for statement in CHUNK_STATEMENTS:
            connection.execute(statement)
        connection.execute(CUSTOMER_TRUTH)
        return {
            table: write_rows(connection, folder, table, number, arguments.format)
            for table in CUSTOMER_TABLES
        }


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    table: str,
    number: int,
    file_format: str,
) -> int:
    """Write the rows of a chunk, good and broken, to one file and return how many."""
    dirt, records = add_dirt(connection, table, file_format)
    columns = RAW_TABLES[table]
    good = ", ".join(
        f"{as_text(name, kind)} as {name}" if file_format == "csv" else name
        for name, kind in columns.items()
    )
    options = "format csv, header" if file_format == "csv" else "format parquet"
    (folder / table).mkdir(exist_ok=True)
    path = folder / table / f"{table}_{number:03}.{file_format}"
    row = connection.execute(
        f"""
        copy (
            with written as (

                select
                    {good},
                    row_n,
                    false as is_dirt,
                from {table}_rows

                {f"union all {dirt}" if dirt else ""}

            )

            select {", ".join(columns)}
            from written
            order by row_n, is_dirt
        ) to '{quoted(path)}' ({options})
        """
    ).fetchone()
    assert row is not None
    if records:
        with path.open("ab") as file:
            file.writelines(records)
    return int(row[0]) + len(records)
