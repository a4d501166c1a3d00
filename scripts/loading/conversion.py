"""One file to landing files: its rows as typed rows, or as rejects with a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from scripts.loading.casting import (
    SESSION,
    Reading,
    judged_rows,
    landed_rows,
    rejected_rows,
)
from scripts.loading.contract import Column, Table
from scripts.loading.discovery import Fingerprint, is_unchanged, printable
from scripts.loading.inspection import Encoding, InspectedFile, is_text
from scripts.loading.landing import StagedFile, write_manifest
from scripts.loading.problems import LoadFailed, Problem, WrongInput
from scripts.loading.quoting import quote_name, quote_pattern, quote_text
from scripts.loading.records import count_records
from scripts.loading.textual import (
    REJECT_SCHEMA,
    copy_regular_csv,
    count_parquet_rows,
    read_text_rows,
    split_csv,
    text_name,
)

MEMORY_LIMIT = "1GB"
ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True)
class LoadOptions:
    """What the command line says; loaded_at is in UTC without a zone."""

    loaded_at: datetime
    zone: ZoneInfo | None = None
    encoding: Encoding = "utf-8"


@dataclass(frozen=True)
class SourceRows:
    """The rows of a file: their independent count, and SQL that reads them.

    `whole_rows` is a Parquet file of records that cannot be one row.
    """

    rows_in: int
    relation: str
    readings: list[Reading]
    whole_rows: Path


@contextmanager
def session(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in UTC that spills into the work folder."""
    with duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(work / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    ) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(SESSION)
        yield connection


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    work: Path,
    table: Table,
    inspected: InspectedFile,
    seen: Fingerprint,
    options: LoadOptions,
) -> StagedFile:
    """Write landed rows, rejects and manifest below the work folder.

    WrongInput if the rows cannot be read, LoadFailed if they do not add up.
    """
    name = printable(inspected.file.name)
    staged = work / seen.load_id
    scratch = work / f"{seen.load_id}.scratch"
    staged.mkdir()
    scratch.mkdir()
    try:
        if inspected.file.format == "csv":
            rows = csv_rows(connection, table, inspected, scratch, options.encoding)
        else:
            rows = parquet_rows(connection, table, inspected, scratch)
        rows_landed, rows_rejected = convert(
            connection, table, rows, inspected.file.name, seen.size, options, staged
        )
    except duckdb.Error as error:
        if inspected.file.format == "csv" or is_readable(inspected.file.path):
            raise
        raise WrongInput(
            Problem(name, "is damaged inside", "Export or copy it again.")
        ) from error
    if rows.rows_in != rows_landed + rows_rejected:
        raise LoadFailed(
            f"{name}: {rows.rows_in} rows were counted, {rows_landed} landed and"
            f" {rows_rejected} were rejected. Nothing was loaded; please report it."
        )
    if not is_unchanged(inspected.file, seen):
        raise LoadFailed(f"{name} changed while it was read. Load it again.")
    write_manifest(
        staged,
        {
            "raw_table": table.name,
            "source_file": inspected.file.name,
            "file_sha256": seen.sha256,
            "file_bytes": seen.size,
            "file_format": inspected.file.format,
            "rows_in": rows.rows_in,
            "rows_landed": rows_landed,
            "rows_rejected": rows_rejected,
            "loaded_at": options.loaded_at,
        },
    )
    for scrap in sorted(scratch.iterdir()):
        scrap.unlink()
    reasons = count_reasons(connection, staged / "rejected.parquet")
    return StagedFile(
        table.name, seen.load_id, staged, rows.rows_in, rows_landed, reasons
    )


def convert(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: SourceRows,
    source_file: str,
    size: int,
    options: LoadOptions,
    staged: Path,
) -> tuple[int, int]:
    """Write landed.parquet and rejected.parquet; gives the rows of each."""
    landed, rejected = staged / "landed.parquet", staged / "rejected.parquet"
    judged = judged_rows(table, rows.readings, rows.relation, options.zone)
    group_rows = row_group_rows(size, rows.rows_in)
    accepted = landed_rows(table, judged, options.loaded_at, source_file)
    copy_rows(connection, accepted, landed, group_rows)
    rows_landed = count_parquet_rows(landed)
    whole_rows = f"from read_parquet({quote_pattern(rows.whole_rows)})"
    refused = rejected_rows(table, judged, whole_rows, options.loaded_at, source_file)
    # Reading the file a second time is for files that have rejects.
    if rows_landed == rows.rows_in:
        refused = f"select * from ({refused}) limit 0"
    copy_rows(connection, refused, rejected, group_rows)
    return rows_landed, count_parquet_rows(rejected)


def csv_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    inspected: InspectedFile,
    scratch: Path,
    encoding: Encoding,
) -> SourceRows:
    """The rows as text: DuckDB's reading, or record by record where readers differ."""
    path, width = inspected.file.path, inspected.width
    text, whole_rows = scratch / "text.parquet", scratch / "whole_rows.parquet"
    readings = [text_reading(column, inspected) for column in table.file_columns]
    counted = count_records(path, width)
    is_plain = (
        encoding == "utf-8"
        and counted.is_regular
        and copy_regular_csv(connection, path, width, text)
        and count_parquet_rows(text) == counted.records
    )
    if is_plain:
        pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
    else:
        positions = sorted(field.position for field in inspected.fields.values())
        split_csv(path, positions, width, encoding, text, whole_rows)
    relation = read_text_rows(text, has_row_numbers=not is_plain)
    return SourceRows(counted.records, relation, readings, whole_rows)


def text_reading(column: Column, inspected: InspectedFile) -> Reading:
    """A column of a text file."""
    found = inspected.fields.get(column.name)
    if found is None:
        return Reading(column, "null", "absent")
    return Reading(column, text_name(found.position), "text")


def parquet_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    inspected: InspectedFile,
    scratch: Path,
) -> SourceRows:
    """The rows of a Parquet file in its own types, counted by the footer."""
    path = quote_pattern(inspected.file.path)
    described = connection.sql(
        f"describe from read_parquet({path}, hive_partitioning = false)"
    ).fetchall()
    readings = []
    for column in table.file_columns:
        found = inspected.fields.get(column.name)
        if found is None or pa.types.is_null(found.arrow_type):
            readings.append(Reading(column, "null", "absent"))
            continue
        name, duckdb_type = described[found.position][:2]
        readings.append(
            parquet_reading(column, quote_name(name), duckdb_type, found.arrow_type)
        )
    relation = (
        f"select file_row_number + 1 as source_row, * from read_parquet({path},"
        " file_row_number = true, hive_partitioning = false)"
    )
    whole_rows = scratch / "whole_rows.parquet"
    pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
    rows_in = count_parquet_rows(inspected.file.path)
    return SourceRows(rows_in, relation, readings, whole_rows)


def parquet_reading(
    column: Column, name: str, duckdb_type: str, arrow_type: pa.DataType
) -> Reading:
    """Text as text, equal types as they are, all else by way of text."""
    if is_text(arrow_type):
        return Reading(column, f"{name}::varchar", "text")
    if column.data_type == "timestamp":
        if arrow_type.tz is not None:
            return Reading(column, f"{name}::timestamptz", "typed")
        return Reading(column, f"{name}::timestamp", "local_time")
    declared = {"int": "integer"}.get(column.data_type, column.data_type)
    if declared.replace(" ", "") == duckdb_type.lower():
        return Reading(column, name, "typed")
    return Reading(column, f"{name}::varchar", "text")


def row_group_rows(size: int, rows: int) -> int:
    """Rows a Parquet row group, so that wide rows do not fill the memory."""
    average = max(1, 4 * size // max(1, rows))
    return max(2048, min(ROW_GROUP_ROWS, ROW_GROUP_BYTES // average))


def copy_rows(
    connection: duckdb.DuckDBPyConnection, query: str, target: Path, group_rows: int
) -> None:
    """Write a query's rows as Parquet, in their order."""
    connection.execute(
        f"copy ({query}) to {quote_text(str(target))}"
        f" (format parquet, compression zstd, row_group_size {group_rows})"
    )


def count_reasons(
    connection: duckdb.DuckDBPyConnection, rejected: Path
) -> dict[str, int]:
    """Rejected rows by reason, sorted."""
    return dict(
        connection.sql(
            f"select reason, count(*) from read_parquet({quote_pattern(rejected)})"
            " group by reason order by reason"
        ).fetchall()
    )


def is_readable(path: Path) -> bool:
    """Whether every row of a Parquet file can be read by another reader."""
    try:
        with pq.ParquetFile(path) as parquet:
            for _ in parquet.iter_batches():
                pass
    except (pa.ArrowException, OSError):
        return False
    return True
