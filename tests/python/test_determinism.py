"""The same raw rows and the same day give the same public tables.

Public tables are those that the dbt manifest calls public. Two tables are the same when
each holds every row of the other as often. What an experiment changes by its nature is
left out by name below, with the reason; nothing else is.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml

from customer_segments import backfill
from customer_segments.building import run_dbt
from customer_segments.terminal import console
from customer_segments.yaml_files import known_yaml
from tests.python.content_hashes import public_tables
from tests.python.warehouse import (
    LOADED_AT,
    ROOT,
    UNTESTED,
    VOUCHED,
    Warehouse,
    parsed_project,
    pickled_project,
)

DAY = "2026-06-10"
DAY_END = "2026-06-10 15:00:00"  # midnight in Seoul, in UTC
EARLIER_DAY = "2026-05-20"
DATA_END = "2026-06-30"

# Which file a row came from is about files; the rest of the row is not.
LINEAGE = ("source_file", "source_row", "loaded_at")
ABOUT_FILES = frozenset({"load_manifest", "load_report"})
# With later rows more rows come in, wait and are at fault; those kept must be the same.
ABOUT_LATER_ROWS = frozenset(
    {"data_sources", "load_manifest", "load_report", "row_fates", "quarantined_rows"}
)
# Numbers of runs differ where more runs were made; those in force are compared apart.
ABOUT_RUNS = frozenset({"segment_runs"})
# What recorded state says of earlier days differs with the days that were run.
RECORDED = frozenset(
    {
        "audience_syncs",
        "segment_members",
        "segment_kpis",
        "segment_membership_log",
        "segment_membership_spells",
        "segment_metrics",
        "segment_runs",
        "segment_sizes",
    }
)
# Two versions of a thing, equally new: the content decides, not the place in a file.
DISAGREEMENTS = {
    "customers": "'city of ' || customer_id as city, 'female' as gender",
    "orders": "gross_amount + 100 as gross_amount",
    "order_items": "quantity + 1 as quantity",
    "refunds": "amount - 1 as amount",
    "products": "'category of ' || product_id as category",
    "events": "'product_view' as event_name",
    "campaign_messages": "'other' as variant",
    "exchange_rates": "rate * 2 as rate",
}
MEMBERSHIPS = frozenset(
    {
        "segment_members",
        "segment_membership_log",
        "segment_membership_spells",
        "segment_sizes",
    }
)
# Who was found by the first run, and who entered later between two known days.
SINCE_AT_LEAST = f"""
    select
        count_if(entered_on is null and not_before is null),
        count_if(entered_on = date '{DAY}' and not_before = date '{EARLIER_DAY}' + 1)
    from segment_members
"""
RUNS_IN_FORCE = """
    select as_of_date, entered, "left" from segment_runs where is_in_force order by 1
"""


class RepeatedWarehouse(Warehouse):
    """A warehouse that is built again and again, without tests."""

    def build_tables(self, as_of: str, *options: str) -> None:
        """Build seeds and models as of a day, without tests."""
        self.build(as_of, *UNTESTED, *options)
        self.vouch()

    def copied_to(self, folder: Path) -> RepeatedWarehouse:
        """The same landing folder and a copy of the database."""
        copy = self.beside(folder)
        shutil.copy(self.database, copy.database)
        return copy

    def beside(self, folder: Path, profiles: Path = ROOT) -> RepeatedWarehouse:
        """The same landing folder and no database yet."""
        other = RepeatedWarehouse(folder, profiles=profiles)
        other.landing = self.landing
        return other


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> RepeatedWarehouse:
    """A small shop with dirty rows; the build is as of 20 days before its data end."""
    warehouse = RepeatedWarehouse(tmp_path_factory.mktemp("base"))
    warehouse.seed_sample(customers=150, days=400, as_of=DATA_END, dirt=0.01)
    ask_to_be_forgotten(warehouse.raw)
    for table, change in DISAGREEMENTS.items():
        disagree(warehouse.raw, table, change)
    warehouse.load()
    warehouse.build_tables(DAY)
    return warehouse


def ask_to_be_forgotten(raw: Path) -> None:
    """Add a deletion request, before the day and after it, of two customers."""
    folder = raw / "deletion_requests"
    folder.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select
                    'asked-' || row_number() over (order by customer_id) as request_id,
                    customer_id,
                    timestamptz '2026-06-01 00:00:00+00' + to_days(
                        (20 * row_number() over (order by customer_id))::int
                    ) - interval 20 day as requested_at
                from read_parquet('{raw}/customers/*.parquet')
                where customer_id is not null
                group by customer_id
                order by customer_id
                limit 2
            ) to '{folder}/asked.parquet' (format parquet)
            """
        )


def disagree(raw: Path, table: str, change: str) -> None:
    """Repeat every seventh row of a raw table, equally new and with other content."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (
                select * replace ({change})
                from read_parquet('{raw}/{table}/*.parquet')
                qualify row_number() over () % 7 = 0
            ) to '{raw}/{table}/disagreeing.parquet' (format parquet)
            """
        )


def differences(
    one: Warehouse,
    other: Warehouse,
    tables: list[str],
    *,
    without_lineage: bool = False,
) -> dict[str, int]:
    """How many rows of each table only one of two databases has; {} = the same."""
    found = {}
    for table in tables:
        columns = ", ".join(
            f'"{column[0]}"'
            for column in one.query(f"describe main.{table}")
            if not (without_lineage and column[0] in LINEAGE)
        )
        digest = f"select count(*), sum(hash({columns})::hugeint) from main.{table}"
        if one.query(digest) != other.query(digest):
            rows, other_rows = (
                Counter(warehouse.query(f"select {columns} from main.{table}"))
                for warehouse in (one, other)
            )
            found[table] = ((rows - other_rows) + (other_rows - rows)).total()
    return found


def all_but(*left_out: frozenset[str]) -> list[str]:
    """The public tables without some."""
    names = public_tables()
    unknown = frozenset().union(*left_out) - set(names)
    assert not unknown, f"these are no public tables any more: {sorted(unknown)}"
    return [name for name in names if name not in frozenset().union(*left_out)]


def test_most_public_tables_of_the_base_hold_rows(base: RepeatedWarehouse) -> None:
    """Equal tables say something only if they are not empty."""
    names = public_tables()
    empty = [
        name
        for name in names
        if base.query(f"select count(*) from main.{name}") == [(0,)]
    ]
    assert len(names) >= 20
    assert empty == []


def test_other_files_on_a_larger_machine_in_new_york_give_the_same_tables(
    base: RepeatedWarehouse, tmp_path: Path
) -> None:
    """All rows of a table are dealt to three files in an order of their own.

    They are loaded and built where midnight is thirteen hours later, with four threads;
    the base was built with fewer, and so was the order of its models. File and row
    number are lineage: they say where a row stood and must differ.
    """
    profiles = profiles_with_settings(tmp_path / "profiles", {"threads": 4})
    elsewhere = RepeatedWarehouse(tmp_path, profiles=profiles)
    for table in sorted(path.name for path in base.raw.iterdir() if path.is_dir()):
        if not table.startswith("_"):
            deal_rows(base.raw / table, elsewhere.raw / table)
    finished = subprocess.run(
        [
            *(sys.executable, str(ROOT / "scripts" / "load_raw.py")),
            *(str(elsewhere.raw), "--landing", str(elsewhere.landing)),
            *("--loaded-at", LOADED_AT),
        ],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    run_elsewhere(elsewhere, DAY, {"TZ": "America/New_York"}, "--threads", "4")
    tables = all_but(ABOUT_FILES)
    assert differences(base, elsewhere, tables, without_lineage=True) == {}


def deal_rows(source: Path, target: Path) -> None:
    """Write the rows of a raw table to three files, shuffled."""
    target.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table dealt as
            select *, row_number() over (order by md5(dealt_from::varchar)) as dealt_at
            from (
                select *, row_number() over () as dealt_from
                from read_parquet('{source}/*.parquet', union_by_name = true)
            )
            """
        )
        for part in range(3):
            connection.execute(
                f"""
                copy (
                    select * exclude (dealt_from, dealt_at)
                    from dealt
                    where dealt_at % 3 = {part}
                    order by dealt_at
                ) to '{target}/part_{2 - part}.parquet' (format parquet)
                """
            )


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 4])
def test_any_number_of_threads_gives_the_same_tables(
    base: RepeatedWarehouse, tmp_path: Path, threads: int
) -> None:
    """Threads of dbt, which decide the order of models, and those of the engine.

    The base has two of both.
    """
    profiles = profiles_with_settings(tmp_path / "profiles", {"threads": threads})
    other = base.beside(tmp_path, profiles)
    other.build_tables(DAY, "--threads", str(threads))
    assert differences(base, other, all_but()) == {}


@pytest.mark.slow
def test_threads_that_share_the_work_give_the_same_tables(
    base: RepeatedWarehouse, tmp_path: Path
) -> None:
    """With so many events that the engine divides them between its threads."""
    larger = RepeatedWarehouse(tmp_path / "larger")
    larger.seed_sample(customers=4000, days=400, as_of=DATA_END, dirt=0.01)
    larger.load()
    for threads in (1, 4):
        profiles = profiles_with_settings(
            tmp_path / f"profiles_{threads}", {"threads": threads}
        )
        folder = tmp_path / f"built_{threads}"
        folder.mkdir()
        larger.beside(folder, profiles).build_tables(DAY, "--threads", str(threads))
    one, four = (RepeatedWarehouse(tmp_path / f"built_{n}") for n in (1, 4))
    [(events,)] = one.query("select rows_in from row_fates where raw_table = 'events'")
    assert events > 2 * 122_880  # rows of a row group, which one thread takes at a time
    assert differences(one, four, all_but()) == {}


def profiles_with_settings(folder: Path, settings: Mapping[str, Any]) -> Path:
    """A folder with this project's profile and engine settings besides."""
    profiles = known_yaml(ROOT / "profiles.yml")
    output = profiles["customer_segments"]["outputs"]["duckdb"]
    output["settings"] = {**output.get("settings", {}), **settings}
    folder.mkdir()
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    return folder


def run_elsewhere(
    warehouse: Warehouse,
    as_of: str,
    variables: Mapping[str, str],
    *options: str,
) -> None:
    """Build in processes of their own, with environment variables of their own.

    Another DuckDB may write what the one of this process cannot read.
    """
    given = {"landing_dir": str(warehouse.landing), "as_of_date": as_of}
    build = [
        *("-m", "dbt.cli.main", "build", "--quiet", *UNTESTED),
        *("--project-dir", str(ROOT), "--profiles-dir", str(warehouse.profiles)),
        *("--target-path", str(warehouse.folder / "target")),
        *("--log-path", str(warehouse.folder / "logs")),
        *("--vars", json.dumps(given), *options),
    ]
    vouch = f"duckdb.connect({str(warehouse.database)!r}).execute({VOUCHED!r})"
    for words in (build, ["-c", f"import duckdb; {vouch}"]):
        finished = subprocess.run(
            [sys.executable, *words],
            env={**os.environ, "WAREHOUSE_PATH": str(warehouse.database), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_later_rows_change_nothing(base: RepeatedWarehouse, tmp_path: Path) -> None:
    """The base has 20 more days of rows than the build describes; here they are cut.

    Wishes count once they are loaded, whatever their time: withdrawals, suppressions
    and deletion requests are the same in both. Only a withdrawal by a customer who is
    not there yet is cut, since it cannot be anybody's.
    """
    ended = RepeatedWarehouse(tmp_path)
    for table in sorted(path.name for path in base.raw.iterdir() if path.is_dir()):
        if not table.startswith("_"):
            end_rows(base, table, ended.raw)
    ended.load()
    ended.build_tables(DAY)
    kept = "select raw_table, kept from row_fates where raw_table <> 'consents'"
    assert set(ended.query(kept)) == set(base.query(kept))
    given = "from data_sources where raw_table <> 'consents' order by source"
    assert ended.query(given) == base.query(given)
    [(later,)] = base.query("select sum(not_yet) from row_fates")
    [(none_later,)] = ended.query("select sum(not_yet) from row_fates")
    assert (later > 500, none_later) == (True, 0)
    assert differences(base, ended, all_but(ABOUT_LATER_ROWS)) == {}


def end_rows(base: RepeatedWarehouse, table: str, raw: Path) -> None:
    """Write the rows of a raw table whose own time, and version, is not after DAY."""
    source = parsed_project().sources[f"source.customer_segments.raw.{table}"]
    own_time = source.config.meta.get("own_time")
    later = f"{own_time} >= cut.end_of_day" if own_time else "false"
    if own_time and source.columns[own_time].data_type == "date":
        later = f"{own_time} > date '{DAY}'"
    if "updated_at" in source.columns:
        later += " or updated_at >= cut.end_of_day"
    if table == "consents":
        later = f"""
            {later} and status not ilike '%withdrawn%'
            or customer_id in (select customer_id from not_there_yet)
        """
    elif table in ("suppressions", "deletion_requests"):
        later = "false"
    folder = raw / table
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table cut as
            select timestamptz '{DAY_END}+00' as end_of_day;
            create view not_there_yet as
            select customer_id
            from read_parquet('{base.raw}/customers/*.parquet'), cut
            group by customer_id
            having min(created_at) >= min(cut.end_of_day);
            copy (
                select source.*
                from read_parquet(
                    '{base.raw}/{table}/*.parquet', union_by_name = true
                ) as source, cut
                where not coalesce({later}, false)
            ) to '{folder}/{table}.parquet' (format parquet)
            """
        )


@pytest.mark.slow
def test_running_the_same_day_twice_changes_nothing(
    base: RepeatedWarehouse, tmp_path: Path
) -> None:
    again = base.copied_to(tmp_path)
    again.build_tables(DAY)
    assert differences(base, again, all_but()) == {}


@pytest.fixture(scope="module")
def in_order(
    base: RepeatedWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> RepeatedWarehouse:
    """An earlier day, then the day."""
    warehouse = base.beside(tmp_path_factory.mktemp("in_order"))
    warehouse.build_tables(EARLIER_DAY)
    warehouse.build_tables(DAY)
    return warehouse


def test_days_run_in_order_leave_the_day_as_it_is_alone(
    base: RepeatedWarehouse, in_order: RepeatedWarehouse
) -> None:
    """Recorded state knows an earlier day besides, and who is a member is the same."""
    assert differences(base, in_order, all_but(RECORDED)) == {}
    members = "select segment, customer_id from segment_members order by all"
    assert in_order.query(members) == base.query(members)
    [(runs, changes)] = in_order.query(
        """
        select
            (select count(*) from segment_runs where is_in_force),
            (
                select count(*) from segment_membership_log
                where changed_on > date '2026-05-20'
            )
        """
    )
    assert runs == 2
    assert changes > 20


@pytest.mark.slow
def test_an_earlier_day_again_and_then_the_day_is_as_if_run_in_order(
    base: RepeatedWarehouse, in_order: RepeatedWarehouse, tmp_path: Path
) -> None:
    """Three runs, of which the first is no longer in force; its number stays taken."""
    out_of_order = base.copied_to(tmp_path)
    out_of_order.build_tables(EARLIER_DAY)
    out_of_order.build_tables(DAY)
    assert differences(in_order, out_of_order, all_but(ABOUT_RUNS)) == {}
    assert out_of_order.query(RUNS_IN_FORCE) == in_order.query(RUNS_IN_FORCE)
    assert out_of_order.query(
        "select run_number, is_in_force from segment_runs order by 1"
    ) == [(1, False), (2, True), (3, True)]


@pytest.mark.slow
def test_a_full_refresh_of_the_same_day_keeps_recorded_membership(
    in_order: RepeatedWarehouse, tmp_path: Path
) -> None:
    refreshed = in_order.copied_to(tmp_path)
    refreshed.build_tables(DAY, "--full-refresh")
    assert differences(in_order, refreshed, all_but()) == {}


@pytest.mark.slow
def test_a_full_refresh_of_an_earlier_day_is_as_if_run_in_order(
    in_order: RepeatedWarehouse, tmp_path: Path
) -> None:
    refreshed = in_order.copied_to(tmp_path)
    refreshed.build_tables(EARLIER_DAY, "--full-refresh")
    refreshed.build_tables(DAY, "--full-refresh")
    assert differences(in_order, refreshed, all_but(ABOUT_RUNS)) == {}
    assert refreshed.query(RUNS_IN_FORCE) == in_order.query(RUNS_IN_FORCE)


def put_before(
    warehouse: RepeatedWarehouse, days: list[str], patched: pytest.MonkeyPatch
) -> None:
    """Record past days of a warehouse that is built, then build its day again."""

    def run(command: str, *arguments: str, **given: Any) -> Any:
        if command == "parse":
            return SimpleNamespace(result=pickle.loads(pickled_project()))
        return run_dbt(
            *(command, *arguments, "--target-path", str(warehouse.folder / "target")),
            **given,
        )

    patched.setenv("WAREHOUSE_PATH", str(warehouse.database))
    patched.setattr(backfill, "run_dbt", run)
    past = [date.fromisoformat(day) for day in days]
    assert backfill.record(past, warehouse.landing, console()) is None
    warehouse.build_tables(DAY)


def test_a_day_put_before_the_first_is_as_if_run_in_order(
    base: RepeatedWarehouse,
    in_order: RepeatedWarehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first run had all its members enter, and nobody leave."""
    backfilled = base.copied_to(tmp_path)
    put_before(backfilled, [EARLIER_DAY], monkeypatch)
    assert differences(in_order, backfilled, sorted(MEMBERSHIPS)) == {}
    assert backfilled.query(RUNS_IN_FORCE) == in_order.query(RUNS_IN_FORCE)
    assert backfilled.query(SINCE_AT_LEAST) == in_order.query(SINCE_AT_LEAST)
    [(first, later)] = backfilled.query(SINCE_AT_LEAST)
    assert first > 100 and later > 20


@pytest.mark.slow
def test_a_month_put_before_a_day_is_as_if_each_had_been_run(
    base: RepeatedWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two pieces, the later one first: what was recorded stays between them."""
    days = [str(date.fromisoformat(DAY) - timedelta(days=n)) for n in range(30, 0, -1)]
    (tmp_path / "run").mkdir()
    (tmp_path / "put").mkdir()
    run = base.beside(tmp_path / "run")
    for day in (*days, DAY):
        run.build_tables(day)
    put = base.copied_to(tmp_path / "put")
    put_before(put, days[15:], monkeypatch)
    put_before(put, days[:15], monkeypatch)
    assert differences(run, put, sorted(MEMBERSHIPS)) == {}
    assert put.query(RUNS_IN_FORCE) == run.query(RUNS_IN_FORCE)


EXPORT_TABLES = """
import sys, duckdb
database, folder, version, *tables = sys.argv[1:]
assert duckdb.__version__.startswith(version), duckdb.__version__
with duckdb.connect(database, read_only=True) as connection:
    for table in tables:
        connection.sql(f"select * from main.{table}").write_parquet(
            f"{folder}/{table}.parquet"
        )
"""


def engine(folder: Path, version: str) -> dict[str, str]:
    """Environment variables under which another DuckDB is imported; skips without."""
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--target", str(folder)),
            f"duckdb=={version}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        pytest.skip(f"duckdb {version} cannot be installed: {finished.stderr[-300:]}")
    return {"PYTHONPATH": str(folder)}


def exported_rows(
    warehouse: Warehouse, folder: Path, version: str, tables: list[str], own: Any
) -> dict[str, Counter[tuple[Any, ...]]]:
    """Rows of tables as another DuckDB reads them from the database."""
    folder.mkdir()
    finished = subprocess.run(
        [
            *(sys.executable, "-c", EXPORT_TABLES, str(warehouse.database)),
            *(str(folder), version.removesuffix("*"), *tables),
        ],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with duckdb.connect() as connection:
        return {
            table: Counter(
                connection.read_parquet(str(folder / f"{table}.parquet")).fetchall()
            )
            for table in tables
        }


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1.4.5", "2.*"])
def test_another_version_of_duckdb_gives_the_same_tables(
    base: RepeatedWarehouse, tmp_path: Path, version: str
) -> None:
    """The oldest series that BI tools still bring, and the newest there is.

    The files were landed by this version; dbt and the models are the same.
    """
    own = engine(tmp_path / "engine", version)
    other = Warehouse(tmp_path)
    other.landing = base.landing
    run_elsewhere(other, DAY, own)
    tables = all_but()
    theirs = exported_rows(other, tmp_path / "export", version, tables, own)
    ours = {table: Counter(base.query(f"from main.{table}")) for table in tables}
    assert [table for table in tables if theirs[table] != ours[table]] == []


@pytest.mark.slow
def test_duckdb_1_4_reads_the_database_that_this_version_writes(
    base: RepeatedWarehouse, tmp_path: Path
) -> None:
    own = engine(tmp_path / "engine", "1.4.5")
    tables = all_but()
    theirs = exported_rows(base, tmp_path / "export", "1.4.5", tables, own)
    ours = {table: Counter(base.query(f"from main.{table}")) for table in tables}
    assert [table for table in tables if theirs[table] != ours[table]] == []
