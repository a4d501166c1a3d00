"""The landing folder: one loader at a time, staged files, then all at once."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from customer_segments.loading.discovery import FoundFile
from customer_segments.loading.problems import LockHeld
from customer_segments.warehouse_file import flush_to_disk, restrict

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
        ("mapping_sha256", pa.string()),
        ("rows_in", pa.int64()),
        ("rows_set_aside", pa.int64()),
        ("rows_merged", pa.int64()),
        ("rows_landed", pa.int64()),
        ("rows_rejected", pa.int64()),
        ("loaded_at", pa.timestamp("us")),
        ("landed_bytes", pa.int64()),
        ("rejected_bytes", pa.int64()),
    ]
)
# the manifest's columns of sizes, and the folder of the file; None = of its table
SIZED = {"landed_bytes": None, "rejected_bytes": REJECTS}


@dataclass(frozen=True)
class Fault:
    """Rows that were rejected for one reason in one column, with masked examples.

    No column: the whole record is at fault.
    """

    reason: str
    column: str | None
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class SharedKeys:
    """Rows of a file that share their key and differ in some of our columns."""

    key: tuple[str, ...]
    rows: int
    columns: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.columns) - 3} more" if self.columns[3:] else ""
        return (
            f"share {' and '.join(self.key)} and differ in"
            f" {', '.join(self.columns[:3])}{more}: is this a row per line? Only one of"
            f" them counts; rows_per: {self.key[0]} in the mapping makes one of them."
        )


@dataclass(frozen=True)
class StagedFile:
    """What a file became, waiting to be published, and its counts."""

    file: FoundFile
    load_id: str
    folder: Path
    rows_in: int
    rows_set_aside: int
    rows_merged: int
    rows_landed: int
    faults: tuple[Fault, ...] = ()
    cells_unwrapped: int = 0
    shared_keys: SharedKeys | None = None

    @property
    def own_rows(self) -> int:
        """Rows that are of the table, as far as the mapping tells."""
        return self.rows_in - self.rows_set_aside


@contextmanager
def locked(landing: Path, task: str) -> Iterator[Path]:
    """Hold the landing folder; gives an empty work folder inside it. LockHeld."""
    landing.mkdir(parents=True, exist_ok=True)
    restrict(landing)
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


def is_loaded(landing: Path, table: str, load_id: str, digest: str) -> bool:
    """Whether a file with this content has been loaded, read in the same way.

    What was read in another way is loaded again and replaced; so is what is no longer
    there as it was written.
    """
    path = landing / MANIFEST / f"{load_id}.parquet"
    if not path.exists():
        return False
    (told,) = pq.read_table(path).to_pylist()
    return told.get("mapping_sha256") == digest and all(
        part.is_file() and part.stat().st_size == told.get(column)
        for column, folder in SIZED.items()
        for part in [landing / (folder or table) / path.name]
    )


def sizes(staged: Path) -> dict[str, int]:
    """Bytes of the staged files that a build compares with what it finds."""
    return {
        column: (staged / f"{column.removesuffix('_bytes')}.parquet").stat().st_size
        for column in SIZED
    }


def write_manifest(staged: Path, row: dict[str, object]) -> None:
    """One row that says what a file was and what became of its rows."""
    path = staged / "manifest.parquet"
    pq.write_table(pa.Table.from_pylist([row], schema=MANIFEST_SCHEMA), path)


def publish(landing: Path, staged: StagedFile) -> None:
    """Move a staged file in place, the manifest last; safe to be killed anywhere."""
    parts = {
        "landed": landing / staged.file.table,
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
