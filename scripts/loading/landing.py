"""The landing folder: one loader at a time, staged files, then all at once."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
from scripts.loading.problems import LoadFailed, LockHeld, Problem, WrongInput
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
LOCK_NAME = ".lock"
WORK_NAME = ".loading"
REJECTS = "load_rejects"
MANIFEST = "load_manifest"
MANIFEST_SCHEMA = pa.schema(
    [
        ("raw_table", pa.string()),
        ("source_file", pa.string()),
        ("file_sha256", pa.string()),
        ("file_bytes", pa.int64()),
        ("file_format", pa.string()),
        ("rows_in", pa.int64()),
        ("rows_landed", pa.int64()),
        ("rows_rejected", pa.int64()),
        ("loaded_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True)
class LoadOptions:
    """What the command line says; loaded_at is in UTC without a zone."""

    loaded_at: datetime
    zone: ZoneInfo | None = None
    encoding: Encoding = "utf-8"


@dataclass(frozen=True)
class StagedFile:
    """Files of one load that wait to be published, and their counts."""

    table: str
    load_id: str
    folder: Path
    rows_in: int
    rows_landed: int
    reasons: dict[str, int] = field(default_factory=dict)


@contextmanager
def locked(landing: Path, task: str) -> Iterator[Path]:
    """Hold the landing folder; gives an empty work folder inside it. LockHeld."""
    landing.mkdir(parents=True, exist_ok=True)
    work = landing / WORK_NAME
    with (landing / LOCK_NAME).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise LockHeld(
                f"{landing} is being loaded by {holder}. Wait until it is done."
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(
            f"process {os.getpid()} on {socket.gethostname()},"
            f" since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {task}"
        )
        lock.flush()
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.seek(0)
            lock.truncate()


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


def is_loaded(landing: Path, load_id: str) -> bool:
    """Whether a file with this content has been loaded into this table."""
    return (landing / MANIFEST / f"{load_id}.parquet").exists()


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
    folder = work / seen.load_id
    folder.mkdir()
    source_file = inspected.file.name
    whole_rows = folder / "whole_rows.parquet"
    landed, rejected = folder / "landed.parquet", folder / "rejected.parquet"
    if inspected.file.format == "parquet":
        rows_in = count_parquet_rows(inspected.file.path)
        pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
        relation, readings = parquet_readings(connection, table, inspected)
    else:
        counted = count_records(inspected.file.path, inspected.width)
        rows_in = counted.records
        relation = text_relation(
            connection,
            inspected,
            folder,
            whole_rows,
            counted.is_regular,
            rows_in,
            options.encoding,
        )
        readings = [text_reading(c, inspected) for c in table.file_columns]
    judged = judged_rows(table, readings, relation, options.zone)
    group_rows = row_group_rows(seen.size, rows_in)
    try:
        copy_rows(
            connection,
            landed_rows(table, judged, options.loaded_at, source_file),
            landed,
            group_rows,
        )
        rows_landed = count_parquet_rows(landed)
        rejects = rejected_rows(
            table,
            judged,
            f"from read_parquet({quote_pattern(whole_rows)})",
            options.loaded_at,
            source_file,
        )
        if rows_landed == rows_in:
            rejects = f"select * from ({rejects}) limit 0"
        copy_rows(connection, rejects, rejected, group_rows)
    except duckdb.Error as error:
        if inspected.file.format == "csv" or is_readable(inspected.file.path):
            raise
        raise WrongInput(
            Problem(
                printable(source_file),
                "is damaged inside",
                "Export or copy it again.",
            )
        ) from error
    rows_rejected = count_parquet_rows(rejected)
    if rows_in != rows_landed + rows_rejected:
        raise LoadFailed(
            f"{printable(source_file)}: {rows_in} rows were counted,"
            f" {rows_landed} landed and {rows_rejected} were rejected."
            " Nothing was loaded; please report this file's shape."
        )
    if not is_unchanged(inspected.file, seen):
        raise LoadFailed(
            f"{printable(source_file)} changed while it was read. Load it again."
        )
    write_manifest(
        folder / "manifest.parquet",
        {
            "raw_table": table.name,
            "source_file": source_file,
            "file_sha256": seen.sha256,
            "file_bytes": seen.size,
            "file_format": inspected.file.format,
            "rows_in": rows_in,
            "rows_landed": rows_landed,
            "rows_rejected": rows_rejected,
            "loaded_at": options.loaded_at,
        },
    )
    for scrap in folder.glob("*_rows.parquet"):
        scrap.unlink()
    return StagedFile(
        table.name,
        seen.load_id,
        folder,
        rows_in,
        rows_landed,
        count_reasons(connection, rejected),
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


def text_relation(
    connection: duckdb.DuckDBPyConnection,
    inspected: InspectedFile,
    folder: Path,
    whole_rows: Path,
    is_regular: bool,
    rows_in: int,
    encoding: Encoding,
) -> str:
    """SQL over a CSV file's rows as text: DuckDB's reading, or ours if it differs."""
    path, text = inspected.file.path, folder / "text_rows.parquet"
    if (
        is_regular
        and encoding == "utf-8"
        and copy_regular_csv(connection, path, inspected.width, text)
        and count_parquet_rows(text) == rows_in
    ):
        pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
        return read_text_rows(text, has_row_numbers=False)
    positions = sorted(f.position for f in inspected.fields.values())
    split_csv(path, positions, inspected.width, encoding, text, whole_rows)
    return read_text_rows(text, has_row_numbers=True)


def text_reading(column: Column, inspected: InspectedFile) -> Reading:
    """A column of a text file."""
    found = inspected.fields.get(column.name)
    if found is None:
        return Reading(column, "null", "absent")
    return Reading(column, text_name(found.position), "text")


def parquet_readings(
    connection: duckdb.DuckDBPyConnection, table: Table, inspected: InspectedFile
) -> tuple[str, list[Reading]]:
    """SQL over a Parquet file's rows, and how each contract column is read."""
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
    return relation, readings


def parquet_reading(
    column: Column, name: str, duckdb_type: str, arrow_type: pa.DataType
) -> Reading:
    """Text as text, equal types as they are, all else by way of text."""
    if is_text(arrow_type):
        return Reading(column, f"{name}::varchar", "text")
    if column.data_type == "timestamp":
        has_zone = duckdb_type == "TIMESTAMP WITH TIME ZONE"
        if has_zone:
            return Reading(column, name, "typed")
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


def write_manifest(path: Path, row: dict[str, object]) -> None:
    """One row that says what a file was and what became of its rows."""
    pq.write_table(pa.Table.from_pylist([row], schema=MANIFEST_SCHEMA), path)


def publish(landing: Path, staged: StagedFile) -> None:
    """Move a staged file in place, the manifest last; safe to be killed anywhere."""
    parts = {
        "landed": landing / staged.table,
        "rejected": landing / REJECTS,
        "manifest": landing / MANIFEST,
    }
    for part in parts:
        flush_to_disk(staged.folder / f"{part}.parquet")
    for part, folder in parts.items():
        folder.mkdir(exist_ok=True)
        ready = staged.folder / f"{part}.parquet"
        ready.replace(folder / f"{staged.load_id}.parquet")
        flush_to_disk(folder)
    flush_to_disk(landing)


def flush_to_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
