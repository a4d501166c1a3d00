"""Make a sample shop and build it on Apache Spark, in a folder of its own."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from datetime import date

from rich.table import Table

from customer_segments.building import run_dbt
from customer_segments.demo import deliver
from customer_segments.places import ROOT, WAREHOUSE, environment, yesterday
from customer_segments.terminal import console

FOLDER = WAREHOUSE / "demo_spark"
SAMPLE = FOLDER / "sample"
LANDING = FOLDER / "landing"
SHOWN = ("customers", "orders", "segment_members", "audience_members")


def build(as_of: date) -> bool:
    """Build and test everything as of a day; dbt prints what failed."""
    variables = {"landing_dir": str(LANDING), "as_of_date": as_of.isoformat()}
    with environment({"SPARK_WAREHOUSE": str(FOLDER / "spark")}):
        ran = run_dbt(
            "build",
            *("--target", "spark", "--target-path", str(FOLDER / "target")),
            variables=variables,
        )
    return bool(ran.success)


def counted() -> Table:
    """How many rows some tables have, asked of Spark."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    table = Table("table", "rows")
    for name in SHOWN:
        table.add_row(name, f"{session.table(f'main.{name}').count():,}")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 done, 1 a step failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    options = parser.parse_args(argv)
    os.chdir(ROOT)
    out = console()
    started = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    as_of = yesterday()
    if not deliver(out, 3, options.customers, as_of, SAMPLE, LANDING):
        return 1
    out.print(f"[bold]3/3[/] Building and testing as of {as_of}, some minutes")
    if not build(as_of):
        return 1
    out.print(counted())
    out.print(
        f"Done in {time.monotonic() - started:.0f} s. Tables lie as Parquet in "
        f"{(FOLDER / 'spark').relative_to(ROOT)}/."
    )
    return 0
