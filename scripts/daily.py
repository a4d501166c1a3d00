"""The morning's work: load the shop's files, build the warehouse, export audiences."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripts import export_audiences, load_raw
from scripts.building import build
from scripts.places import LANDING, WAREHOUSE, database
from scripts.terminal import console

DONE, BUILD_FAILED, QUIET_DAY = 0, 1, 6
EPILOG = """\
exit codes:
  0   done
  1   the build failed, or something unexpected happened; nothing was exported
  2   wrong input or usage; nothing was loaded
  3   a guard or the consent check stopped the export
  4   some audiences could not be exported
  6   the day seems to be missing: orders or events have no row, or far too few. Nobody
      was aged and nothing was exported. Load the missing file and run again, or go on
      with --accept-quiet-day
  75  another loader, build or export holds the lock; try later
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
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        arguments = parse_arguments(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    out = console()
    out.print(f"[bold]1/3[/] Loading {arguments.files}")
    options = [arguments.files, "--landing", str(arguments.landing)]
    for name in ("mapping", "time_zone"):
        value = getattr(arguments, name)
        if value is not None:
            options += [f"--{name.replace('_', '-')}", value]
    code = load_raw.main(options)
    if code:
        return code
    out.print("[bold]2/3[/] Building and testing")
    built = build(arguments.as_of, arguments.accept_quiet_day, arguments.landing)
    if built.is_quiet_day:
        print(
            "error: the day seems to be missing (see above); nobody was aged, nothing"
            " was exported. Load the missing file and run again, or go on with"
            " --accept-quiet-day.",
            file=sys.stderr,
        )
        return QUIET_DAY
    if not built.succeeded:
        return BUILD_FAILED
    out.print("[bold]3/3[/] Exporting audiences")
    options = ["run", "--database", str(database()), "--out", str(arguments.out)]
    # who names the day means it, however old it is
    if arguments.as_of is not None or os.environ.get("AS_OF_DATE"):
        options += ["--max-age-days", "any"]
    return export_audiences.main(options)


if __name__ == "__main__":
    sys.exit(main())
