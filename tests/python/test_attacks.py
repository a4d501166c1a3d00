"""Nothing leaves but a whole, tested build of whole data: how a morning goes wrong.

Each attack leaves a database behind as the fault would. After it the exporter stops
with 6 and says why, no exported file and no view for other tools changes, readers say
in a line what they show, and a whole build puts all of it right. The long ones are
behind `make test-slow` and print how often they were tried and how often they failed.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from customer_segments import monday, why
from customer_segments.exporting import export_audiences
from customer_segments.loading.landing import MANIFEST
from customer_segments.pages import segment_pages
from customer_segments.warehouse_file import Unopened, wait_until_free
from tests.python.test_export_audiences import Outcome, Shop, copy_shop, parts
from tests.python.warehouse import (
    AS_OF,
    ROOT,
    Warehouse,
    failures,
    opened_elsewhere,
    pickled_project,
)

DAY_AFTER = "2026-07-01"
CHANNELS = ("email", "sms", "push", "alimtalk", "brand_message", "in_app", "ads")
LAW = "test.customer_segments.assert_rows_never_vanish"
CANARY = "canary.person@example.kr"


class Attacked(Shop):
    """A built and exported shop, and what must not change while it is not whole."""

    def start(self) -> None:
        """Export once, and remember what is out."""
        outcome = self.export()
        assert outcome.code == 0, outcome.err
        self.before = self.files()
        self.shown = self.views()

    def views(self) -> dict[str, list[tuple[Any, ...]]]:
        """What other tools read, by channel."""
        return {
            channel: self.warehouse.query(f"from main.audience_{channel} order by all")
            for channel in CHANNELS
        }

    def dbt(self, *arguments: str, **variables: object) -> Any:
        """A dbt command as of the day of the build, unless another is given."""
        return self.warehouse.dbt(
            *arguments, variables={"as_of_date": AS_OF, **variables}
        )

    def plant(self, sql: str, *arguments: str, **variables: object) -> Any:
        """A command with a law that says something else."""
        manifest = pickle.loads(pickled_project())
        manifest.nodes[LAW].raw_code = sql
        return self.warehouse.dbt_over(
            manifest, *arguments, variables={"as_of_date": AS_OF, **variables}
        )

    def refused(self, why: str) -> Outcome:
        """The exporter stops with a reason, and nothing has changed outside."""
        for command in ("run", "plan"):
            outcome = self.command(command)
            assert outcome.code == 6 and why in outcome.err, (command, outcome)
        assert self.files() == self.before
        assert self.views() == self.shown
        return outcome

    def command(self, name: str) -> Outcome:
        """A command of the exporter."""
        self.capsys.readouterr()
        code = export_audiences.main(
            [
                *(name, "--database", str(self.database), "--out", str(self.out)),
                *("--max-age-days", "any", "--destinations", str(self.destinations)),
            ]
        )
        said = self.capsys.readouterr()
        return Outcome(code, said.out, said.err)

    @property
    def record(self) -> tuple[str, str]:
        """State and reason of the last build."""
        ((state, reason),) = self.warehouse.query(
            "select state, reason from main.build_record"
        )
        return state, reason

    def landed(self, table: str) -> Path:
        """The one landed file of a raw table."""
        (path,) = (self.folder / "landing" / table).glob("*.parquet")
        return path


@pytest.fixture
def own(shop: Warehouse, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Attacked:
    """A copy of the built shop, exported, that the test may attack."""
    copy_shop(shop, tmp_path)
    attacked = Attacked(tmp_path, capfd)
    attacked.start()
    return attacked


# --- a build says of itself that it is whole


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("arguments", "day", "state", "words"),
    [
        (("run", "--select", "stg_releases"), AS_OF, "part", "built a part"),
        (("run", "--select", "stg_releases"), DAY_AFTER, "mixed", "several days"),
        (("seed", "--select", "channels"), AS_OF, "part", "built a part"),
        (("build", "--select", "stg_releases"), AS_OF, "part", "built a part"),
    ],
)
def test_a_part_of_the_models_is_not_exported(
    own: Attacked, arguments: tuple[str, ...], day: str, state: str, words: str
) -> None:
    result = own.dbt(*arguments, as_of_date=day)
    assert result.success, failures(result)
    assert own.record[0] == state
    own.refused(words)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "arguments",
    [
        # of all nodes, so that it renders the hooks of a run as well
        pytest.param(("compile",), marks=pytest.mark.slow),
        ("show", "--select", "stg_releases"),
        ("list", "--select", "customers"),
        ("test", "--select", "assert_rows_never_vanish"),
    ],
)
def test_who_changes_nothing_withdraws_nothing(
    own: Attacked, arguments: tuple[str, ...]
) -> None:
    elsewhere = str(own.folder / "elsewhere")
    result = own.dbt(*arguments, landing_dir=elsewhere, as_of_date=DAY_AFTER)
    assert result.success, failures(result)
    assert own.record[0] == "whole"
    assert own.command("run").code == 0


def test_a_failed_law_is_not_exported(own: Attacked) -> None:
    result = own.plant(
        "select 1 as wrong", "build", "--select", "row_fates", "load_manifest"
    )
    assert not result.success
    assert own.record[0] == "failed"
    outcome = own.refused("failed at assert_rows_never_vanish")
    assert "dbt build" in outcome.err


@pytest.mark.slow
def test_everything_untested_is_a_part(own: Attacked) -> None:
    """All models of the day, and their tests left out: nobody vouches for them."""
    result = own.dbt("run", "--empty", empty_on_purpose=True, accept_shrink=True)
    assert result.success, failures(result)
    state, reason = own.record
    assert state == "part" and "built a part" in reason
    own.refused("built a part")


def test_wishes_count_though_nothing_else_leaves(own: Attacked) -> None:
    """Who withdrew leaves the files even when the build is not whole."""
    (gone,) = own.exported("news_to_all")[:1]
    assert own.dbt("run", "--select", "stg_releases").success
    own.consent(f"{gone},email,ad,withdrawn,2026-07-01T01:00:00Z")
    assert own.command("run").code == 6
    assert gone not in own.exported("news_to_all")
    kept = own.before["news_to_all.csv"].decode().splitlines()
    assert len(own.exported("news_to_all")) == len(kept) - 2


def test_an_audience_missing_from_a_broken_build_keeps_its_people(
    own: Attacked,
) -> None:
    assert own.dbt("run", "--select", "stg_releases").success
    own.change("delete from main.audiences where audience = 'win_back'")
    assert own.command("run").code == 6
    assert own.files() == own.before


def test_readers_say_what_they_show(own: Attacked) -> None:
    (customer,) = own.exported("news_to_all")[:1]
    pages = own.folder / "pages"

    def said() -> list[str]:
        heads = []
        for main, *more in (
            (why.main, customer),
            (monday.main,),
            (segment_pages.main, "--out", str(pages)),
        ):
            own.capsys.readouterr()
            assert main(["--database", str(own.database), *more]) == 0
            heads.append(own.capsys.readouterr().out.splitlines()[0])
        return heads

    assert set(said()) == {f"A whole build, as of {AS_OF}, every test passed."}
    assert "Not a whole build" not in (pages / "index.html").read_text("utf-8")
    assert own.dbt("run", "--select", "stg_releases").success
    assert {line[:19] for line in said()} == {"Not a whole build: "}
    assert "Not a whole build" in (pages / "index.html").read_text("utf-8")


# --- what was loaded is there


def gone_folder(own: Attacked) -> None:
    (own.folder / "landing").rename(own.folder / "unmounted")


def empty_folder(own: Attacked) -> None:
    gone_folder(own)
    (own.folder / "landing").mkdir()


def gone_table(own: Attacked) -> None:
    shutil.rmtree(own.folder / "landing" / "suppressions")


def gone_file_and_note(own: Attacked) -> None:
    path = own.landed("consents")
    (own.folder / "landing" / MANIFEST / path.name).unlink()
    path.unlink()


def truncated(own: Attacked) -> None:
    path = own.landed("orders")
    path.write_bytes(path.read_bytes()[:-100])


def foreign(own: Attacked) -> None:
    shutil.copy(own.landed("products"), own.landed("orders"))


def stray(own: Attacked) -> None:
    row = {"order_id": ["o-1"], "customer_id": [CANARY], "status": [CANARY]}
    pq.write_table(pa.table(row), own.landed("orders").with_name("stray.parquet"))


def rows_twice(own: Attacked) -> None:
    path = own.landed("orders")
    shutil.copy(path, path.with_name("again.parquet"))


Attack = Callable[[Attacked], None]
LOST: tuple[tuple[Attack, str, str], ...] = (
    (gone_folder, "not there or empty", "not there or empty"),
    (empty_folder, "not there or empty", "not there or empty"),
    (gone_table, "suppressions/", "is gone"),
    (gone_file_and_note, "consents/", "is gone"),
    (truncated, "has not the size", "orders/"),
    (foreign, "has not the size", "orders/"),
    (stray, "orders/stray.parquet", "orders/stray.parquet"),
    (rows_twice, "orders/again.parquet", "orders/again.parquet"),
)


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("attack", "in_build", "in_export"),
    [pytest.param(*case, id=case[0].__name__) for case in LOST],
)
def test_data_that_is_not_whole_stops_build_and_export(
    own: Attacked,
    capfd: pytest.CaptureFixture[str],
    attack: Attack,
    in_build: str,
    in_export: str,
) -> None:
    runs = own.warehouse.query("select max(run_number) from segment_records")
    attack(own)
    own.refused(in_export)
    result = own.dbt("build", "--write-json", accept_shrink=True)
    told = str(result.exception)
    assert not result.success and in_build in told
    assert "load" in told.lower() and "accept_missing" in told
    assert own.warehouse.query("select max(run_number) from segment_records") == runs
    own.refused(in_export)
    said = told + "".join(capfd.readouterr())
    for path in own.folder.rglob("*"):
        if path.suffix in (".log", ".json") and path.is_file():
            said += path.read_text("utf-8")
    assert CANARY not in said


def test_loading_again_brings_back_what_is_gone(own: Attacked, shop: Warehouse) -> None:
    own.warehouse.raw = shop.landing.with_name("raw")
    paths = [own.landed(table) for table in ("suppressions", "orders")]
    held = [path.read_bytes() for path in paths]
    paths[0].unlink()
    paths[1].write_bytes(held[1][:-7])
    own.refused("suppressions/")
    own.warehouse.load()
    assert [path.stat().st_size for path in paths] == [len(one) for one in held]
    assert own.command("run").code == 0
    assert own.dbt("run", "--select", "stg_suppressions").success


def test_on_purpose_is_said_twice_and_then_remembered(own: Attacked) -> None:
    gone_table(own)
    build = (
        *("build", "--select", "load_manifest", "stg_suppressions", "row_fates"),
        *("quarantined_rows", "assert_rows_never_vanish"),
    )
    once = own.dbt(*build, accept_missing=1)
    assert not once.success and "said twice" in str(once.exception)
    assert own.dbt(*build, accept_missing=2).success
    # the next build knows, counts the rows that are there, and the exporter agrees
    again = own.dbt(*build)
    assert again.success, failures(again)
    assert "landing folder" not in own.command("run").err


def test_a_table_of_the_shop_may_give_way_to_files_but_not_to_nothing(
    own: Attacked,
) -> None:
    own.change("create schema shop", "create table shop.consents as from raw.consents")
    run = ("run", "--select", "load_manifest")
    assert own.dbt(*run, raw_tables={"consents": "shop.consents"}).success
    assert own.dbt(*run).success
    assert own.dbt(*run, raw_tables={"consents": "shop.consents"}).success
    for path in parts(own.landed("consents").parent):
        path.unlink()
    own.change("delete from landing.landed_files where file like '%/%'")
    gone = own.dbt(*run)
    assert not gone.success and "consents is gone" in str(gone.exception)


def test_a_database_of_an_earlier_version_minds_an_empty_folder(own: Attacked) -> None:
    own.change("drop view landing.landed_faults", "drop table landing.landed_files")
    gone_folder(own)
    result = own.dbt("build", "--select", "stg_releases")
    assert not result.success and "not there or empty" in str(result.exception)


# --- the shop as a whole


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("delete from main.customers where customer_id < 'C10000150'", "customers "),
        ("update main.customers set order_count = 0", "buyers "),
        (
            "delete from main_intermediate.int_segment_memberships where hash(segment)"
            " is not null and customer_id < 'C10000200'",
            "; …",
        ),
    ],
)
def test_a_shop_that_shrank_is_not_recorded(
    own: Attacked, change: str, words: str
) -> None:
    """Tables as a build of half the data would have decided them."""
    own.change(change, f"update main.build_record set tables_of = date '{DAY_AFTER}'")
    records = own.warehouse.query("select count(*) from segment_records")
    given = {"as_of_date": DAY_AFTER, "shrink_from_members": 20}
    result = own.dbt("run", "--select", "segment_records", **given)
    told = failures(result)
    assert not result.success and "The shop shrank." in told and words in told
    assert "accept_shrink" in told
    assert own.warehouse.query("select count(*) from segment_records") == records
    own.change(f"update main.build_record set tables_of = date '{DAY_AFTER}'")
    accepted = own.dbt(
        "run", "--select", "segment_records", accept_shrink=True, **given
    )
    assert accepted.success, failures(accepted)


def test_one_segment_alone_is_told_and_a_changed_rule_is_not_compared(
    own: Attacked, capfd: pytest.CaptureFixture[str]
) -> None:
    ((segment, _),) = own.warehouse.query(
        "select segment, count(*) from segment_members group by segment"
        " having count(*) >= 20 order by segment limit 1"
    )
    empty = (
        f"from main_intermediate.int_segment_memberships where segment = '{segment}'"
    )
    dated = f"update main.build_record set tables_of = date '{DAY_AFTER}'"
    own.change(f"delete {empty}", dated)
    given = {"as_of_date": DAY_AFTER, "shrink_from_members": 20}
    run = ("run", "--select", "segment_records")
    capfd.readouterr()
    assert own.dbt(*run, **given).success
    assert f"Look twice. By more than 20 % fewer than as of {AS_OF}: {segment}" in (
        capfd.readouterr().out
    )
    own.change("update main.segment_records set version = 'another'", dated)
    assert own.dbt(*run, **given).success
    assert "Look twice" not in capfd.readouterr().out


# --- recorded state and its day


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "model", ["segment_records", "audience_records", "segment_kpi_records"]
)
def test_nothing_is_recorded_from_tables_of_another_day(
    own: Attacked, model: str
) -> None:
    before = own.warehouse.query(f"select count(*) from {model}")
    result = own.dbt("run", "--select", model, as_of_date=DAY_AFTER)
    assert not result.success
    assert f"AS_OF_DATE={DAY_AFTER} dbt build" in failures(result)
    assert own.warehouse.query(f"select count(*) from {model}") == before
    # a run of the day of the tables may record
    own.change(f"update main.build_record set tables_of = date '{AS_OF}'")
    assert own.dbt("run", "--select", model).success


def test_an_earlier_day_says_what_it_puts_out_of_force(
    own: Attacked, capfd: pytest.CaptureFixture[str]
) -> None:
    ((moved,),) = own.warehouse.query(
        "select count(*) from segment_records where customer_id is not null"
    )
    own.change("update main.build_record set tables_of = date '2026-06-29'")
    capfd.readouterr()
    result = own.dbt("run", "--select", "segment_records", as_of_date="2026-06-29")
    assert result.success, failures(result)
    told = capfd.readouterr().out
    assert f"1 later runs ({AS_OF} to {AS_OF})" in told
    assert f"{moved} memberships" in told


# --- waiting, wrong files, rights


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of so many megabytes; the test is skipped where none can be made."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("a small disk takes the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("content", ["no database at all " * 400, ""])
def test_a_file_that_is_no_database_is_told_at_once(
    empty: Warehouse, content: str
) -> None:
    empty.database.write_text(content)
    if not content:
        empty.database.unlink()
        empty.database.mkdir()
    started = time.monotonic()
    result = empty.dbt("run", "--select", "stg_releases")
    assert not result.success and time.monotonic() - started < 5
    assert f"{empty.database} cannot be opened" in str(result.exception)


def test_a_read_only_disk_is_told_at_once(shop: Warehouse, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 200) as disk:
        warehouse = Warehouse(disk)
        shutil.copy(shop.database, warehouse.database)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        started = time.monotonic()
        with pytest.raises(Unopened, match=r"(?i)read-only"):
            wait_until_free(warehouse.database)
        assert time.monotonic() - started < 1


@pytest.mark.slow  # `make daily` waits as long in every run
def test_a_build_waits_seven_seconds_and_names_who_reads(own: Attacked) -> None:
    with opened_elsewhere(own.database, read_only=True) as reader:
        started = time.monotonic()
        result = own.dbt("run", "--select", "stg_releases")
        waited = time.monotonic() - started
    assert not result.success and 7 <= waited < 14
    assert f"is open in process {reader.pid}" in str(result.exception)


def test_what_is_made_is_its_owners_alone_or_a_groups(
    empty: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o022)
    try:
        empty.seed_sample(customers=5, days=30, as_of=AS_OF)
        empty.load()
        assert empty.dbt("run", "--select", "stg_releases").success
        for path in (empty.database, *rights(empty)):
            assert path.stat().st_mode & 0o077 == 0, path
        monkeypatch.setenv("WAREHOUSE_GROUP", str(os.getgid()))
        assert empty.dbt("run", "--select", "stg_releases").success
        assert empty.database.stat().st_mode & 0o777 == 0o640
        shutil.rmtree(empty.landing)
        empty.load()
        assert empty.landing.stat().st_mode & 0o7777 == 0o2750
        assert all(path.stat().st_mode & 0o027 == 0 for path in rights(empty)[1:])
    finally:
        os.umask(before)


def rights(warehouse: Warehouse) -> list[Path]:
    """Folders of the landing and the sample, and the files that were landed."""
    return [warehouse.raw, warehouse.landing, *warehouse.landing.rglob("*.parquet")]


# --- what a person types is data


JINJA = '{{ run_query("create table main.made as select 1") }}'


@pytest.mark.few(1)
@pytest.mark.parametrize("command", ["run", "compile"])
def test_jinja_in_a_variable_is_refused(empty: Warehouse, command: str) -> None:
    """dbt renders a text from the command line whenever a macro asks for it."""
    result = empty.dbt_over(
        None,
        command,
        "--select",
        "segment_kpi_records",
        variables={"conversion": JINJA},
    )
    assert not result.success
    assert "Variable conversion" in str(result.exception)
    if empty.database.exists():
        made = "select * from duckdb_tables() where table_name = 'made'"
        assert empty.query(made) == []


@pytest.mark.parametrize("name", ["CUSTOMER", "FILES", "FILE", "OPTIONS", "CUSTOMERS"])
def test_make_reads_nothing_in_what_a_person_gives(tmp_path: Path, name: str) -> None:
    """Each target prints the arguments that its command gets, whatever is in them."""
    target = {
        "CUSTOMER": "why",
        "FILES": "check",
        "FILE": "preview",
        "OPTIONS": "daily",
        "CUSTOMERS": "demo",
    }[name]
    told = tmp_path / "told"
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{told}"\n')
    python.chmod(0o755)
    for word in (
        "`touch made`", "$(touch made)", "$(shell touch made)", "x; touch made", "*",
        "-5", '"; touch made; "', "$HOME", "a & touch made", "'|touch made'",
    ):  # fmt: skip
        subprocess.run(
            [
                *("make", "--silent", "-C", str(ROOT), target, f"BIN={python.parent}"),
                f"{name}={word}",
            ],
            check=True,
            cwd=tmp_path,
        )
        given = told.read_text().splitlines()
        wanted = word.split() if name == "OPTIONS" else [word]
        assert [one for one in given if one in wanted] == wanted, (word, given)
    assert not (ROOT / "made").exists() and not (tmp_path / "made").exists()


def test_markup_in_data_is_text(own: Attacked) -> None:
    odd = "[bold red]C-1[/] [link=file:///x]"
    (customer,) = own.exported("news_to_all")[:1]
    for table in ("customers", "customer_rfm", "rfm_scores"):
        own.change(
            f"update main.{table} set customer_id = '{odd}'"
            f" where customer_id = '{customer}'"
        )
    own.capsys.readouterr()
    assert why.main(["--database", str(own.database), "--", odd]) == 0
    assert f"Customer {odd} at the end" in own.capsys.readouterr().out
    assert why.main(["--database", str(own.database), "--", "-5"]) == 2
    assert "No customer '-5'" in own.capsys.readouterr().err


# --- the ledger


def test_a_ledger_that_cannot_be_believed_is_named_before_anything_is_written(
    own: Attacked,
) -> None:
    ledger = own.folder / "ledger.duckdb"
    whole = ledger.read_bytes()
    middle = len(whole) // 2

    def newer() -> None:
        with duckdb.connect(str(ledger)) as connection:
            connection.execute("update about set version = 99")

    def other() -> None:
        ledger.unlink()
        with duckdb.connect(str(ledger)) as connection:
            connection.execute("create table customers as select 1 as one")

    attacks: dict[str, Callable[[], object]] = {
        "is of version 99": newer,
        "but no ledger": other,
        "it is damaged": lambda: ledger.write_bytes(whole[:middle]),
        "cannot be read": lambda: ledger.write_bytes(
            whole[:12288] + os.urandom(len(whole) - 12288)
        ),
        "of a newer DuckDB": lambda: ledger.write_bytes(
            whole[:12] + (255).to_bytes(8, "little") + whole[20:]
        ),
    }
    for words, attack in attacks.items():
        ledger.write_bytes(whole)
        attack()
        held = ledger.read_bytes()
        outcome = own.command("run")
        assert outcome.code == 2 and words in outcome.err, outcome
        assert str(ledger) in outcome.err and "ledger" in outcome.err
        assert own.files() == own.before and ledger.read_bytes() == held
    ledger.write_bytes(whole)
    assert own.command("run").code == 0


def test_erasure_reaches_the_ledger_and_the_files_of_changes(own: Attacked) -> None:
    """In the step that takes them out they are named; in the next run nowhere."""
    erased, leaver = own.exported("news_to_all")[:2]
    changes = own.out / "changes"

    def named(customer: str) -> set[str]:
        return {
            path.name
            for path in changes.iterdir()
            if customer in path.read_text("utf-8", errors="replace")
        }

    own.consent(f"{leaver},email,ad,withdrawn,2026-07-01T01:00:00Z")
    assert own.command("run").code == 0
    assert named(leaver) == {"news_to_all.removed.csv"}
    # somebody who left before asks to be forgotten, and somebody who is there
    own.erase(erased, leaver)
    assert own.command("run").code == 0
    assert named(leaver) == set()
    assert "news_to_all.removed.csv" in named(erased)
    assert own.command("run").code == 0
    assert named(erased) == set()
    with duckdb.connect(str(own.folder / "ledger.duckdb")) as connection:
        for (table,) in connection.sql(
            "select table_name from duckdb_tables()"
        ).fetchall():
            rows = str(connection.sql(f"from {table}").fetchall())
            assert erased not in rows and leaver not in rows, table


# --- the long ones: whole builds in a process of their own, killed and starved


def started(own: Attacked, *arguments: str, **variables: object) -> int:
    """The process id of a dbt command that goes on by itself."""
    pickled_project()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            code = 0 if own.dbt(*arguments, **variables).success else 1
        finally:
            os._exit(code)
    return child


def killed_after(seconds: float, child: int) -> bool:
    """Whether a process was killed after so many seconds, or had ended before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, _ = os.waitpid(child, os.WNOHANG)
        if ended:
            return False
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


@pytest.mark.parametrize(
    "tries", [1, pytest.param(20, marks=pytest.mark.slow, id="slow")]
)
def test_a_build_that_was_killed_is_not_exported(own: Attacked, tries: int) -> None:
    """At random moments of the build of the next day; the last one is left in peace."""
    chance = random.Random(tries)
    held = own.database.read_bytes()
    untouched = stopped = 0
    for _ in range(tries):
        own.database.write_bytes(held)
        Path(f"{own.database}.wal").unlink(missing_ok=True)
        child = started(own, "build", as_of_date=DAY_AFTER)
        # a build of its own takes longer than that
        assert killed_after(chance.uniform(0.5, 6), child)
        if own.record[0] == "whole":
            # it died before its first statement
            assert own.command("run").code == 0 and own.files() == own.before
            untouched += 1
        else:
            own.refused("began and did not end")
            stopped += 1
    with own.capsys.disabled():
        print(f"\n{tries} kills: {stopped} refused, {untouched} had changed nothing")
    if tries > 1:
        assert os.waitpid(started(own, "build", as_of_date=DAY_AFTER), 0)[1] == 0
        assert own.record[0] == "whole" and own.command("run").code == 0


@pytest.mark.slow
def test_a_full_disk_is_not_exported(
    shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = shop.database.stat().st_size // 2**20
    tried = 0
    for room in (1, 2, 4, 8):
        with small_disk(tmp_path / f"disk{room}", 2 * size + room) as disk:
            copy_shop(shop, disk)
            own = Attacked(disk, capsys)
            own.start()
            ballast = disk / "ballast"
            free = shutil.disk_usage(disk).free - room * 2**20
            ballast.write_bytes(b"\0" * max(0, free))
            child = started(own, "build", as_of_date=DAY_AFTER)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            ballast.unlink()
            if code == 0:
                continue
            tried += 1
            if own.record[0] != "whole":
                own.refused("not a whole build")
    with capsys.disabled():
        print(f"\n{tried} builds met a full disk, none was exported")
    assert tried >= 2


@pytest.mark.slow
def test_a_whole_build_after_each_fault_is_exported(own: Attacked) -> None:
    """The way back: a law that fails in a whole build, then the build once more."""
    held = own.views()
    assert not own.plant("select 1 as x", "build", as_of_date=DAY_AFTER).success
    own.refused("failed at assert_rows_never_vanish")
    assert own.views() == held
    result = own.dbt("build", as_of_date=DAY_AFTER)
    assert result.success, failures(result)
    assert own.record == (
        "whole",
        f"dbt build as of {DAY_AFTER} built and tested everything",
    )
    assert own.command("run").code == 0
    assert own.views() != held
    assert DAY_AFTER in (own.out / "manifest.json").read_text("utf-8")
