"""One load: find, check all, stage all, publish all."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.loading.contract import Table
from scripts.loading.conversion import LoadOptions, session, stage_file
from scripts.loading.discovery import (
    Fingerprint,
    FoundFile,
    find_files,
    fingerprint,
    printable,
    unreadable,
)
from scripts.loading.inspection import (
    InspectedFile,
    find_missing_columns,
    inspect_file,
)
from scripts.loading.landing import StagedFile, is_loaded, locked, publish
from scripts.loading.problems import Problem, WrongInput
from scripts.places import SAMPLE_MARK
from scripts.sample_data.folder import MARKER

Watch = Callable[[str, Iterable[FoundFile]], Iterable[FoundFile]]


@dataclass(frozen=True)
class LoadReport:
    """What a load did; skipped files had been loaded, remarks are about columns."""

    staged: tuple[StagedFile, ...]
    skipped: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass
class Checked:
    """Files that passed every check, by load id, and what to say about the others."""

    files: dict[str, tuple[InspectedFile, Fingerprint]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


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
    found = find_files(directory, tables)
    with locked(landing, f"loading {printable(str(directory))}") as work:
        checked = check(found, landing, tables, options, watch)
        staged: list[StagedFile] = []
        problems: list[Problem] = []
        by_file = {i.file: (i, seen) for i, seen in checked.files.values()}
        with session(work) as connection:
            for file in watch("Loading", list(by_file)):
                inspected, seen = by_file[file]
                try:
                    table = tables[file.table]
                    ready = stage_file(
                        connection, work, table, inspected, seen, options
                    )
                    refuse_wrong_options(file, ready)
                    staged.append(ready)
                except WrongInput as error:
                    problems += error.problems
        if problems:
            raise WrongInput(*problems)
        for ready in staged:
            publish(landing, ready)
    remarks = [
        f"{printable(inspected.file.name)}: not in the contract, not loaded:"
        f" {', '.join(inspected.extra_names)}"
        for inspected, _ in checked.files.values()
        if inspected.extra_names
    ]
    return LoadReport(tuple(staged), tuple(checked.skipped), tuple(remarks))


REMEDIES = {
    "no_time_zone": "Say where the clock stood: --time-zone Asia/Seoul",
    "bad_encoding": "Say how it is encoded: --encoding cp949 (or utf-8)",
}


def refuse_wrong_options(file: FoundFile, staged: StagedFile) -> None:
    """WrongInput when an option would mend most of a file of five rows or more."""
    for reason, remedy in REMEDIES.items():
        rows = staged.reasons.get(reason, 0)
        if staged.rows_in >= 5 and 2 * rows > staged.rows_in:
            raise WrongInput(
                Problem(
                    printable(file.name),
                    f"{rows} of {staged.rows_in} rows are {reason}",
                    remedy,
                )
            )


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
    found: list[FoundFile],
    landing: Path,
    tables: dict[str, Table],
    options: LoadOptions,
    watch: Watch,
) -> Checked:
    """Inspect each file that is not loaded yet; WrongInput lists every problem."""
    checked = Checked()
    problems: list[Problem] = []
    for file in watch("Checking", found):
        try:
            seen = fingerprint(file)
            if is_loaded(landing, seen.load_id) or seen.load_id in checked.files:
                checked.skipped.append(printable(file.name))
                continue
            inspected = inspect_file(
                file, tables[file.table], options.encoding, options.zone is not None
            )
            checked.files[seen.load_id] = (inspected, seen)
        except OSError as error:
            problems.append(unreadable(printable(file.name), error))
        except WrongInput as error:
            problems += error.problems
    problems += find_missing_columns([i for i, _ in checked.files.values()])
    if problems:
        raise WrongInput(*problems)
    return checked


def summarise(staged: Iterable[StagedFile]) -> dict[str, tuple[int, int, int, str]]:
    """Files, rows in, rows landed and rejects by reason, per table, sorted."""
    totals: dict[str, tuple[Counter[str], Counter[str]]] = {}
    for file in staged:
        counts, reasons = totals.setdefault(file.table, (Counter(), Counter()))
        counts.update(files=1, rows_in=file.rows_in, landed=file.rows_landed)
        reasons.update(file.reasons)
    return {
        table: (
            counts["files"],
            counts["rows_in"],
            counts["landed"],
            ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items())) or "-",
        )
        for table, (counts, reasons) in sorted(totals.items())
    }
