"""A warehouse in a folder of its own, driven as a person drives it."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from customer_segments.loading import load_raw
from customer_segments.loading.contract import read_contract
from customer_segments.places import environment
from customer_segments.sample_shop import seed_sample_data

ROOT = Path(__file__).parents[2]
AS_OF = "2026-06-30"
# A worker among others, with one core of its own.
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
# Days that one shop of the suite is built as of, and what its few customers need.
HISTORY = ("2026-06-05", "2026-06-20", AS_OF)
SMALL_GROUPS = {"k_minimum": 5}
LOADED_AT = "2026-07-01T00:00:00+00:00"
# Tests of data run where a test is about them; unit tests bring rows of their own, and
# one test of the suite runs them all.
UNTESTED = ("--exclude-resource-type", "test")
VOUCHED = """
    update main.build_record set state = 'whole';
    create or replace table main.shown_audience_syncs as
    from main_intermediate.int_audience_syncs
"""
UNIT_TESTS_LEFT_OUT = ("--exclude-resource-type", "unit_test")
known_contract = cache(read_contract)


class Warehouse:
    """Raw files, landing folder and database below one folder.

    `project` is the dbt project to build: this repository, or a changed copy of it.
    `profiles` is the folder of its profiles.yml.
    """

    def __init__(
        self, folder: Path, project: Path = ROOT, profiles: Path | None = None
    ) -> None:
        self.folder = folder
        self.project = project
        self.profiles = profiles or project
        self.raw = folder / "raw"
        self.landing = folder / "landing"
        self.database = folder / "build.duckdb"

    def seed_sample(
        self, *, customers: int, days: int, as_of: str, dirt: float = 0.0, seed: int = 1
    ) -> None:
        """Write the sample of so many customers to the raw folder."""
        code = seed_sample_data.main(
            [
                *("--customers", str(customers), "--days", str(days)),
                *("--as-of", as_of, "--dirt", str(dirt), "--seed", str(seed)),
                *("--out", str(self.raw)),
            ]
        )
        assert code == 0

    def write(self, tables: Mapping[str, str]) -> None:
        """Write a CSV file for each raw table, in the place of the one before."""
        for table, text in tables.items():
            folder = self.raw / table
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "rows.csv").write_text(text)

    def load(self, *options: str, loaded_at: str = LOADED_AT) -> None:
        """Load the raw folder into the landing folder; sources.yml is read once."""
        with patch.object(load_raw, "read_contract", known_contract):
            code = load_raw.main(
                [
                    *(str(self.raw), "--landing", str(self.landing)),
                    *("--loaded-at", loaded_at, *options),
                ]
            )
        assert code == 0

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Any:
        """Run dbt in this process; the result says whether it succeeded.

        This repository is parsed once a session: that is half the time of a build.
        """
        is_shared = self.project == ROOT and "--target" not in arguments
        manifest = pickle.loads(pickled_project()) if is_shared else None
        return self.dbt_over(manifest, *arguments, variables=variables)

    def dbt_over(
        self,
        manifest: Any,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run dbt over what it parsed before; None = it parses the project itself."""
        is_alone = (
            IS_WORKER and arguments[0] == "build" and "--threads" not in arguments
        )
        # Samples of tests are too small to have usual days.
        given = {
            "landing_dir": str(self.landing),
            "accept_quiet_day": True,
            **(variables or {}),
        }
        with environment({"WAREHOUSE_PATH": str(self.database)}), no_collecting():
            result: dbtRunnerResult = dbtRunner(manifest=manifest).invoke(
                [
                    # A file of a few megabytes, which few tests read.
                    *(arguments[0], "--no-write-json", *arguments[1:]),
                    *(UNIT_TESTS_LEFT_OUT if arguments[0] == "build" else ()),
                    *(("--threads", "1") if is_alone else ()),
                    *("--project-dir", str(self.project)),
                    *("--profiles-dir", str(self.profiles)),
                    *("--target-path", str(self.folder / "target")),
                    *("--log-path", str(self.folder / "logs")),
                    *("--log-level-file", "none"),
                    *("--vars", json.dumps(given)),
                    "--quiet",
                ]
            )
        DuckDBConnectionManager.close_all_connections()
        return result

    def build(
        self, as_of: str, *options: str, variables: Mapping[str, Any] | None = None
    ) -> None:
        """Build everything as of a day; fails with what failed."""
        result = self.dbt(
            *("build", *options), variables={"as_of_date": as_of, **(variables or {})}
        )
        assert result.success, failures(result)

    def vouch(self) -> None:
        """Say of a build without tests that it is whole, so that it may be exported."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(VOUCHED)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.sql(sql).fetchall()


@contextmanager
def opened_elsewhere(
    database: Path, read_only: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has a database open, until it is killed or this ends."""
    script = (
        "import duckdb, sys, time;"
        f" c = duckdb.connect(sys.argv[1], read_only={read_only});"
        " print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(database)], stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            process.kill()


@contextmanager
def no_collecting() -> Iterator[None]:
    """Leave garbage for later: to look for it is an eighth of what dbt costs."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@cache
def parsed_project() -> Any:
    """The manifest of this repository, whatever the variables; read it, never write.

    test_shop_tables.py proves that no variable changes it.
    """
    with tempfile.TemporaryDirectory() as folder:
        parsed = Warehouse(Path(folder)).dbt_over(None, "parse")
    assert parsed.success, failures(parsed)
    return parsed.result


@cache
def pickled_project() -> bytes:
    """That manifest in the form that is copied soonest, for a run that writes to it."""
    return pickle.dumps(parsed_project())


def failures(result: Any) -> str:
    """What went wrong in a dbt run, a line each."""
    if result.exception is not None:
        return str(result.exception)
    return "\n".join(
        f"{one.node.name}: {one.status}: {one.message}"
        for one in result.result
        if one.status not in ("success", "pass", "no-op")
    )
