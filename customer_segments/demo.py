"""Build a sample shop with 90 days of history, export its audiences, write pages."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date, timedelta
from pathlib import Path

import duckdb
from rich.console import Console

from customer_segments.backfill import DAYS, record, schedule
from customer_segments.building import build
from customer_segments.exporting import export_audiences
from customer_segments.loading import load_raw
from customer_segments.pages import segment_pages
from customer_segments.places import (
    LANDING,
    ROOT,
    SAMPLE_MARK,
    WAREHOUSE,
    database,
    yesterday,
)
from customer_segments.sample_shop import seed_sample_data
from customer_segments.summary import print_summary
from customer_segments.terminal import console

SAMPLE = WAREHOUSE / "sample"
AUDIENCES = WAREHOUSE / "audiences"
MARK = LANDING / SAMPLE_MARK


def clear() -> bool:
    """Remove what an earlier demo made; False when the data is somebody's own."""
    has_data = LANDING.is_dir() and any(LANDING.iterdir())
    if (has_data or database().exists()) and not MARK.is_file():
        return False
    shutil.rmtree(LANDING, ignore_errors=True)
    shutil.rmtree(AUDIENCES, ignore_errors=True)
    ledger = database().with_name("ledger.duckdb")
    for leftover in (
        *database().parent.glob(f"{database().name}*"),
        *ledger.parent.glob(f"{ledger.name}*"),
    ):
        leftover.unlink()
    LANDING.mkdir(parents=True)
    MARK.touch()
    return True


def deliver(
    out: Console, steps: int, customers: int, as_of: date, sample: Path, landing: Path
) -> bool:
    """Make a sample shop and load it: the first two of some steps."""
    out.print(f"[bold]1/{steps}[/] A sample shop up to {as_of}")
    made = ["--customers", str(customers), "--as-of", as_of.isoformat()]
    if seed_sample_data.main([*made, "--out", str(sample)]):
        return False
    out.print(f"[bold]2/{steps}[/] Loading it")
    return load_raw.main([str(sample), "--landing", str(landing)]) == 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 done, 1 a step failed, 2 the warehouse holds other data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    options = parser.parse_args(argv)
    os.chdir(ROOT)
    out = console()
    started = time.monotonic()
    if not clear():
        print(
            f"{LANDING} or {database()} holds what the demo did not make. "
            "Move it away, or build it with: .venv/bin/dbt build",
            file=sys.stderr,
        )
        return 2
    as_of = yesterday()
    if not deliver(out, 5, options.customers, as_of, SAMPLE, LANDING):
        return 1
    step = time.monotonic()
    first, last = as_of - timedelta(days=DAYS), as_of - timedelta(days=1)
    days = schedule(first, last, as_of)
    if record(days, LANDING, out):
        return 1
    out.print(
        f"[bold]3/5[/] Recorded {len(days)} days from {first} on:"
        f" {time.monotonic() - step:.0f} s"
    )
    step = time.monotonic()
    with out.status(f"Building and testing as of {as_of}"):
        # the sample is whole, however few orders a day its customers place
        built = build(as_of, {"accept_quiet_day": True})
    if not built.succeeded:
        return 1
    seconds = time.monotonic() - step
    out.print(f"[bold]4/5[/] Built and tested as of {as_of}: {seconds:.0f} s")
    out.print("[bold]5/5[/] Exporting audiences, writing pages")
    told = io.StringIO()
    with redirect_stdout(told):
        code = export_audiences.main(
            ["run", "--database", str(database()), "--out", str(AUDIENCES)]
        ) or segment_pages.main(["--database", str(database())])
    if code:
        print(told.getvalue(), file=sys.stderr)
        return 1
    with duckdb.connect(str(database()), read_only=True) as connection:
        print_summary(connection, out)
        (customer,) = connection.sql(
            "select min(customer_id) from segment_members where segment = "
            "(select min(segment) from segments where customer_count > 0)"
        ).fetchone() or ("",)
    out.print(
        f"""
Done in {time.monotonic() - started:.0f} s. Where to look
  warehouse/build.duckdb   the tables: customers, orders, segments, segment_members, …
  warehouse/audiences/     one CSV for each audience, and manifest.json
  warehouse/pages/         a page for each segment: segments/index.html
  warehouse/sample/        the raw files the sample shop delivered

What to run next
  make why CUSTOMER={customer}
  .venv/bin/dbt build      the same build again, as of yesterday
  make docs                every table and column explained: target/static_index.html
"""
    )
    return 0
