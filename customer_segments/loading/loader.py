"""One load: find, check all, stage all, publish all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from customer_segments.loading.contract import Table
from customer_segments.loading.conversion import session, stage_file
from customer_segments.loading.discovery import (
    Fingerprint,
    FoundFile,
    find_files,
    find_mapped_files,
    fingerprint,
    printable,
    unreadable,
)
from customer_segments.loading.inspection import (
    InspectedFile,
    find_missing_columns,
    inspect_file,
)
from customer_segments.loading.landing import StagedFile, is_loaded, locked, publish
from customer_segments.loading.mapping import Options, ShopMapping
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.loading.quoting import quote_name, quote_text
from customer_segments.loading.suspicion import refuse_mostly_rejected
from customer_segments.loading.unpacking import unpack
from customer_segments.places import SAMPLE_MARK
from customer_segments.sample_shop.folder import MARKER
from customer_segments.warehouse_file import unopened
from customer_segments.yaml_files import Written

Watch = Callable[[str, Iterable[FoundFile]], Iterable[FoundFile]]


@dataclass(frozen=True)
class LoadOptions:
    """What the command line says; loaded_at is in UTC without a zone.

    Without a mapping, folders and columns are named as in the contract.
    """

    loaded_at: datetime
    reading: Options = field(default_factory=Options)
    mapping: ShopMapping | None = None
    located: Written | None = None
    accepts_rejects: bool = False


@dataclass(frozen=True)
class LoadReport:
    """What a load did; skipped files had been loaded in the same way."""

    staged: tuple[StagedFile, ...]
    inspected: tuple[InspectedFile, ...]
    skipped: tuple[FoundFile, ...]


@dataclass
class Checked:
    """Files that passed every check, and those loaded before."""

    files: list[tuple[InspectedFile, Fingerprint]] = field(default_factory=list)
    skipped: list[FoundFile] = field(default_factory=list)


def unwatched(_: str, files: Iterable[FoundFile]) -> Iterable[FoundFile]:
    """No progress."""
    return files


def load(
    directory: Path,
    landing: Path,
    tables: dict[str, Table],
    options: LoadOptions,
    watch: Watch = unwatched,
) -> LoadReport:
    """Load what is new below a folder; WrongInput, LockHeld, LoadFailed, OSError."""
    refuse_mixing(directory, landing)
    if options.mapping is None:
        found = find_files(directory, tables, options.reading)
    else:
        found = find_mapped_files(directory, options.mapping)
    with locked(landing, f"loading {printable(str(directory))}") as work:
        found = [at_hand(work, file) for file in found]
        checked = check(found, landing, tables, work, watch)
        staged: list[StagedFile] = []
        problems: list[Problem] = []
        waiting = watch("Loading", [inspected.file for inspected, _ in checked.files])
        with session(work) as connection:
            for file, (inspected, seen) in zip(waiting, checked.files, strict=True):
                try:
                    one = stage_file(
                        connection,
                        work,
                        tables[file.table],
                        inspected,
                        seen,
                        options.loaded_at,
                    )
                    if not options.accepts_rejects:
                        refuse_mostly_rejected(one, options.located)
                    staged.append(one)
                except WrongInput as error:
                    problems += error.problems
        if problems:
            raise WrongInput(*problems)
        for one in staged:
            publish(landing, one)
    return LoadReport(
        tuple(staged),
        tuple(inspected for inspected, _ in checked.files),
        tuple(checked.skipped),
    )


def at_hand(work: Path, file: FoundFile) -> FoundFile:
    """A file as it is, or unpacked; of a table in a database, a copy. WrongInput.

    What several sources read is unpacked or copied once.
    """
    folder = work / "at_hand"
    folder.mkdir(exist_ok=True)
    origin = f"{file.path}|{file.member}|{file.source.table}"
    target = folder / f"{sha256(origin.encode()).hexdigest()[:16]}.parquet"
    if target.exists():
        return replace(file, path=target)
    name = printable(file.name)
    if file.format != "table":
        stored = None if file.member is None else file.member.stored
        try:
            key = file.source.password_env
            return replace(file, path=unpack(file.path, name, stored, target, key))
        except OSError as error:
            raise WrongInput(unreadable(name, error)) from error
    parts = (file.source.table or "").split(".")
    relation = ".".join(quote_name(part) for part in parts)
    if not file.path.is_file():
        raise WrongInput(Problem(name, "no such database", "Correct database:."))
    try:
        with duckdb.connect(str(file.path), read_only=True) as connection:
            connection.execute(
                f"copy (from {relation}) to {quote_text(str(target))} (format parquet)"
            )
    except duckdb.CatalogException as error:
        raise WrongInput(
            Problem(name, "no such table in the database", "Correct table:.")
        ) from error
    except duckdb.IOException as error:
        raise WrongInput(Problem(name, *unopened(error))) from error
    return replace(file, path=target)


def refuse_mixing(directory: Path, landing: Path) -> None:
    """WrongInput when the landing folder holds a sample and the folder is none."""
    if (landing / SAMPLE_MARK).exists() and not (directory / MARKER).exists():
        raise WrongInput(
            Problem(
                str(landing),
                "it holds the sample of the demo, whose people would mix with yours",
                f"Part with the sample: rm -rf {landing} warehouse/build.duckdb"
                " warehouse/audiences",
            )
        )


def check(
    found: Sequence[FoundFile],
    landing: Path,
    tables: dict[str, Table],
    work: Path,
    watch: Watch,
) -> Checked:
    """Inspect each file that is not loaded yet; WrongInput lists every problem."""
    checked = Checked()
    problems: list[Problem] = []
    seen_ids: set[str] = set()
    for file in watch("Checking", found):
        try:
            seen = fingerprint(file)
            loaded = is_loaded(landing, file.table, seen.load_id, file.source.digest)
            if loaded or seen.load_id in seen_ids:
                checked.skipped.append(file)
                continue
            seen_ids.add(seen.load_id)
            checked.files.append((inspect_file(file, tables[file.table], work), seen))
        except OSError as error:
            problems.append(unreadable(printable(file.name), error))
        except WrongInput as error:
            problems += error.problems
    problems += find_missing_columns([inspected for inspected, _ in checked.files])
    if problems:
        raise WrongInput(*problems)
    return checked
