"""Builds a sample folder: the shop, then its customers chunk by chunk."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import duckdb

from . import (
    attributes,
    companies,
    customers,
    events,
    experiments,
    identities,
    messages,
    orders,
    people,
    plans,
    purchases,
    sessions,
    wishes,
)
from .contract import RAW_TABLES
from .dirt import add_dirt
from .draws import Arguments, prepare, quoted
from .formats import file_path, write_file
from .lookups import load_lookups
from .oversized import write_oversized
from .shop import open_shop
from .shop_export import write_mapping
from .truth import CUSTOMER_TRUTH, TRUTH, write_truth

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
CHUNK_STATEMENTS = [
    people.PEOPLE,
    plans.PLAN_CHANGES,
    wishes.GRANTS,
    messages.MESSAGES,
    purchases.DRAWN,
    experiments.LIFTED_ORDERS,
    purchases.EARLY_ORDERS,
    purchases.PLACED,
    orders.LINES,
    orders.SETTLED,
    purchases.ACTIVE_UNTIL,
    sessions.SESSIONS,
    customers.CUSTOMERS,
    orders.ORDERS,
    orders.ORDER_ITEMS,
    orders.REFUNDS,
    events.EVENTS,
    wishes.CONSENTS,
    wishes.SUPPRESSIONS,
    wishes.FORGOTTEN,
    wishes.DELETION_REQUESTS,
    messages.CAMPAIGN_MESSAGES,
    attributes.CUSTOMER_ATTRIBUTES,
    identities.IDENTITY_LINKS,
    companies.ACCOUNTS,
    companies.ACCOUNT_TECHNOLOGIES,
    CUSTOMER_TRUTH,
    identities.PERSON_TRUTH,
    experiments.ARMS,
]


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
        connection.execute(f"set temp_directory = '{quoted(folder)}/_spill'")
        # A query of one thread gives its rows in one order; chunks run side by side.
        connection.execute("set threads = 1")
        prepare(connection, arguments)
        load_lookups(connection, arguments.encoding)
        open_shop(connection)
        connection.execute(TRUTH)
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
        last = min(first + CHUNK, arguments.customers)
        for name, value in {"chunk_first": first, "chunk_last": last}.items():
            connection.execute(f"create or replace temp macro {name}() as {value}")
        for statement in CHUNK_STATEMENTS:
            connection.execute(statement)
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
