"""Messages go once, guards keep people safe, and nobody is told who somebody is."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from customer_segments import warehouse_file
from customer_segments.exporting import export_audiences
from customer_segments.exporting.adapters import ADAPTERS, webhook
from customer_segments.exporting.settings import checked_settings
from tests.python.crashing import export_in_child
from tests.python.fault_server import (
    Change,
    Fault,
    FaultServer,
    half_answer,
    lost_answer,
    no_answer,
    status,
    too_many,
)
from tests.python.networked import (
    COUPON,
    ENVIRON,
    LISTED,
    MESSAGES,
    NEWS,
    SENT,
    SETS,
    WIN_BACK,
    Network,
    connect_audiences,
    networked,
)
from tests.python.test_export_audiences import copy_shop
from tests.python.warehouse import Warehouse, opened_elsewhere

ONLY = ("--audience", MESSAGES)
SHORT = {"retry_seconds": 0.2, "timeout_seconds": 0.1}


@pytest.fixture(scope="module")
def source(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A shop whose audiences go to webhooks; read it, never write."""
    folder = tmp_path_factory.mktemp("networked")
    copy_shop(shop, folder)
    connect_audiences(folder / "build.duckdb")
    return Warehouse(folder)


@pytest.fixture
def own(
    source: Warehouse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Network:
    """A copy of it that the test may change."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    return networked(source, tmp_path, capsys)


def message_ids(server: FaultServer) -> dict[str, list[str]]:
    """The id of each message that was asked for, in order, by identifier."""
    found: dict[str, list[str]] = {}
    for request in server.requests:
        for row in request.body["rows"]:
            found.setdefault(row["identifier"], []).append(row["message_id"])
    return found


# --- messages


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("fault", "is_certain"),
    [(lost_answer, False), (half_answer, False), (lambda: status(500), False),
     (lambda: no_answer(5), False), (lambda: too_many("60"), True),
     (lambda: status(401), True)],
)  # fmt: skip
def test_nobody_gets_a_message_twice_until_somebody_says_so(
    own: Network, fault: Callable[[], Fault], is_certain: bool
) -> None:
    with FaultServer(deduplicate=True) as server:
        own.connect(server, **SHORT)
        server.always(fault())
        assert own.send(*ONLY).code == 5
        server.heal()
        own.connect(server)
        held = own.known(MESSAGES, "unknown")
        assert (len(held) == 0) == is_certain and len(held) <= 5
        outcome = own.send(*ONLY)
        assert outcome.code == 0
        assert ("nobody confirmed 5 messages" in outcome.out) != is_certain
        everybody = own.eligible(MESSAGES)
        assert server.members_of(MESSAGES) >= everybody - held
        assert all(server.times_applied(one) <= 1 for one in everybody)
        assert own.known(MESSAGES, "unknown") == held
        assert own.known(MESSAGES) == everybody - held
        before = {one: server.times_applied(one) for one in everybody}
        assert own.command("resend-unknown", *ONLY).code == 0
        assert own.send(*ONLY).code == 0
        assert own.known(MESSAGES) == everybody
        for one in everybody:
            assert server.times_applied(one) == before[one] + (one in held)
        asked = len(server.requests)
        assert own.send(*ONLY).code == 0
        assert len(server.requests) == asked
        ids = message_ids(server)
        assert all(len(set(ids[one])) == 1 for one in held)


def test_what_was_refused_is_offered_again_when_somebody_says_so(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        server.bad_rows |= set(list(own.addressed(NEWS).values())[:2])
        news = ("--audience", NEWS)
        assert own.send(*news).code == 4
        server.bad_rows.clear()
        before = len(server.requests)
        told = own.send(*news)
        assert told.code == 0 and "2 were rejected before" in told.out
        assert len(server.requests) == before
        for command in ("resend-unknown", "status"):
            wrong = own.command(command, "--audience", "news_to_al")
            assert wrong.code == 2 and "did you mean news_to_all?" in wrong.err
        assert own.command("resend-unknown", *news, "--rejected").code == 0
        assert own.send(*news).code == 0
        assert own.differences(server, [NEWS]) == frozenset()


def test_a_receiver_that_knows_messages_gets_the_same_ones_again(own: Network) -> None:
    with FaultServer(deduplicate=True) as server:
        own.connect(server, **SHORT)
        own.set(SENT, on_unknown="replay")
        server.always(lost_answer())
        assert own.send(*ONLY).code == 5
        unknown = own.known(MESSAGES, "unknown")
        assert len(unknown) == 5
        server.heal()
        assert own.send(*ONLY).code == 0
        assert own.known(MESSAGES) == own.eligible(MESSAGES)
        ids = message_ids(server)
        assert all(len(set(one)) == 1 for one in ids.values())
        assert {one for one, sent in ids.items() if len(sent) > 1} == unknown


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("moment", "code"),
    [("2026-07-01T22:59:00Z", 75), ("2026-07-01T23:00:00Z", 0),
     ("2026-07-01T10:59:00Z", 0), ("2026-07-01T11:00:00Z", 75)],
)  # fmt: skip
def test_messages_wait_for_their_hours_and_lists_do_not(
    own: Network, monkeypatch: pytest.MonkeyPatch, moment: str, code: int
) -> None:
    own.change(
        "update main.audiences set sent_from = '08:00', sent_until = '20:00'"
        f" where audience = '{MESSAGES}'"
    )
    now = datetime.fromisoformat(moment).astimezone(UTC)
    monkeypatch.setattr(export_audiences, "now", lambda: now)
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == code
        assert own.differences(server) == frozenset()
        sent = server.members_of(MESSAGES)
        assert sent == (frozenset() if code else own.eligible(MESSAGES))


def test_hours_that_end_while_messages_go_stop_the_rest(
    own: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.change(
        "update main.audiences set sent_from = '08:00', sent_until = '20:00'"
        f" where audience = '{MESSAGES}'"
    )
    evening, night, morning = (
        datetime.fromisoformat(f"2026-07-{moment}+09:00")
        for moment in ("01T19:59:59", "01T20:00:00", "02T08:00:00")
    )
    moments = [evening]
    monkeypatch.setattr(export_audiences, "now", lambda: moments[0])

    def pass_time(when: str, change: Change) -> None:
        if change.audience == MESSAGES and moments == [evening]:
            moments[0] = night

    with FaultServer(watch=pass_time) as server:
        own.connect(server)
        assert own.send().code == 75
        first = server.members_of(MESSAGES)
        assert len(first) == 5 < len(own.eligible(MESSAGES))
        moments[0] = morning
        assert own.send().code == 0
        assert server.members_of(MESSAGES) == own.eligible(MESSAGES)
        assert all(server.times_applied(one) == 1 for one in first)


def test_who_moves_within_a_stay_gets_no_second_message(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        before = server.members_of(MESSAGES)
        own.change(
            "update main.audience_members set destination_identifier = 'elsewhere'"
            f" where audience = '{MESSAGES}' and customer_id ="
            f" '{own.customers(MESSAGES)[0]}'"
        )
        assert own.send().code == 0
        assert server.members_of(MESSAGES) == before


# --- folders, forms, uploads


def test_the_ledger_knows_files_in_one_folder(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        assert own.command("run").code == 20
        before = own.files()
        with duckdb.connect(str(own.ledger), read_only=True) as connection:
            known = connection.sql("from memberships order by all").fetchall()
        home, own.out = own.out, own.folder / "elsewhere"
        for command in ("plan", "run", "preview"):
            outcome = own.command(command)
            assert outcome.code == 2 and str(home) in outcome.err
        own.out = home
        with duckdb.connect(str(own.ledger), read_only=True) as connection:
            assert connection.sql("from memberships order by all").fetchall() == known
        assert own.files() == before


def test_a_file_of_another_form_takes_the_place_of_the_old_one(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        own.command("run")
        names = set(own.files())
        own.add_destination("files", form="jsonl")
        own.command("run")
        assert set(own.files()) == {name.replace(".csv", ".jsonl") for name in names}
        own.add_destination("files", form="default")
        own.erase(own.customers(COUPON)[0])
        own.change(
            f"update main.audiences set min_rows = 999 where audience = '{COUPON}'"
        )
        assert own.command("run").code == 3
        # nobody can take rows out of a form that the settings do not describe
        assert f"{COUPON}.jsonl" not in own.files()


def test_who_cannot_be_told_is_in_no_file(own: Network) -> None:
    """A message without its variable, or too long once filled, is not sent."""
    message = {
        "kind": "sms",
        "message_class": "ad",
        "text": "(광고) {name}님, 쿠폰이 도착했습니다. 무료수신거부 080-123-4567",
        "lms": False,
    }
    with FaultServer() as server:
        own.connect(server)
        other = {**message, "text": "(광고) {product} 무료수신거부 080-123-4567"}
        own.add_destination("files", form="sms_vendor", messages={COUPON: other})
        told = own.command("run", "--audience", COUPON)
        assert told.code == 2 and "asks for product, which does not travel" in told.err
        own.add_destination("files", form="sms_vendor", messages={COUPON: message})
        nameless, long, *others = own.customers(COUPON)
        for who, name in ((f"<> '{long}'", "한별"), (f"= '{long}'", "별" * 40)):
            own.change(
                f"""update main.audience_members
                set variables = json_object('name', '{name}')
                where audience = '{COUPON}' and customer_id {who}"""
            )
        own.change(
            "update main.audience_members set variables = '{\"name\": null}'"
            f" where audience = '{COUPON}' and customer_id = '{nameless}'"
        )
        outcome = own.command("run", "--audience", COUPON, "--format", "json")
        assert outcome.code == 4
        rejected = json.loads(outcome.out)["audiences"][COUPON]["rejected"]
        assert rejected == {"missing_variable": 1, "text_too_long": 1}
        text = own.files()[f"{COUPON}.csv"].decode("cp949")
        rows = list(csv.DictReader(text.splitlines()))
        assert len(rows) == len(others)
        filled = "(광고) 한별님, 쿠폰이 도착했습니다. 무료수신거부 080-123-4567"
        assert {(row["메시지유형"], row["내용"]) for row in rows} == {("SMS", filled)}


def test_an_audience_that_moves_to_other_files_leaves_the_first(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        own.command("run")
        own.change(
            "update main.audiences set destination = 'sftp'"
            f" where audience = '{COUPON}'"
        )
        own.add_destination("sftp")
        assert own.command("run").code == 20
        assert f"{COUPON}.csv" not in own.files()
        assert (own.out / "sftp" / f"{COUPON}.csv").is_file()
        assert own.command("run").code == 20


def test_an_upload_that_dies_is_done_by_the_next_run(own: Network) -> None:
    share = own.folder / "share"
    share.mkdir()
    with FaultServer() as server:
        own.connect(server)
        own.add_destination("files", upload={"target": f"file://{share}"})
        outcome = own.command("run")
        assert outcome.code == 20 and list(share.iterdir()) == []
        assert own.child("run", "--send", where="files: uploaded", number=1) == -9
        assert own.send().code == 0
        times = {path.name: path.stat().st_mtime_ns for path in share.iterdir()}
        assert {name for name in times if name[0] != "."} == set(own.files())
        assert own.send().code == 0
        assert {one.name: one.stat().st_mtime_ns for one in share.iterdir()} == times
        share.rename(own.folder / "unmounted")
        own.erase(own.customers(COUPON)[0])
        outcome = own.send()
        assert outcome.code == 5 and "Traceback" not in outcome.err


# --- locks, builds, disks


def test_of_two_exports_the_second_comes_later(own: Network) -> None:
    codes: list[int] = []

    def second(when: str, change: Change) -> None:
        if not codes:
            codes.append(-1)
            codes[0] = own.child("run", "--send")

    with FaultServer(watch=second) as server:
        own.connect(server, timeout_seconds=60)
        assert own.send().code == 0
        assert codes == [75]
        assert own.differences(server) == frozenset()
        assert len(server.requests) == own.first_requests()


def test_a_build_may_be_written_while_an_export_sends(own: Network) -> None:
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]);"
        " c.sql('create or replace table main.written as select 1')"
    )
    codes: list[int] = []

    def build(when: str, change: Change) -> None:
        if len(codes) < 2:
            command = [sys.executable, "-c", script, str(own.database)]
            codes.append(subprocess.run(command, check=False).returncode)

    with FaultServer(watch=build) as server:
        own.connect(server, timeout_seconds=60)
        assert own.send("--audience", WIN_BACK).code == 0
        assert codes == [0, 0]
        assert own.differences(server, [WIN_BACK]) == frozenset()


def test_a_build_waits_until_an_export_has_read(
    own: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []
    with opened_elsewhere(own.database, read_only=True) as reader:

        def nap(seconds: float) -> None:
            naps.append(seconds)
            reader.kill()
            reader.wait()

        waiting = SimpleNamespace(sleep=nap, monotonic=time.monotonic)
        monkeypatch.setattr(warehouse_file, "time", waiting)
        assert own.warehouse.dbt("seed", "--select", "channels").success
    assert len(naps) == 1


def test_an_export_while_a_build_is_written_asks_nobody(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        with opened_elsewhere(own.database):
            assert own.send().code == 75
        assert server.requests == []


@pytest.mark.few(1)
@pytest.mark.parametrize("file_bytes", [1, 1_000, 4_000])
def test_a_full_disk_loses_nothing(own: Network, file_bytes: int) -> None:
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        own.withdraw(NEWS, *own.customers(NEWS)[:7])
        before = own.files()
        ended = export_in_child(
            own.words("run", "--send"), environ=ENVIRON, file_bytes=file_bytes
        )
        assert ended.code == 1 or file_bytes > 1
        if ended.code:
            assert ended.code == 1 and len(ended.said.splitlines()) == 1
            assert ended.said.startswith("error: ")
        else:
            assert own.differences(server) == frozenset()
        assert own.files() == before
        assert own.send().code == 0
        assert own.differences(server) == frozenset()


def test_a_ledger_that_cannot_be_made_is_one_line(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        outcome = own.send("--ledger", "/proc/ledger/ledger.duckdb")
        assert outcome.code == 1 and len(outcome.err.splitlines()) == 1
        assert server.requests == []


# --- guards


def empty(own: Network) -> None:
    own.without(NEWS, *own.customers(NEWS))


def guard(column: str, value: str) -> Callable[[Network], None]:
    def change(own: Network) -> None:
        own.change(
            f"update main.audiences set {column} = {value} where audience = '{NEWS}'"
        )

    return change


def grow(own: Network) -> None:
    guard("max_added_share", "0.1")(own)
    shutil.copy(own.folder / "whole.duckdb", own.database)
    guard("max_added_share", "0.1")(own)


def shrink(own: Network) -> None:
    own.without(NEWS, *own.customers(NEWS)[10:])


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("breakage", "code", "says"),
    [(empty, 3, "max_removed_share"), (shrink, 3, "max_removed_share"),
     (grow, 3, "max_added_share"), (guard("min_rows", "100"), 3, "min_rows"),
     (guard("max_rows", "3"), 3, "max_rows"),
     (guard("max_age_days", "1"), 6, "max_age_days")],
)  # fmt: skip
def test_a_guard_stops_all_but_wishes(
    own: Network,
    monkeypatch: pytest.MonkeyPatch,
    breakage: Callable[[Network], None],
    code: int,
    says: str,
) -> None:
    monkeypatch.setattr(export_audiences, "yesterday", lambda zone: date(2026, 7, 2))
    own.destinations.touch()
    shutil.copy(own.database, own.folder / "whole.duckdb")
    own.without(NEWS, *own.customers(NEWS)[40:])
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        there = {name: server.members_of(name) for name in SETS}
        asked = len(server.requests)
        address = own.addressed(WIN_BACK)
        leaver = own.customers(WIN_BACK)[2]
        breakage(own)
        outcome = own.send("--max-age-days", "9")
        assert outcome.code == code and says in outcome.err
        assert len(server.requests) == asked
        own.withdraw(WIN_BACK, leaver)
        server.fail(*[status(401)] * 2)
        failed = own.send("--max-age-days", "9")
        assert failed.code == code and f"{LISTED} did not confirm that 1" in failed.err
        server.heal()
        told = own.send("--max-age-days", "9")
        assert told.code == code and f"taken out of {LISTED}" in told.err
        assert server.members_of(NEWS) == there[NEWS]
        assert server.members_of(WIN_BACK) == there[WIN_BACK] - {address[leaver]}
        assert {change.operation for change in server.applied[10 - 4 :]} >= {"remove"}


# --- forgetting, and finding out


def test_the_forgotten_leave_everywhere_and_never_come_back(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        everywhere = set(own.customers(NEWS)) & set(own.customers(WIN_BACK))
        person = min(everywhere)
        address = {name: own.addressed(name)[person] for name in SETS}
        server.always(status(500))
        own.connect(server, **SHORT)
        assert own.command("forget", "--customer", person).code == 5
        server.heal()
        own.connect(server)
        outcome = own.command("forget", "--customer", person)
        assert outcome.code == 0
        for name in SETS:
            assert address[name] not in server.members_of(name)
            own.gone.add((name, person))
        own.gone.add((MESSAGES, person))
        said = outcome.out + outcome.err
        assert not [one for one in (person, *address.values()) if one in said]
        for name in own.manifest():
            assert person not in own.exported(name)
        with duckdb.connect(str(own.ledger), read_only=True) as connection:
            [(tombstone,)] = connection.sql("select person from tombstones").fetchall()
            tables = connection.sql("select table_name from duckdb_tables()").fetchall()
            rows = [
                str(row)
                for (name,) in tables
                for row in connection.table(name).fetchall()
            ]
        assert tombstone == hashlib.sha256(f"customer|{person}".encode()).hexdigest()
        assert not [one for one in (person, *address.values()) if one in str(rows)]
        before = len(server.applied)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        for change in server.applied[before:]:
            assert not set(address.values()) & set(change.identifiers)


class Listing(webhook.Webhook):
    """A webhook whose receiver can be asked who is there."""

    server: FaultServer

    def members(self, audience: str) -> Iterator[str] | None:
        return iter(sorted(self.server.members_of(audience)))


def test_a_destination_that_lists_is_believed(
    own: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultServer() as server:
        Listing.server = server
        monkeypatch.setitem(
            ADAPTERS,
            "webhook",
            lambda given, environ: Listing(
                checked_settings(webhook.Settings, given, "settings"), environ
            ),
        )
        own.connect(server)
        assert own.send(*("--audience", NEWS, "--audience", WIN_BACK)).code == 0
        lost = sorted(server.members_of(NEWS))[:6]
        with server._lock:
            server._members[NEWS].difference_update(lost)
        server.put(NEWS, "stranger@example.kr")
        outcome = own.command("reconcile", "--audience", NEWS, "--format", "json")
        assert outcome.code == 0
        [row] = json.loads(outcome.out)["reconciled"]
        assert (row["there"], row["missing"], row["extra"]) == (55, 6, 1)
        assert own.send("--audience", NEWS, "--audience", WIN_BACK).code == 0
        assert own.differences(server) == frozenset()


def said_by_all(own: Network, server: FaultServer) -> Sequence[str]:
    """What every command says, in both forms."""
    said = []
    for form in ("table", "json"):
        for command, options in (
            ("plan", ()), ("preview", ()), ("run", ()), ("run", ("--send",)),
            ("status", ()), ("reconcile", ()), ("resend-unknown", ()),
            ("validate", ()), ("plan", ()),
        ):  # fmt: skip
            outcome = own.command(command, "--format", form, *options)
            said += [outcome.out, outcome.err]
        own.withdraw(NEWS, *own.customers(NEWS)[len(said) :][:3])
        server.fail(half_answer(), status(500), lost_answer(), status(400))
    return said


def test_nobody_is_named_in_what_is_said_logged_or_written(
    own: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = {
        str(value)
        for row in own.warehouse.query(
            "select customer_id, identifier from main.audience_members"
            " union all select email, phone from main_staging.stg_customers"
        )
        for value in row
        if value is not None and len(str(value)) > 5
    } | {
        str(name)
        for (name,) in own.warehouse.query(
            "select name from main_staging.stg_customers"
        )
        if name is not None and len(str(name)) >= 3
    }
    assert len(canaries) > 800
    with FaultServer() as server:
        own.connect(server)
        said = list(said_by_all(own, server))
        forgotten = own.customers(WIN_BACK)[0]
        outcome = own.command("forget", "--customer", forgotten)
        assert outcome.code == 0
        said += [outcome.out, outcome.err]
        assert any("***" in one for one in said)
    exported = {f"{name}.csv" for name in own.manifest()}
    told = [record.getMessage() + str(record.__dict__) for record in caplog.records]
    told += said
    for path in own.out.rglob("*"):
        if path.is_file() and path.name not in exported and path.suffix != ".csv":
            told.append(path.read_text("utf-8"))
    everything = "\n".join(told)
    assert "Traceback" not in everything and "e3b0c442" not in everything
    assert [one for one in canaries if one in everything] == []
