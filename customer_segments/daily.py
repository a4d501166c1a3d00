"""The morning's work: load the shop's files, build the warehouse, export audiences."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
from rich.markup import escape

from customer_segments.building import build
from customer_segments.exporting import export_audiences
from customer_segments.loading import load_raw
from customer_segments.places import LANDING, WAREHOUSE, database
from customer_segments.summary import print_odd
from customer_segments.terminal import console
from customer_segments.warehouse_file import Held, Unopened

BUILD_FAILED, UNUSABLE, STOPPED, LOCKED = 1, 2, 6, 75
EPILOG = """\
exit codes:
  0   done
  1   the build failed, or something unexpected happened; nothing was exported
  2   wrong input or usage; nothing was loaded
  3   a guard or the consent check stopped the export, or an audience that names a
      segment without data stayed as it was
  4   some audiences could not be exported
  6   a guard stopped the build before anything was recorded, and nothing was exported:
      orders or events of the day are missing (--accept-quiet-day goes on), customers,
      buyers or several segments are far fewer than before (--accept-shrink), or landed
      files are gone (--accept-missing, said twice)
  75  another loader, build, export or reader holds the lock; try later
"""


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; SystemExit 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="daily.py",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files", metavar="FILES", help="folder with the shop's files, as load_raw.py"
    )
    parser.add_argument(
        "--mapping", help="how the files become raw tables (default: its mapping.yml)"
    )
    parser.add_argument(
        "--time-zone", help="zone of times that have none, where there is no mapping"
    )
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="the day to describe (default: as the project says, which is yesterday)",
    )
    parser.add_argument(
        "--landing", type=Path, default=LANDING, help="folder of what is loaded"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=WAREHOUSE / "audiences",
        help="folder for the audiences (default: warehouse/audiences)",
    )
    parser.add_argument(
        "--accept-quiet-day",
        action="store_true",
        help="go on although the day has no orders or events, or far too few",
    )
    parser.add_argument(
        "--accept-shrink",
        action="store_true",
        help="go on although there are far fewer customers, buyers or members",
    )
    parser.add_argument(
        "--accept-missing",
        action="count",
        default=0,
        help="go on although landed files are gone; said twice",
    )
    arguments = parser.parse_args(argv)
    if arguments.accept_missing == 1:
        parser.error("--accept-missing says that people are to leave; say it twice")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = parse_arguments(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    out = console()
    out.print(f"[bold]1/3[/] Loading {escape(arguments.files)}")
    options = [arguments.files, "--landing", str(arguments.landing)]
    for name in ("mapping", "time_zone"):
        value = getattr(arguments, name)
        if value is not None:
            options += [f"--{name.replace('_', '-')}", value]
    code = load_raw.main(options)
    if code:
        return code
    out.print("[bold]2/3[/] Building and testing")
    accepted = {
        name: getattr(arguments, name)
        for name in ("accept_quiet_day", "accept_shrink", "accept_missing")
        if getattr(arguments, name)
    }
    try:
        built = build(arguments.as_of, accepted, arguments.landing)
    except Unopened as refusal:
        print(f"error: {refusal}.", file=sys.stderr)
        return LOCKED if isinstance(refusal, Held) else UNUSABLE
    if built.stopped_by:
        print(
            f"error: nobody was aged, nothing was exported: {built.stopped_by}"
            " (what and where: see above).",
            file=sys.stderr,
        )
        return STOPPED
    if not built.succeeded:
        return BUILD_FAILED
    with duckdb.connect(str(database()), read_only=True) as connection:
        print_odd(connection, out)
    out.print("[bold]3/3[/] Exporting audiences")
    options = ["run", "--database", str(database()), "--out", str(arguments.out)]
    # who names the day means it, however old it is
    if arguments.as_of is not None or os.environ.get("AS_OF_DATE"):
        options += ["--max-age-days", "any"]
    return export_audiences.main(options)
