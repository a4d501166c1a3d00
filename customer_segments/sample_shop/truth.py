"""What only the sample knows, for tests: written beside the raw tables."""

from pathlib import Path

import duckdb

from customer_segments.loading.quoting import quote_text

WRITTEN = ("dirt", "customers", "people", "arms", "lift")


def write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write the truth tables and return the number of broken rows per raw table."""
    (folder / "_truth").mkdir()
    for name in WRITTEN:
        path = quote_text(str(folder / "_truth" / f"{name}.parquet"))
        connection.execute(f"copy (from truth_of_{name}) to {path} (format parquet)")
    found = connection.execute(
        "select raw_table, count(*) from dirt_truth group by raw_table"
    )
    return {str(table): int(count) for table, count in found.fetchall()}
