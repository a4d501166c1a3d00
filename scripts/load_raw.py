"""Load files as they came into typed landing files: `scripts/load_raw.py DIR`."""

import argparse
import errno
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from rich.progress import Progress
from rich.table import Table as Grid

from scripts.loading.contract import read_contract
from scripts.loading.conversion import LoadOptions
from scripts.loading.discovery import FoundFile, printable
from scripts.loading.loader import LoadReport, load, summarise
from scripts.loading.problems import LoadFailed, LockHeld, WrongInput
from scripts.places import ROOT

DONE, UNEXPECTED, WRONG_INPUT, BUSY, INTERRUPTED = 0, 1, 2, 75, 130
EPILOG = """\
exit codes:
  0   done, also when all files had been loaded before or rows were quarantined
  1   something unexpected, such as a full disk; what was loaded before is intact
  2   wrong input or usage; every problem is listed, nothing was loaded
  75  another loader holds the landing folder
  130 interrupted; load again
"""


def time_zone(name: str) -> ZoneInfo:
    """An IANA time zone; ArgumentTypeError with the nearest name."""
    try:
        if name not in available_timezones():
            raise ZoneInfoNotFoundError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = get_close_matches(name, sorted(available_timezones()), 1)
        hint = f"; did you mean {near[0]}?" if near else "; say one like Asia/Seoul"
        raise argparse.ArgumentTypeError(f"no time zone {name!r}{hint}") from error


def moment(text: str) -> datetime:
    """An ISO 8601 time in UTC without a zone; UTC if none is said."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None:
            return parsed
        return parsed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ISO 8601 time such as 2026-01-31T09:00:00Z"
        ) from error


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; SystemExit 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="load_raw.py",
        description="Load DIR/<raw table>/*.csv and *.parquet into the landing folder.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "directory", type=Path, metavar="DIR", help="holds a folder per raw table"
    )
    parser.add_argument(
        "--landing",
        type=Path,
        default=Path("warehouse/landing"),
        help="folder to write to (default: %(default)s)",
    )
    parser.add_argument(
        "--time-zone",
        type=time_zone,
        metavar="ZONE",
        help="zone of times that have none, such as Asia/Seoul; of a time that occurs"
        " twice when clocks go back, the first is meant",
    )
    parser.add_argument(
        "--encoding",
        choices=["utf-8", "cp949"],
        default="utf-8",
        help="of all CSV files below DIR (default: %(default)s)",
    )
    parser.add_argument(
        "--loaded-at", type=moment, metavar="ISO", help="default: now, in UTC"
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=ROOT / "models" / "staging" / "sources.yml",
        help="YAML that declares the source raw",
    )
    return parser.parse_args(argv)


def watch_files(
    console: Console, label: str, files: Iterable[FoundFile]
) -> Iterator[FoundFile]:
    """The files, with a progress bar on a terminal."""
    waiting = list(files)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=len(waiting))
        for file in waiting:
            progress.update(task, description=f"{label} {printable(file.name)}")
            yield file
            progress.advance(task)


def print_report(console: Console, report: LoadReport) -> None:
    """The closing table: files and rows per raw table."""
    for remark in report.remarks:
        console.print(remark, markup=False, soft_wrap=True)
    if report.skipped:
        console.print(f"already loaded: {len(report.skipped)} files")
    grid = Grid("table", "files", "rows in", "landed", "quarantined")
    for table, (files, rows_in, landed, reasons) in summarise(report.staged).items():
        grid.add_row(table, str(files), f"{rows_in:,}", f"{landed:,}", reasons)
    if report.staged:
        console.print(grid)


def explain(error: BaseException) -> str:
    """An unexpected error without its message, which could show a customer's value."""
    if isinstance(error, OSError) and error.errno is not None:
        reason = error.strerror
    else:
        reason = type(error).__name__
    if is_disk_full(error):
        return (
            "no space left on the disk. What was loaded before is intact;"
            " make room and load again."
        )
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return (
        f"unexpected: {reason} at {place}. Load again: a file counts once it is whole."
    )


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk is full, as Python or as DuckDB says it."""
    return (isinstance(error, OSError) and error.errno == errno.ENOSPC) or (
        "No space left on device" in str(error)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = parse_arguments(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    progress = Console(stderr=True)
    try:
        report = load(
            arguments.directory,
            arguments.landing,
            read_contract(arguments.contract),
            LoadOptions(
                arguments.loaded_at or datetime.now(UTC).replace(tzinfo=None),
                arguments.time_zone,
                arguments.encoding,
            ),
            lambda label, files: watch_files(progress, label, files),
        )
    except WrongInput as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        return WRONG_INPUT
    except LockHeld as error:
        print(f"error: {error}", file=sys.stderr)
        return BUSY
    except LoadFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return UNEXPECTED
    except KeyboardInterrupt:
        print(
            "error: interrupted; load again: a file counts once it is whole",
            file=sys.stderr,
        )
        return INTERRUPTED
    except Exception as error:
        print(f"error: {explain(error)}", file=sys.stderr)
        return UNEXPECTED
    console = Console()
    print_report(console if console.is_terminal else Console(width=120), report)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
