"""Load a shop's files into typed landing files: `scripts/load_raw.py DIR`."""

import argparse
import errno
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from customer_segments.loading.contract import Table, read_contract
from customer_segments.loading.discovery import FoundFile, printable
from customer_segments.loading.forecast import (
    forecast,
    link_landed,
    null_words,
    unknown_countries,
)
from customer_segments.loading.loader import LoadOptions, Watch, load
from customer_segments.loading.mapping import (
    FILE_NAME,
    Options,
    json_schema,
    known_encoding,
    known_zone,
    read_mapping,
)
from customer_segments.loading.problems import LoadFailed, LockHeld, Problem, WrongInput
from customer_segments.loading.proposing import PROPOSED, propose
from customer_segments.loading.reporting import print_check, print_load
from customer_segments.loading.suspicion import suspicions
from customer_segments.places import LANDING, ROOT, SAMPLE_MARK, business_zone
from customer_segments.terminal import console, place_of, watched
from customer_segments.warehouse_file import keep_private

CONTRACT = ROOT / "models" / "staging" / "sources.yml"
DONE, UNEXPECTED, WRONG_INPUT, BUSY, INTERRUPTED = 0, 1, 2, 75, 130
EPILOG = """\
exit codes:
  0   done, also when all files had been loaded before or rows were quarantined
  1   something unexpected, such as a full disk; what was loaded before is intact
  2   wrong input or usage; every problem is listed, nothing was loaded
  75  another loader holds the landing folder
  130 interrupted; load again
"""


def time_zone(name: str) -> str:
    """An IANA time zone; ArgumentTypeError with the nearest name."""
    try:
        return known_zone(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def encoding(name: str) -> str:
    """An encoding that Python knows; ArgumentTypeError."""
    try:
        return known_encoding(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


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
        description="Load the files of DIR into the landing folder: those that its"
        " mapping.yml names, or without one those in DIR/<raw table>/.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", type=Path, metavar="DIR", help="holds the files")
    parser.add_argument(
        "--mapping",
        type=Path,
        help="how the files become raw tables (default: mapping.yml in DIR, if any)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="load nothing; say what each file holds and what a build would do with it",
    )
    parser.add_argument(
        "--accept-rejects",
        action="store_true",
        help="load also what is quarantined for the most part",
    )
    parser.add_argument(
        "--landing",
        type=Path,
        default=LANDING,
        help="folder to write to (default: warehouse/landing of the project)",
    )
    parser.add_argument(
        "--time-zone",
        type=time_zone,
        metavar="ZONE",
        help="zone of times that have none, such as Asia/Seoul; of a time that occurs"
        " twice when clocks go back, the first is meant (with a mapping: say it there)",
    )
    parser.add_argument(
        "--encoding",
        type=encoding,
        metavar="NAME",
        default="utf-8",
        help="of all text below DIR, such as cp949 (default: %(default)s; with a"
        " mapping: say it there)",
    )
    parser.add_argument(
        "--loaded-at", type=moment, metavar="ISO", help="default: now, in UTC"
    )
    parser.add_argument(
        "--contract",
        type=Path,
        default=CONTRACT,
        help="YAML that declares the source raw",
    )
    parser.add_argument(
        "--schema",
        action=PrintSchema,
        help="print the JSON Schema of mapping.yml for editors, and stop",
    )
    return parser.parse_args(argv)


class PrintSchema(argparse.Action):
    """Prints the schema, as --help prints the help."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """SystemExit 0."""
        schema = json_schema(read_contract(CONTRACT))
        print(json.dumps(schema, ensure_ascii=False, indent=1))
        parser.exit(DONE)


def options_of(arguments: argparse.Namespace, tables: dict[str, Table]) -> LoadOptions:
    """What the command line and the mapping say; WrongInput."""
    loaded_at = arguments.loaded_at or datetime.now(UTC).replace(tzinfo=None)
    path = arguments.mapping or arguments.directory / FILE_NAME
    lookalike = path.with_suffix(".yaml")
    if not path.is_file() and arguments.mapping is None and lookalike.is_file():
        raise WrongInput(
            Problem(str(lookalike), "is not read", f"Name it {FILE_NAME}.")
        )
    if arguments.mapping is None and not path.is_file():
        reading = Options(encoding=arguments.encoding, time_zone=arguments.time_zone)
        return LoadOptions(loaded_at, reading, accepts_rejects=arguments.accept_rejects)
    if arguments.time_zone is not None or arguments.encoding != "utf-8":
        raise WrongInput(
            Problem(
                str(path),
                "is a mapping, and --time-zone or --encoding is given too",
                "Say them under defaults in the mapping.",
            )
        )
    mapping, located = read_mapping(path, tables)
    return LoadOptions(
        loaded_at,
        mapping=mapping,
        located=located,
        accepts_rejects=arguments.accept_rejects,
    )


def check(
    arguments: argparse.Namespace,
    tables: dict[str, Table],
    options: LoadOptions,
    watch: Watch,
) -> None:
    """Load into a trial folder and say what a build would do; WrongInput."""
    with TemporaryDirectory(prefix="check_") as folder:
        trial = Path(folder)
        # what a load would refuse to mix is not part of the forecast either
        if not (arguments.landing / SAMPLE_MARK).exists():
            link_landed(arguments.landing, trial)
        report = load(
            arguments.directory,
            trial,
            tables,
            replace(options, accepts_rejects=True),
            watch,
        )
        if not report.staged:
            print_load(console(), report)
            return
        oddities = null_words(trial, tables, report.staged)
        oddities += unknown_countries(trial, report.staged)
        fates, gaps = forecast(trial, tables, report.staged, options.loaded_at)
        print_check(console(), report, trial, tables, fates, oddities + gaps)
        problems = [
            problem
            for staged, fate in zip(report.staged, fates, strict=True)
            for problem in suspicions(staged, fate.faults, options.located)
        ]
    if problems and not options.accepts_rejects:
        raise WrongInput(*problems)


def is_unmapped(arguments: argparse.Namespace, tables: dict[str, Table]) -> bool:
    """Whether files lie in a folder of which nothing says what they are."""
    folder = arguments.directory
    return (
        arguments.mapping is None
        and folder.is_dir()
        and not (folder / FILE_NAME).exists()
        and not any(path.is_dir() and path.name in tables for path in folder.iterdir())
    )


def proposed(folder: Path) -> Path:
    """Print a mapping proposed for the files of a folder, and write it there.

    WrongInput when nothing is known of them.
    """
    with TemporaryDirectory(prefix="proposed_") as work:
        text = propose(folder, Path(work), str(business_zone()))
    path = folder / PROPOSED
    path.write_text(text, encoding="utf-8")
    out = console()
    out.print(text, markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"Nothing is loaded. The mapping above is {path}: read each line, correct it"
        f" and save it as {FILE_NAME}. A build would do this with it as it stands:",
        markup=False,
        soft_wrap=True,
    )
    return path


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
    return (
        f"unexpected: {reason} at {place_of(error)}. Load again: a file counts once it"
        " is whole."
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
    keep_private()
    progress = Console(stderr=True)

    def watch(label: str, files: Iterable[FoundFile]) -> Iterator[FoundFile]:
        return watched(progress, label, files, lambda file: printable(file.name))

    try:
        tables = read_contract(arguments.contract)
        if arguments.check and is_unmapped(arguments, tables):
            arguments.mapping = proposed(arguments.directory)
        options = options_of(arguments, tables)
        if arguments.check:
            check(arguments, tables, options, watch)
        else:
            report = load(
                arguments.directory, arguments.landing, tables, options, watch
            )
            print_load(console(), report)
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
    return DONE
