"""Bring audiences to their destinations: `scripts/export_audiences.py COMMAND`."""

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from rich.console import Console

from customer_segments.exporting.export import export, plan_only
from customer_segments.exporting.folder import explain_write
from customer_segments.exporting.ledger import attached
from customer_segments.exporting.options import (
    DONE,
    FAILED,
    ExportOptions,
    ExportReport,
    Work,
)
from customer_segments.exporting.problems import ExportProblem, WrongSpec
from customer_segments.exporting.reporting import (
    print_json,
    print_report,
    print_rows,
    print_samples,
    remark,
    report_json,
    wide_console,
)
from customer_segments.exporting.samples import CHANGED, Sample
from customer_segments.exporting.upkeep import (
    forget,
    read_status,
    reconcile,
    release_unknown,
)
from customer_segments.exporting.validating import validate
from customer_segments.places import ROOT, business_zone, database, yesterday
from customer_segments.terminal import place_of, watched

UNEXPECTED, INTERRUPTED = 1, 130
# commands that tell or ask destinations behind a network without being told to
TELLS = ("forget", "reconcile")
DESCRIPTION = """\
Whoever is in an audience is at its destination, whoever is not is not.

Wishes that were loaded after the build count: every row is checked again against the
models and, apart from them, against the raw consents, suppressions and deletion
requests. One audience that breaks a guard stops all of them; one that names a segment
without data stops alone. Who withdrew, was suppressed or asked to be forgotten leaves
every destination even then. What was sent is in a ledger beside the build; a plan is
made anew each time, removals come first.
"""
EPILOG = """\
exit codes:
  0   done
  1   something unexpected, such as a full disk; each file is the old or the new one
  2   wrong spec or usage; nothing was written
  3   a guard or the consent check stopped it, nothing was added anywhere (but people
      who asked for it were removed); or an audience names a segment without data, and
      all others were delivered
  4   some rows were rejected, all others were delivered
  5   a destination failed; what is known of each row is in the ledger, run it again
  6   the build is stale, unfinished or failed; as with 3
  20  a dry run found changes
  75  a build or another export is at work, or messages wait for their hours; try again
      later
  130 interrupted; each file is the old or the new one
"""


def age(text: str) -> int | None:
    """Whole days from 0, or None for `any`; ArgumentTypeError."""
    if text == "any":
        return None
    if not re.fullmatch("[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError("write whole days from 0, or any")
    return int(text)


def common_options() -> argparse.ArgumentParser:
    """Options of every command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--database", type=Path, default=database(), metavar="FILE")
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="what was sent where (default: ledger.duckdb beside the database)",
    )
    parser.add_argument(
        "--destinations",
        type=Path,
        metavar="FILE",
        help="settings of destinations (default: destinations.yml of the project)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for files (default: the one that destinations.yml names)",
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
        "--project-dir",
        type=Path,
        default=ROOT,
        metavar="DIR",
        help="the dbt project: its time zone, and where relative paths begin",
    )
    parser.add_argument("--format", choices=["table", "json"], default="table")
    return parser


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command and its options; SystemExit 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="export_audiences.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = common_options()

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[common],
            epilog=EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    command(
        "validate", "read audiences and destinations, and say what is wrong"
    ).add_argument(
        "--lang",
        choices=["en", "ko"],
        default="en",
        help="what is wrong with audiences",
    )
    command("plan", "what a run would change, in numbers and masked samples")
    command("preview", "some rows of each audience as they would travel, masked")
    run = command("run", "write files; tell destinations behind a network with --send")
    run.add_argument(
        "--send",
        action="store_true",
        help="tell destinations behind a network too (default: plan for them only)",
    )
    run.add_argument(
        "--spreadsheet-safe",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="a text that a spreadsheet would run as a formula gets a leading quote"
        " ('), but for phone numbers and tokens (default: yes)",
    )
    command("status", "what the ledger knows")
    command("reconcile", "ask destinations who is there, and correct the ledger")
    command("forget", "remove a person from every destination for good").add_argument(
        "--customer", required=True, metavar="ID", help="--customer=-1 for a dash"
    )
    command(
        "resend-unknown", "let messages that nobody confirmed be sent again by a run"
    ).add_argument(
        "--rejected",
        action="store_true",
        help="offer again, too, what a destination refused (default: once it changed)",
    )
    return parser.parse_args(argv)


def options_of(arguments: argparse.Namespace) -> ExportOptions:
    """The options of an export; WrongSpec when the project does not say its day."""
    project: Path = arguments.project_dir.resolve()
    built: Path = arguments.database.resolve()
    progress = Console(stderr=True)

    def watch(label: str, things: Iterable[Work]) -> Iterator[Work]:
        return watched(
            progress, label, things, lambda work: str(work.plan.line.audience)
        )

    day, zone = last_day(project)
    return ExportOptions(
        database=built,
        ledger=(arguments.ledger or built.with_name("ledger.duckdb")).resolve(),
        out=arguments.out.resolve() if arguments.out else None,
        destinations=(arguments.destinations or project / "destinations.yml").resolve(),
        project=project,
        names=arguments.audience,
        yesterday=day,
        zone=zone,
        max_age_days=arguments.max_age_days,
        spreadsheet_safe=getattr(arguments, "spreadsheet_safe", True),
        send=getattr(arguments, "send", arguments.command in TELLS),
        environ=os.environ,
        clock=now,
        watch=watch,
    )


def now() -> datetime:
    """The moment; of all there is here, only what is sent when depends on it."""
    return datetime.now(UTC)


def last_day(project: Path) -> tuple[date, ZoneInfo]:
    """The last complete business day and its zone; WrongSpec."""
    try:
        return yesterday(project), business_zone(project)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise WrongSpec(
            f"{project / 'dbt_project.yml'}: no readable business_timezone"
            f" ({type(error).__name__}); say --project-dir"
        ) from None


def say(
    arguments: argparse.Namespace,
    report: ExportReport,
    samples: Sequence[Sample] = (),
) -> int:
    """Report what an export did or would do; returns the code."""
    code = report.code
    if arguments.format == "json":
        print_json(
            {
                **report_json(report, code),
                **({"samples": [asdict(one) for one in samples]} if samples else {}),
            }
        )
        return code
    console = wide_console()
    print_report(console, report)
    if samples:
        print_samples(console, samples)
    return code


def run_command(arguments: argparse.Namespace) -> int:
    """Do what was asked for; returns the code; ExportProblem, OSError."""
    options = options_of(arguments)
    if arguments.command == "run":
        return say(arguments, export(options))
    if arguments.command in ("plan", "preview"):
        only = CHANGED if arguments.command == "plan" else None
        report, samples = plan_only(options, only)
        return say(arguments, report, samples)
    if arguments.command == "forget":
        return run_forget(arguments, options)
    if arguments.command == "resend-unknown":
        released = release_unknown(options, arguments.rejected)
        headings = ["messages", "rejected rows"]
        return print_rows(arguments.format, "released", headings, [list(released)])
    if arguments.command == "reconcile":
        return print_rows(
            arguments.format,
            "reconciled",
            ["destination", "audience", "there", "confirmed", "missing", "extra"],
            [list(asdict(one).values()) for one in reconcile(options)],
        )
    if arguments.command == "status":
        return run_status(arguments, options)
    headings = ["audience", "channel", "destination", "adapter", "state"]
    checked = validate(
        options.project, options.destinations, options.environ, arguments.lang
    )
    return print_rows(arguments.format, "audiences", headings, checked)


def run_forget(arguments: argparse.Namespace, options: ExportOptions) -> int:
    """Forget a person and say where they were; returns the code."""
    forgotten = forget(options, arguments.customer)
    code = FAILED if forgotten.failures else DONE
    rows = [[line] for line in forgotten.done] + [
        [f"{destination}: failed ({failure}); run forget again"]
        for destination, failure in forgotten.failures.items()
    ]
    return print_rows(arguments.format, "forgotten", ["what was done"], rows, code)


def run_status(arguments: argparse.Namespace, options: ExportOptions) -> int:
    """Say what the ledger knows; returns the code."""
    with attached(options.ledger) as connection:
        status = read_status(connection, options.names)
    memberships = [
        "destination", "audience", "acked", "unknown", "rejected", "released",
        "changed at",
    ]  # fmt: skip
    runs = ["command", "as of", "started at", "ended at", "exit code"]
    if arguments.format == "json":
        print_json(
            {
                "exit_code": DONE,
                "in_flight": status.in_flight,
                "memberships": [
                    dict(zip(memberships, row, strict=True))
                    for row in status.memberships
                ],
                "runs": [dict(zip(runs, row, strict=True)) for row in status.runs],
            }
        )
        return DONE
    print_rows(arguments.format, "memberships", memberships, status.memberships)
    print_rows(arguments.format, "last runs", runs, status.runs)
    if status.in_flight:
        remark(wide_console(), f"{status.in_flight} batches were in flight at the end")
    return DONE


def explain(error: BaseException) -> str:
    """An unexpected error by type and place; its text may show a customer's value."""
    return f"unexpected: {type(error).__name__} at {place_of(error)}"


def fail(arguments: argparse.Namespace, code: int, lines: Sequence[str]) -> int:
    """Say what stopped the command, as was asked for; returns the code."""
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
        code = int(stop.code or 0)
        words = sys.argv[1:] if argv is None else argv
        if code and "json" in " ".join(words).replace("=", " ").split():
            print_json({"errors": ["wrong usage; see --help"], "exit_code": code})
        return code
    try:
        return run_command(arguments)
    except ExportProblem as error:
        return fail(arguments, error.code, error.lines)
    except OSError as error:
        problem = explain_write(error)
        return fail(arguments, problem.code, problem.lines)
    except KeyboardInterrupt:
        return fail(arguments, INTERRUPTED, ["interrupted; each file is old or new"])
    except Exception as error:
        return fail(arguments, UNEXPECTED, [explain(error)])
