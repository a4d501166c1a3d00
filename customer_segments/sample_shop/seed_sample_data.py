"""Write an invented shop as raw tables: `scripts/seed_sample_data.py --out DIR`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import NoReturn

from rich.console import Console
from rich.progress import Progress

from customer_segments.places import ROOT, yesterday
from customer_segments.sample_shop.folder import FolderRefused, write_sample
from customer_segments.sample_shop.steps import Arguments

DONE, REFUSED = 0, 2
EPILOG = """\
exit codes:
  0  done
  1  something unexpected, such as a full disk; an older sample is untouched
  2  an argument makes no sense, or the folder holds something else; nothing is written
"""


def whole_number(least: int, most: int, text: str) -> int:
    """A whole number in a range; ArgumentTypeError otherwise."""
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {least} to {most}"
        )
    return int(text)


def day(text: str) -> date:
    """A day from 2000 to 2099 as YYYY-MM-DD; ArgumentTypeError otherwise."""
    try:
        parsed = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        parsed = date.min
    if not 2000 <= parsed.year <= 2098:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a day from 2000-01-01 to 2098-12-31, like 2026-07-31"
        )
    return parsed


def share(text: str) -> float:
    """A share from 0 to 0.5; ArgumentTypeError otherwise."""
    try:
        parsed = float(text)
    except ValueError:
        parsed = -1.0
    if not 0 <= parsed <= 0.5:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to 0.5")
    return parsed


class OneLineParser(argparse.ArgumentParser):
    """Says in one line what is wrong with an argument."""

    def error(self, message: str) -> NoReturn:
        """Exit with REFUSED."""
        self.exit(REFUSED, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    described = OneLineParser(
        prog=Path(__file__).name,
        description=(__doc__ or "").split(":")[0] + ".",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = described.add_argument
    add(
        "--customers",
        type=lambda text: whole_number(1, 10_000_000, text),
        default=10_000,
        help="how many customers; more only adds some (default 10000)",
    )
    add(
        "--days",
        type=lambda text: whole_number(1, 3650, text),
        default=730,
        help="how many days, the last of which is --as-of (default 730)",
    )
    add("--as-of", type=day, help="last day (default: yesterday)")
    add(
        "--seed",
        type=lambda text: whole_number(0, 2**31 - 1, text),
        default=1,
        help="another seed is another shop (default 1)",
    )
    add(
        "--dirt",
        type=share,
        default=0.002,
        help="broken rows added, as a share of the good ones (default 0.002)",
    )
    add(
        "--format",
        choices=["parquet", "csv", "shop-csv"],
        default="parquet",
        help="shop-csv is what a Korean shop exports, with a mapping.yml to read it",
    )
    add(
        "--encoding",
        choices=["utf-8", "cp949"],
        default="utf-8",
        help="of shop-csv (default utf-8, with a byte order mark)",
    )
    add(
        "--kind",
        choices=["all", "shop", "app", "b2b"],
        default="all",
        help="shop: members who buy; app, b2b: users and companies of a sister product"
        " with plans; all: seven members to one of those (default all)",
    )
    add(
        "--oversized",
        type=lambda text: whole_number(0, 100, text),
        default=0,
        help="records of 16 MB each that no reader should take, in CSV (default 0)",
    )
    add(
        "--out",
        type=Path,
        default=ROOT / "warehouse" / "sample",
        help="folder to write; a sample in it is replaced (default warehouse/sample)",
    )
    add(
        "--threads",
        type=lambda text: whole_number(1, 256, text),
        help="chunks of customers written side by side; changes no byte (default 2)",
    )
    return described


def contradiction(arguments: Arguments) -> str | None:
    """What two arguments say against each other, and the way out; None = nothing."""
    if arguments.encoding != "utf-8" and arguments.format != "shop-csv":
        return "--encoding cp949 is for exports of a shop; add --format shop-csv"
    if arguments.oversized and arguments.format == "parquet":
        return "--oversized is for text; add --format csv or shop-csv"
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Write the sample that the arguments describe; see the exit codes in the help."""
    try:
        given = parser().parse_args(argv)
    except SystemExit as stopped:
        return int(stopped.code or 0)
    arguments = Arguments(
        customers=given.customers,
        days=given.days,
        as_of=given.as_of or yesterday(),
        seed=given.seed,
        dirt=given.dirt,
        format=given.format,
        encoding=given.encoding,
        oversized=given.oversized,
        kind=given.kind,
    )
    if problem := contradiction(arguments):
        print(f"{Path(__file__).name}: {problem}", file=sys.stderr)
        return REFUSED
    started = perf_counter()
    errors = Console(stderr=True)
    try:
        with Progress(
            console=errors, transient=True, disable=not errors.is_terminal
        ) as shown:
            task = shown.add_task("customers", total=arguments.customers)
            sizes = write_sample(
                given.out,
                arguments,
                given.threads,
                lambda done: shown.update(task, completed=done),
            )
    except FolderRefused as refused:
        print(f"{Path(__file__).name}: {refused}", file=sys.stderr)
        return REFUSED
    for table, size in sizes.items():
        print(f"{table:<20}{size.rows:>12,}{size.dirty:>10,} dirty")
    print(f"as of {arguments.as_of}, {perf_counter() - started:.1f} s: {given.out}")
    return DONE
