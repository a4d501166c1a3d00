"""Records longer than any reader should take, on request: each is 16 MB."""

from pathlib import Path

import duckdb

from customer_segments.loading.records import RECORD_LIMIT

from .formats import file_path
from .steps import Arguments


def write_oversized(
    connection: duckdb.DuckDBPyConnection, folder: Path, arguments: Arguments
) -> int:
    """Add the oversized records to the first file of customers; how many."""
    if not arguments.oversized:
        return 0
    with file_path(folder, "customers", 0, arguments).open("ab") as file:
        for number in range(arguments.oversized):
            file.write(f"DIRT-LONG-{number},".encode() + b"x" * RECORD_LIMIT + b"\n")
    connection.execute(
        "insert into dirt_truth select 'customers', 'DIRT-LONG-' || n,"
        " 'oversized_record', 9000000000 + n from range(?) as numbers (n)",
        [arguments.oversized],
    )
    return arguments.oversized
