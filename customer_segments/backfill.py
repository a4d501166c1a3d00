"""Record who was in which segment on past days, each as of its own day.

Of a past day only what memberships need is built, in memory, and the day is put before
the first that is recorded, which stays as it was said. Days that are there already are
not done again, so that a run that was cut short goes on where it stopped. At the end
today is built whole.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode
from rich.console import Console

from customer_segments.building import build, run_dbt
from customer_segments.places import (
    LANDING,
    SCRATCH,
    database,
    environment,
    yesterday,
)
from customer_segments.terminal import console
from customer_segments.warehouse_file import Held, Unopened, wait_until_free

DAYS, DAILY = 90, 14
FAILED, UNUSABLE, LOCKED = 1, 2, 75
EPILOG = """\
exit codes:
  0   done
  1   a day could not be built; the days before it are recorded
  2   wrong usage, or days that are recorded would be restated; nothing was recorded
  75  another loader, build, export or reader holds the lock; try later
"""


@dataclass(frozen=True)
class Recorded:
    """Days in force in order: those of ordinary runs, and past ones put before them."""

    ordinary: tuple[date, ...]
    past: tuple[date, ...]


def schedule(first: date, last: date, today: date, daily: int = DAILY) -> list[date]:
    """The days from first to last to record: the last `daily`, weekly before."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    ages = [(today - day).days for day in days]
    return [
        day
        for day, age in zip(days, ages, strict=True)
        if age < daily or (age - daily + 1) % 7 == 0
    ]


def recorded_days(path: Path) -> Recorded:
    """What a warehouse has recorded; nothing where there is none. Unopened."""
    if not path.exists():
        return Recorded((), ())
    wait_until_free(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        try:
            found = connection.execute(
                """
                select segment_runs.as_of_date, segment_records.change
                from segment_runs
                inner join segment_records using (run_number)
                where is_in_force and change in ('run', 'past_run')
                order by 1
                """
            ).fetchall()
        except duckdb.CatalogException:
            return Recorded((), ())
    kinds = {
        kind: tuple(day for day, change in found if change == kind)
        for kind in ("run", "past_run")
    }
    return Recorded(kinds["run"], kinds["past_run"])


def record(
    days: Sequence[date], landing: Path, out: Console, is_restating: bool = False
) -> date | None:
    """Record memberships of days in their order; returns the day that failed."""
    if not days:
        return None
    given = {"landing_dir": str(landing.absolute()), "accept_quiet_day": True}
    manifest = run_dbt("parse", variables=given).result
    if not isinstance(manifest, Manifest):
        return days[0]
    keep_out_of_the_way(manifest)
    # the shop of a past day may be smaller than that of the day before it
    given |= {
        "accept_shrink": True,
        "backfill": "restated" if is_restating else "past",
    }

    def run(*command: str) -> bool:
        return run_dbt(*command, variables=given, manifest=manifest).success

    started = time.monotonic()
    with out.status("Recording past days") as status:
        if not run("seed", "--no-write-json"):
            return days[0]
        for number, day in enumerate(days):
            told = f"Recording {day}, {number + 1} of {len(days)}"
            if number:
                left = (time.monotonic() - started) * (len(days) / number - 1)
                told += f", about {left:.0f} s left"
            status.update(told)
            with environment({"AS_OF_DATE": day.isoformat(), SCRATCH: "yes"}):
                if not run("run", "--no-write-json", "--select", "+segment_runs"):
                    return day
    return None


def keep_out_of_the_way(manifest: Manifest) -> None:
    """Let what memberships are made from be built in memory, beside today's tables."""
    needed, found = {"model.customer_segments.segment_records"}, 0
    while found < len(needed):
        found = len(needed)
        needed |= {
            parent
            for name in needed
            if name in manifest.nodes
            for parent in manifest.nodes[name].depends_on_nodes
        }
    for name in needed:
        node = manifest.nodes.get(name)
        if isinstance(node, ModelNode) and node.config.materialized != "incremental":
            node.database = SCRATCH.lower()


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options; SystemExit 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="backfill.py",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, meaning in (
        ("from", f"the first day to record (default: {DAYS} days before today)"),
        ("to", "the last one (default: the day before the first that is recorded)"),
    ):
        parser.add_argument(
            f"--{name}",
            dest=f"{name}_day",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help=meaning,
        )
    parser.add_argument(
        "--daily",
        type=int,
        default=DAILY,
        metavar="DAYS",
        help="of so many last days each is recorded, and one in seven of those before"
        f" (default: {DAILY})",
    )
    parser.add_argument(
        "--restate",
        action="store_true",
        help="record days anew that are recorded, from --from on, as is known now",
    )
    parser.add_argument(
        "--landing", type=Path, default=LANDING, help="folder of what is loaded"
    )
    return parser.parse_args(argv)


def chosen_days(
    arguments: argparse.Namespace, today: date, recorded: Recorded
) -> list[date]:
    """The days to record in their order; ValueError says why none may be."""
    first_recorded = min((*recorded.ordinary, today))
    first = arguments.from_day or today - timedelta(days=DAYS)
    last = arguments.to_day or (
        today if arguments.restate else first_recorded - timedelta(days=1)
    )
    if first > last:
        raise ValueError(f"{first} is after {last}: nothing is to be recorded")
    if last > today:
        raise ValueError(f"{last} is after {today}, the day that the warehouse is of")
    days = schedule(first, last, today, arguments.daily)
    if arguments.restate:
        # a run of an earlier day puts those of later ones out of force
        after = [day for day in recorded.ordinary if day >= first]
        return sorted({*days, *after} - {today})
    if last >= first_recorded:
        raise ValueError(
            f"days from {first_recorded} on are recorded: end before it, or say"
            " --restate to record them anew as is known now"
        )
    return [day for day in days if day not in recorded.past]


def backfill(arguments: argparse.Namespace, out: Console) -> int:
    """Record what is to be recorded and build today; the exit code. Unopened."""
    recorded = recorded_days(database())
    named = os.environ.get("AS_OF_DATE")
    try:
        today = (
            date.fromisoformat(named)
            if named
            else max(recorded.ordinary, default=yesterday())
        )
        days = chosen_days(arguments, today, recorded)
    except ValueError as error:
        print(f"error: {error}.", file=sys.stderr)
        return UNUSABLE
    failed = record(days, arguments.landing, out, arguments.restate)
    if failed:
        again = f" --restate --from {failed}" if arguments.restate else ""
        print(
            f"error: {failed} could not be built (see above); the days before it are"
            f" recorded. Go on with: .venv/bin/python scripts/backfill.py{again}",
            file=sys.stderr,
        )
        return FAILED
    with out.status(f"Building and testing as of {today}"):
        built = build(today, {"accept_quiet_day": True}, arguments.landing)
    if not built.succeeded:
        return FAILED
    out.print(f"Recorded {len(days)} past days; built and tested as of {today}.")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        return backfill(parse_arguments(argv), console())
    except SystemExit as stop:
        return int(stop.code or 0)
    except Unopened as refusal:
        print(f"error: {refusal}.", file=sys.stderr)
        return LOCKED if isinstance(refusal, Held) else UNUSABLE
