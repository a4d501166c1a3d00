"""The database file and the folders beside it: who may read them, who holds them."""

import os
import re
import shutil
import time
from pathlib import Path

import duckdb

from customer_segments.loading.quoting import quote_name, quote_text

# what README says: an export reads for seconds, who reads longer is somebody else
WAIT_SECONDS = 7.0
GROUP = "WAREHOUSE_GROUP"


class Unopened(RuntimeError):
    """The database cannot be opened, in words for the person who runs the command."""


class Held(Unopened):
    """Another process has the database open."""


def is_lock(error: duckdb.Error) -> bool:
    """Whether another process holds the file; its path may hold any word."""
    return "could not set lock" in str(error).lower()


def unopened(error: duckdb.Error) -> tuple[str, str]:
    """Why somebody's database does not open, and what to do about it."""
    if is_lock(error):
        return "the database is open in another process", "Close who writes to it."
    if re.search(r"version number \d", str(error)):
        return (
            f"another DuckDB wrote the database than this one ({duckdb.__version__})",
            "With that one, write the table as Parquet and name the file instead:"
            " COPY orders TO 'orders.parquet'.",
        )
    return "the database cannot be opened", "Check that it is a DuckDB file."


def held(path: Path, error: duckdb.Error) -> Held:
    """Who holds a file, as far as the engine tells."""
    found = re.search(r"\(PID (\d+)\)", str(error))
    who = f"process {found[1]}" if found else "another process"
    return Held(f"{path} is open in {who}; close it, or try again later")


def wait_until_free(path: Path, seconds: float = WAIT_SECONDS) -> None:
    """Wait for whoever has a database open; Held after so many seconds, else Unopened.

    A file that is not there is made.
    """
    keep_private()
    until = time.monotonic() + seconds
    while True:
        try:
            duckdb.connect(str(path)).close()
            break
        except duckdb.IOException as error:
            if not is_lock(error):
                raise Unopened(said(path, error)) from None
            if time.monotonic() > until:
                raise held(path, error) from None
        except duckdb.Error as error:
            raise Unopened(said(path, error)) from None
        time.sleep(0.2)
    restrict(path)


def said(path: Path, error: duckdb.Error) -> str:
    """Why the engine does not open a file, which says nothing of what is in it."""
    first = str(error).splitlines()[0]
    return (
        f"{path} cannot be opened as a DuckDB database: {first}. Name another file in"
        " WAREHOUSE_PATH, or move this one away and build again"
    )


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> str:
    """Attach a database read-only under a name, and say that name."""
    connection.sql(f"attach {quote_text(str(path))} as {quote_name(name)} (read_only)")
    return name


def flush_to_disk(path: Path) -> None:
    """Wait until a file is on the disk, or the renames and removals of a folder are."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_private() -> None:
    """What this process writes from here on is its owner's, or a group's to read."""
    os.umask(0o027 if os.environ.get(GROUP) else 0o077)


def restrict(path: Path) -> None:
    """Let the owner alone read a file or folder, and the group that GROUP names."""
    group = os.environ.get(GROUP)
    if path.stat().st_uid != os.geteuid():
        return
    if group:
        try:
            shutil.chown(path, group=int(group) if group.isdecimal() else group)
        except (LookupError, OSError) as error:
            raise Unopened(f"{GROUP}: {path} cannot be given to it: {error}") from None
    if path.is_dir():
        # what is written into it later belongs to the group as well
        path.chmod(0o2750 if group else 0o700)
    else:
        path.chmod(0o640 if group else 0o600)
