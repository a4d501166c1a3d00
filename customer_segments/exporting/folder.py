"""The out folder: one exporter at a time, whole files or none."""

import errno
import fcntl
import hashlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from customer_segments.exporting.names import HEADER, is_file_name
from customer_segments.exporting.problems import Locked, WriteFailed, WrongSpec
from customer_segments.warehouse_file import flush_to_disk

LOCK_NAME = ".lock"
MANIFEST_NAME = "manifest.json"
# whatever the form: a temporary file that stays would stop all exports after it
LEFTOVER = re.compile(r"\.[a-z0-9_]+(\.added|\.removed)?\.[a-z]+\.tmp")
FIRST_LINE = (",".join(HEADER) + "\n").encode()
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    flush_to_disk(path.parent)


def digest_file(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def disk_full(error: duckdb.Error, where: str) -> OSError | None:
    """A full disk as the system tells it; None when the engine means something else."""
    for code in FULL:
        if os.strerror(code) in str(error):
            return OSError(code, os.strerror(code), where)
    return None


def explain_write(error: OSError) -> WriteFailed:
    """Why something cannot be written, without a traceback."""
    if error.errno in FULL:
        why = "no space is left; make room and export again"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        why = f"it cannot be written ({error.strerror}); give it to this user"
    else:
        why = f"{error.strerror or type(error).__name__}"
    where = error.filename or "the disk"
    return WriteFailed(f"{where}: {why}. Each old file is intact or wholly replaced.")
