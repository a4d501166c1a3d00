"""The out folder: one exporter at a time, whole files or none."""

import csv
import errno
import fcntl
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scripts.exporting.names import HEADER, file_name, is_file_name
from scripts.exporting.problems import GuardStopped, Locked, WriteFailed, WrongSpec
from scripts.loading.quoting import quote_pattern, quote_text

LOCK_NAME = ".lock"
MANIFEST_NAME = "manifest.json"
LEFTOVER = re.compile(r"\.[a-z0-9_]+\.(csv|json)\.tmp")
FIRST_LINE = (",".join(HEADER) + "\n").encode()
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BATCH = 50_000


@dataclass(frozen=True)
class WrittenFile:
    """A file as it was read back: rows without the header, size, digest."""

    rows: int
    bytes: int
    sha256: str


@contextmanager
def hold_folder(out: Path) -> Iterator[None]:
    """Make the folder private and keep other exporters out; Locked, WrongSpec."""
    open_folder(out)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(out / LOCK_NAME, flags, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii", errors="replace") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = re.match(r"\d+", lock.read(20))
            who = f"process {holder[0]}" if holder else "another process"
            raise Locked(
                f"{out} is held by {who}, another export; try again later"
            ) from None
        replace_text(lock, str(os.getpid()))
        remove_leftovers(out)
        try:
            yield
        finally:
            remove_leftovers(out)
            replace_text(lock, "")


def replace_text(file: io.TextIOBase, text: str) -> None:
    """Make a text the whole content of an open file."""
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def open_folder(out: Path) -> None:
    """Create the folder for its owner alone; WrongSpec if others can read it."""
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        out.mkdir(mode=0o700)
    if not out.is_dir():
        raise WrongSpec(f"{out} is no folder; say another --out")
    if out.stat().st_mode & 0o077:
        ours = {LOCK_NAME, MANIFEST_NAME}
        names = {path.name for path in out.iterdir()}
        if names and not names & ours:
            raise WrongSpec(
                f"{out} holds other things and others can read it; say another --out,"
                f" or chmod 700 {out}"
            )
        out.chmod(0o700)


def remove_leftovers(out: Path) -> None:
    """Remove temporary files of an export that was killed."""
    for path in sorted(out.iterdir()):
        if LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)


def read_manifest(out: Path) -> dict[str, dict[str, Any]]:
    """Entries of the manifest by audience; empty if there is none to be read."""
    try:
        content = json.loads((out / MANIFEST_NAME).read_text(encoding="utf-8"))
        entries = content["audiences"]
        return {
            name: entry
            for name, entry in entries.items()
            if is_file_name(name) and isinstance(entry, dict)
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def earlier_files(out: Path) -> dict[str, Path]:
    """Files of earlier exports by audience: in the manifest, or with our first line."""
    listed = read_manifest(out)
    found = {}
    for path in sorted(out.glob("*.csv")):
        if is_file_name(path.stem) and path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if path.stem in listed or file.read(len(FIRST_LINE)) == FIRST_LINE:
                    found[path.stem] = path
    return found


def load_previous(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], formula: str
) -> None:
    """Fill table previous with the rows of earlier files; GuardStopped if unreadable.

    Cells stay as they are; customer_id and identifier lose the quote of the guard.
    """
    connection.sql(
        """
        create table previous (
            audience varchar, customer_id varchar, channel varchar,
            identifier varchar, message_class varchar, campaign_id varchar,
            customer_cell varchar, identifier_cell varchar, place bigint
        )
        """
    )
    columns = ", ".join(f"{quote_text(name)}: 'varchar'" for name in HEADER)
    bare = "case when regexp_matches({0}, '^''' || $formula) then {0}[2:] else {0} end"
    for audience, path in files.items():
        try:
            connection.sql(
                f"""
                insert into previous
                select
                    $audience, {bare.format("customer_id")}, channel,
                    {bare.format("identifier")}, message_class, campaign_id,
                    customer_id, identifier, row_number() over ()
                from read_csv(
                    {quote_pattern(path)}, columns = {{{columns}}}, header = true,
                    auto_detect = false, delim = ',', quote = '"', escape = '"',
                    nullstr = '\x01', strict_mode = true
                )
                """,
                params={"audience": audience, "formula": formula.removeprefix("^")},
            )
        except duckdb.Error as error:
            raise GuardStopped(
                f"{path}: the earlier file cannot be read ({type(error).__name__}), so"
                " nobody can say who would leave. Nothing was written. Remove the file"
                " to start afresh."
            ) from None


def write_file(
    path: Path, rows: Iterable[tuple[str, ...]], expected: int
) -> WrittenFile:
    """Write a temporary CSV file for a path and read it back; WriteFailed."""
    digest = hashlib.sha256()
    size = 0
    with open_temporary(path) as file:
        for chunk in csv_chunks(rows):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        sync(file)
    written = read_back(temporary(path))
    if written != WrittenFile(expected, size, digest.hexdigest()):
        raise WriteFailed(f"{path}: read back otherwise than written; nothing changed")
    return written


def csv_chunks(rows: Iterable[tuple[str, ...]]) -> Iterator[bytes]:
    """The header and the rows as RFC 4180 text with line feeds, in pieces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % BATCH == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def read_back(path: Path) -> WrittenFile:
    """Count and digest a CSV file; WriteFailed if its header is another."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if tuple(next(reader, ())) != HEADER:
            raise WriteFailed(f"{path}: read back without its header; nothing changed")
        rows = sum(1 for _ in reader)
    return WrittenFile(rows, path.stat().st_size, digest.hexdigest())


def write_manifest(out: Path, content: Mapping[str, Any]) -> None:
    """Replace the manifest; keys are sorted."""
    path = out / MANIFEST_NAME
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    with open_temporary(path) as file:
        file.write(text.encode())
        sync(file)
    put_in_place(path)


def temporary(path: Path) -> Path:
    """Where a file is written before it is whole."""
    return path.with_name(f".{path.name}.tmp")


def open_temporary(path: Path) -> io.BufferedWriter:
    """Create the temporary file of a path for its owner alone."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(temporary(path), flags, 0o600), "wb")


def sync(file: io.BufferedWriter) -> None:
    """Bring what was written to the disk."""
    file.flush()
    os.fsync(file.fileno())


def put_in_place(path: Path) -> None:
    """Replace a file by its temporary one, and make that last."""
    temporary(path).replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and removals of a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_obsolete(out: Path, names: Iterable[str]) -> list[str]:
    """Remove the files of audiences that are no more; what was removed, by name."""
    removed = [file_name(name) for name in sorted(names)]
    for file in removed:
        with suppress(FileNotFoundError):
            (out / file).unlink()
    if removed:
        sync_folder(out)
    return removed


def explain_write(out: Path, error: OSError) -> WriteFailed:
    """Why a folder cannot be written, without a traceback."""
    if error.errno in FULL:
        why = "no space is left; make room and export again"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        why = f"it cannot be written ({error.strerror}); give it to this user"
    else:
        why = f"{error.strerror or type(error).__name__}"
    return WriteFailed(f"{out}: {why}. Each old file is intact or wholly replaced.")
