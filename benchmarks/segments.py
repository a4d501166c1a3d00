"""What more rules cost: 40 and 100 of the library on the same customers, in one run.

Measured is the SQL that decides: the facts that the rules ask for and a family of them.
Printed are processor seconds, the median of some repeats that take turns.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb

from customer_segments.build_record import opened_build
from customer_segments.building import run_dbt
from customer_segments.loading import load_raw
from customer_segments.places import WAREHOUSE, environment, yesterday
from customer_segments.rules.project import Family, Relation
from customer_segments.rules.rendering import Host, open_project
from customer_segments.rules.trial import references
from customer_segments.sample_shop import seed_sample_data
from customer_segments.terminal import console, table

FAMILY = "behaviour_segments"
FACTS = "int_rule_facts"


def prepare(folder: Path, customers: int) -> Path:
    """Build a sample of so many customers, unless the folder has it; its database."""
    database = folder / "bench.duckdb"
    if database.exists():
        return database
    folder.mkdir(parents=True, exist_ok=True)
    raw, landing = str(folder / "raw"), str(folder / "landing")
    day = yesterday().isoformat()
    made = seed_sample_data.main(
        ["--customers", str(customers), "--as-of", day, "--out", raw]
    )
    if made or load_raw.main([raw, "--landing", landing]):
        raise SystemExit("The sample could not be made: look above.")
    # views know the name of the file, so only the folder tells that it is unfinished
    unfinished = folder / "unfinished" / database.name
    unfinished.parent.mkdir(exist_ok=True)
    unfinished.unlink(missing_ok=True)
    variables = {"landing_dir": landing, "accept_quiet_day": True}
    with environment({"WAREHOUSE_PATH": str(unfinished), "AS_OF_DATE": day}):
        ran = run_dbt("seed", variables=variables)
        if ran.success:
            ran = run_dbt("run", "--select", f"+{FACTS}", variables=variables)
    if not ran.success:
        raise SystemExit("The sample could not be built: look above.")
    unfinished.rename(database)
    return database


def rules_of(project_families: Sequence[Family], count: int, seed: int) -> list[object]:
    """So many segments of the library, drawn; those that refer to others are left."""
    alone = [
        segment
        for family in project_families
        for segment in family.segments
        if not references(segment)
    ]
    if len(alone) < count:
        raise SystemExit(f"Only {len(alone)} rules of the library stand alone.")
    return random.Random(seed).sample(alone, len(alone))[:count]


def described_day(connection: duckdb.DuckDBPyConnection, database: str) -> str:
    """The day that the build describes."""
    found = connection.execute(
        f'select max(as_of_date)::varchar from "{database}".main.rfm_thresholds'
    ).fetchone()
    assert found is not None
    return str(found[0])


def decide(
    connection: duckdb.DuckDBPyConnection, database: str, rules: list[object]
) -> tuple[float, float]:
    """Decide rules for everybody: seconds of compiling, processor seconds of SQL."""
    project = open_project().with_segments([Family(FAMILY, "bench.yml", rules)])
    names = (FACTS, FAMILY)
    host = Host(
        project,
        database=database,
        connection=connection,
        variables={"as_of_date": described_day(connection, database)},
        stand_ins={name: Relation("temp", "main", name) for name in names},
        command="run",
    )
    started = time.process_time()
    spent = 0.0
    for name in names:
        sql = host.render(name)
        began = time.process_time()
        connection.execute(f'create or replace temp table "{name}" as {sql}')
        spent += time.process_time() - began
    return time.process_time() - started - spent, spent


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures; 0 done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--counts", type=int, nargs=2, default=(40, 100))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    folder = WAREHOUSE / f"bench_{options.customers}"
    families = open_project().families()
    spent: dict[int, list[tuple[float, float]]] = {n: [] for n in options.counts}
    built = prepare(folder, options.customers)
    with opened_build(built) as (connection, database):
        for _ in range(options.repeats):
            for count in options.counts:
                rules = rules_of(families, count, options.seed)
                spent[count].append(decide(connection, database, rules))
    medians = {
        count: tuple(statistics.median(one) for one in zip(*runs, strict=True))
        for count, runs in spent.items()
    }
    few, many = options.counts
    console().print(
        table(
            f"\n{options.customers:,} customers, {options.repeats} repeats",
            ["rules", "compiled in (s)", "decided in (processor s)", "slowest"],
            [
                (
                    count,
                    f"{medians[count][0]:.2f}",
                    f"{medians[count][1]:.2f}",
                    f"{max(one[1] for one in spent[count]):.2f}",
                )
                for count in options.counts
            ],
        )
    )
    ratio = medians[many][1] / medians[few][1]
    console().print(f"{many} rules cost {ratio:.2f} times what {few} do (goal: 2.5)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
