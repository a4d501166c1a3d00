"""Write audiences to files, wishes read again first: `scripts/export_audiences.py`."""

import argparse
import json
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import yaml
from rich.console import Console
from rich.table import Table

from scripts.exporting.export import (
    ExportOptions,
    ExportReport,
    export,
)
from scripts.exporting.folder import explain_write
from scripts.exporting.problems import ExportProblem, WrongSpec
from scripts.places import ROOT, database, yesterday
from scripts.terminal import watched

DONE, UNEXPECTED, REJECTED, INTERRUPTED = 0, 1, 4, 130
PIPE_WIDTH = 160
DESCRIPTION = """\
Write <out>/<audience>.csv for each audience, and <out>/manifest.json last.

Wishes that were loaded after the build count: every row is checked again against the
models and, apart from them, against the raw consents, suppressions and deletion
requests. One audience that breaks a guard stops all of them; who withdrew, was
suppressed or asked to be forgotten leaves the old files even then.

A text that a spreadsheet would run as a formula gets a leading quote ('), but for phone
numbers and tokens (+821012345678 stays as it is: it holds no call). Programs that want
each value untouched read files written with --no-spreadsheet-safe.
"""
EPILOG = """\
exit codes:
  0   done
  1   something unexpected, such as a full disk; each file is the old or the new one
  2   wrong spec or usage; nothing was written
  3   a guard or the consent check stopped it, nothing was written (but removals that
      people asked for)
  4   some rows were rejected for their characters, all others were written
  6   the build is stale, unfinished or failed; as with 3
  75  a build or another export is at work; try again later
"""


def age(text: str) -> int | None:
    """Whole days from 0, or None for `any`; ArgumentTypeError."""
    if text == "any":
        return None
    if not re.fullmatch("[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError("write whole days from 0, or any")
    return int(text)


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; SystemExit 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="export_audiences.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", type=Path, default=database(), metavar="FILE")
    parser.add_argument(
        "--out", type=Path, default=Path("warehouse/audiences"), metavar="DIR"
    )
    parser.add_argument(
        "--audience", action="append", default=[], metavar="NAME", help="default: all"
    )
    parser.add_argument(
        "--max-age-days",
        type=age,
        default=3,
        metavar="N",
        help="refuse a build of a day that is more days before yesterday, or that is"
        " not over; `any` for a demonstration with a fixed as_of_date (default: 3)",
    )
    parser.add_argument(
        "--spreadsheet-safe",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="make formulas inert (default: yes)",
    )
    parser.add_argument(
        "--project-dir",
        type=Path,
        default=ROOT,
        metavar="DIR",
        help="the dbt project: its time zone, and where relative paths begin",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")
    return parser.parse_args(argv)


def in_words(counts: Mapping[str, int], most: int | None = None) -> str:
    """Counts by reason, the largest first; `-` for none."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{reason} {rows:,}" for reason, rows in ranked[:most])
    return f"{shown}, …" if most is not None and len(ranked) > most else shown or "-"


def print_table(console: Console, report: ExportReport, out: Path) -> None:
    """The closing table: how members became rows."""
    grid = Table(title=f"audiences as of {report.as_of_date}", title_justify="left")
    for heading in ("audience", "channel"):
        grid.add_column(heading, overflow="fold")
    for heading in ("members", "sendable"):
        grid.add_column(heading, justify="right")
    for heading in ("excluded", "dropped since the build"):
        grid.add_column(heading, overflow="fold")
    grid.add_column("rows", justify="right")
    grid.add_column("file", overflow="fold")
    for name, entry in report.entries.items():
        grid.add_row(
            name,
            entry["channel"],
            f"{entry['members']:,}",
            f"{entry['sendable']:,}",
            in_words(entry["excluded"], most=2),
            in_words(entry["dropped"]),
            f"{entry['rows']:,}",
            entry["file"],
        )
    console.print(grid, markup=False)
    for name, entry in report.entries.items():
        if entry["rejected"]:
            remark(console, f"{name}: rejected: {in_words(entry['rejected'])}")
        if entry["guarded_cells"]:
            remark(console, f"{name}: made inert: {entry['guarded_cells']:,} cells")
    for file in report.removed:
        remark(console, f"{file}: removed, its audience is no more")
    remark(console, f"in {out}")


def remark(console: Console, text: str) -> None:
    """A line of its own, whatever it holds."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def print_json(content: Mapping[str, object]) -> None:
    """A document for a scheduler; keys are sorted."""
    print(json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True))


def explain(error: BaseException) -> str:
    """An unexpected error by type and place; its text may show a customer's value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"unexpected: {type(error).__name__} at {place}"


def last_day(project: Path) -> date:
    """The last complete business day; WrongSpec when the project does not say."""
    try:
        return yesterday(project)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise WrongSpec(
            f"{project / 'dbt_project.yml'}: no readable business_timezone"
            f" ({type(error).__name__}); say --project-dir"
        ) from None


def run(arguments: argparse.Namespace) -> int:
    """Export and report; ExportProblem, OSError."""
    out: Path = arguments.out.resolve()
    project: Path = arguments.project_dir.resolve()
    progress = Console(stderr=True)
    report = export(
        ExportOptions(
            database=arguments.database.resolve(),
            out=out,
            project=project,
            names=arguments.audience,
            yesterday=last_day(project),
            max_age_days=arguments.max_age_days,
            spreadsheet_safe=arguments.spreadsheet_safe,
        ),
        lambda label, audiences: watched(
            progress, label, audiences, lambda audience: audience.name
        ),
    )
    code = REJECTED if report.rejected else DONE
    if arguments.format == "json":
        print_json(
            {
                "as_of_date": report.as_of_date.isoformat(),
                "audiences": report.entries,
                "exit_code": code,
                "removed": report.removed,
            }
        )
    else:
        console = Console()
        wide = console if console.is_terminal else Console(width=PIPE_WIDTH)
        print_table(wide, report, arguments.out)
    return code


def fail(arguments: argparse.Namespace, code: int, lines: Sequence[str]) -> int:
    """Say what stopped the export, as was asked for; returns the code."""
    for line in lines:
        print(f"error: {line}", file=sys.stderr)
    if arguments.format == "json":
        print_json({"errors": list(lines), "exit_code": code})
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = parse_arguments(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        return run(arguments)
    except ExportProblem as error:
        return fail(arguments, error.code, error.lines)
    except OSError as error:
        problem = explain_write(arguments.out, error)
        return fail(arguments, problem.code, problem.lines)
    except KeyboardInterrupt:
        return fail(arguments, INTERRUPTED, ["interrupted; each file is old or new"])
    except Exception as error:
        return fail(arguments, UNEXPECTED, [explain(error)])


if __name__ == "__main__":
    sys.exit(main())
