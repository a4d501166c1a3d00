"""Destinations behind a network: whatever fails, who should be there is there in the
end, nobody is added after they withdrew, and nobody gets a message twice."""

from __future__ import annotations

import random
import re
import shutil
import ssl
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import trustme

from customer_segments.exporting import points
from customer_segments.exporting.adapters import ADAPTERS, webhook
from customer_segments.exporting.delivery import Batch
from customer_segments.exporting.http_adapter import Call, Failed, Job, Reading, Reply
from customer_segments.exporting.settings import checked_settings
from customer_segments.places import environment
from tests.python.fault_server import (
    Asynchronous,
    Change,
    Fault,
    FaultServer,
    drip,
    endless_head,
    half_answer,
    lost_answer,
    no_answer,
    redirect,
    status,
    too_many,
)
from tests.python.networked import (
    COUPON,
    ENVIRON,
    GUIDE,
    MESSAGES,
    NEWS,
    SECRET,
    SETS,
    SILENT,
    WIN_BACK,
    Network,
    connect_audiences,
    networked,
)
from tests.python.test_export_audiences import copy_shop
from tests.python.warehouse import ROOT, Warehouse


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


def operations(changes: Sequence[Change]) -> list[str]:
    return [change.operation for change in changes]


# --- convergence


def test_who_should_be_there_is_there_and_a_second_run_says_nothing(
    own: Network,
) -> None:
    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        assert server.members_of(MESSAGES) == own.eligible(MESSAGES)
        assert len(server.requests) == own.first_requests()
        assert own.send().code == 0
        assert len(server.requests) == own.first_requests()


def test_a_dry_run_finds_changes_and_asks_nobody(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        outcome = own.command("run")
        assert outcome.code == 20 and "say run --send" in outcome.out
        assert own.command("plan").code == 20
        assert server.requests == []
        assert own.send().code == 0
        assert own.command("run").code == 0


def test_wishes_converge_and_removals_come_first(own: Network) -> None:
    with FaultServer() as server:
        own.connect(server)
        late = {name: own.customers(name)[-5:] for name in SETS}
        build = own.database.read_bytes()
        for name, customers in late.items():
            own.without(name, *customers)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        own.database.write_bytes(build)
        news, win_back = own.customers(NEWS), own.customers(WIN_BACK)
        own.withdraw(NEWS, *news[:4], late[NEWS][0], when="2026-06-30T11:00:00Z")
        own.erase(news[5], win_back[6])
        number = own.addressed(WIN_BACK)[win_back[8]]
        own.suppress(f"{number.replace('+82', '0')},sms,complaint,,")
        own.gone.add((WIN_BACK, win_back[8]))
        before = len(server.applied)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        told = operations(server.applied[before:])
        assert told == sorted(told, reverse=True) and set(told) == {"add", "remove"}
        assert {one.audience for one in server.applied[before:]} == set(SETS)
        own.grant(NEWS, news[0])
        asked = len(server.requests)
        assert own.send().code == 0
        assert len(server.requests) == asked + 1
        assert own.differences(server) == frozenset()


def test_identifiers_that_change_swap_and_are_shared(own: Network) -> None:
    def move(customer: str, address: str) -> None:
        own.change(
            f"update main.audience_members set identifier = '{address}',"
            f" destination_identifier = '{address}'"
            f" where audience = '{NEWS}' and customer_id = '{customer}'",
            f"update main_staging.stg_customers set email = '{address}'"
            f" where customer_id = '{customer}'",
        )

    with FaultServer() as server:
        own.connect(server)
        assert own.send().code == 0
        mover, one, other, first, second = own.customers(NEWS)[:5]
        address = own.addressed(NEWS)
        move(mover, "moved.away@example.kr")
        move(one, address[other])
        move(other, address[one])
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        assert address[mover] not in server.members_of(NEWS)
        # she takes his address, and the build keeps the lower customer_id of the two
        move(second, address[first])
        own.without(NEWS, second)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        # he withdraws, and the next build finds her there
        own.withdraw(NEWS, first)
        own.change(
            "update main.audience_members set customer_id = "
            f"'{second}' where audience = '{NEWS}' and customer_id = '{first}'"
        )
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        assert address[first] in server.members_of(NEWS)
        own.withdraw(NEWS, second)
        assert own.send().code == 0
        assert own.differences(server) == frozenset()
        assert address[first] not in server.members_of(NEWS)
        asked = len(server.requests)
        assert own.send().code == 0
        assert len(server.requests) == asked


@pytest.mark.few(3)
@pytest.mark.parametrize(
    ("where", "number"),
    [("build copied", 1), ("planned", 1), ("remove: settled", 1), ("add: settled", 1),
     ("add: settled", 2), ("files: all in place", 1), ("add: answered", 3)],
)  # fmt: skip
def test_nobody_is_added_after_a_withdrawal_that_a_run_could_know(
    own: Network, monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    with FaultServer() as server:
        own.connect(server)
        build = own.database.read_bytes()
        left = own.customers(NEWS)[:3]
        own.without(NEWS, *own.customers(NEWS)[30:])
        assert own.send("--audience", NEWS).code == 0
        own.database.write_bytes(build)
        own.withdraw(NEWS, *left)
        gone = [own.addressed(WIN_BACK)[one] for one in own.customers(WIN_BACK)[::3]]
        loaded_at: list[int] = []
        seen: Counter[str] = Counter()

        def load(name: str) -> None:
            seen[name] += 1
            if name == where and seen[name] == number and not loaded_at:
                own.withdraw(WIN_BACK, *own.customers(WIN_BACK)[::3])
                loaded_at.append(len(server.applied))

        with monkeypatch.context() as patch:
            patch.setattr(points, "hook", load)
            assert own.send().code == 0
        for change in server.applied[loaded_at[0] :]:
            assert change.operation == "remove" or not {*gone} & {*change.identifiers}
        assert own.differences(server) == frozenset()


# --- every fault of a destination


@dataclass(frozen=True)
class Play:
    """What a destination does in a run, and the code of that run.

    `faults` come one each, `always` is what all other requests get; `bad` of the
    members are taken by no request; then the destination is well again.
    """

    code: int = 0
    faults: Callable[[], Sequence[Fault | Asynchronous]] = tuple
    always: Callable[[], Fault | Asynchronous] | None = None
    bad: int = 0
    by_row: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


SHORT = {"retry_seconds": 0.3, "timeout_seconds": 0.1}
QUICK = {"timeout_seconds": 0.3}


def in_a_second() -> str:
    """An HTTP date."""
    return formatdate(time.time() + 1, usegmt=True)


PLAYS = {
    "429, Retry-After in seconds": Play(faults=lambda: [too_many("1")]),
    "429, Retry-After as a date": Play(faults=lambda: [too_many(in_a_second())]),
    "500 twice": Play(faults=lambda: [status(500), status(500)]),
    "timeout": Play(faults=lambda: [no_answer(5)], settings=QUICK),
    "slow body": Play(faults=lambda: [drip()], settings=QUICK),
    "slow header": Play(faults=lambda: [endless_head()], settings=QUICK),
    "half an answer": Play(faults=lambda: [half_answer()]),
    "half an answer, not applied": Play(faults=lambda: [half_answer(applied=False)]),
    "accepted, answer lost": Play(faults=lambda: [lost_answer()]),
    "all of it at once": Play(
        faults=lambda: [
            *(lost_answer(), status(503), half_answer(), too_many("0")),
            *(no_answer(5), lost_answer()),
        ],
        settings=QUICK,
    ),
    "one bad row, batch refused": Play(code=4, bad=1),
    "three bad rows, batch refused": Play(code=4, bad=3),
    "one bad row, named": Play(code=4, bad=1, by_row=True),
    "redirect": Play(code=5, faults=lambda: [redirect("http://127.0.0.1:9/")]),
    "401": Play(code=5, faults=lambda: [status(401)]),
    "400 for good": Play(code=5, always=lambda: status(400)),
    "429 for good": Play(code=5, always=lambda: too_many("60"), settings=SHORT),
    "500 for good": Play(code=5, always=lambda: status(500), settings=SHORT),
    "timeout for good": Play(code=5, always=lambda: no_answer(5), settings=SHORT),
    "answers lost for good": Play(code=5, always=lost_answer, settings=SHORT),
    "half answers for good": Play(code=5, always=half_answer, settings=SHORT),
    "slow body for good": Play(code=5, always=drip, settings=SHORT),
    "asynchronous job that fails": Play(
        code=5, faults=lambda: [Asynchronous(2, "failed")]
    ),
    "asynchronous jobs": Play(always=lambda: Asynchronous(1)),
}


class JobHook(webhook.Webhook):
    """A webhook whose receiver may take a batch as a job."""

    def read(self, batch: Batch, reply: Reply) -> Reading:
        if reply.status == 202:
            return self.job(reply)
        return super().read(batch, reply)

    def job(self, reply: Reply) -> Job:
        origin = self.settings.url.removesuffix("/hooks")
        return Job(Call("GET", f"{origin}/jobs/{reply.body['job']}"))

    def read_job(self, batch: Batch, reply: Reply) -> Reading:
        if reply.body["state"] == "running":
            return self.job(reply)
        if reply.body["state"] == "failed":
            return Failed("job_failed", applied=False)
        return self.read(batch, reply)


@pytest.fixture(scope="module")
def begun(source: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A shop whose lists some left and others are new to; read it, never write."""
    own = networked(source, tmp_path_factory.mktemp("begun"), SILENT)
    build = own.database.read_bytes()
    own.without(NEWS, *own.customers(NEWS)[30:])
    own.without(WIN_BACK, *own.customers(WIN_BACK)[12:])
    with environment(ENVIRON), FaultServer() as server:
        own.connect(server)
        assert own.send("--audience", NEWS, "--audience", WIN_BACK).code == 0
        assert own.differences(server) == frozenset()
    own.database.write_bytes(build)
    own.withdraw(NEWS, *own.customers(NEWS)[:5])
    return own


# what another fault says as well is played by the long tests
LATER = (
    *("half an answer, not applied", "three bad rows, batch refused", "slow header"),
    *("500 for good", "answers lost for good", "half answers for good"),
    *("timeout for good", "slow body for good"),
)


@pytest.mark.few(4)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LATER else [])
        for name in PLAYS
    ],
)
def test_after_a_fault_and_one_more_run_nothing_differs(
    begun: Network,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    name: str,
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    own = begun.copied(tmp_path, capsys)
    play = PLAYS[name]
    monkeypatch.setitem(
        ADAPTERS,
        "webhook",
        lambda given, environ: JobHook(
            checked_settings(webhook.Settings, given, "settings"), environ
        ),
    )
    with FaultServer(rows_are_refused="row" if play.by_row else "batch") as server:
        for audience in SETS:
            server.put(audience, *own.known(audience))
        own.connect(server, **play.settings)
        new = own.eligible(WIN_BACK) - server.members_of(WIN_BACK)
        bad = frozenset(sorted(new)[: play.bad])
        server.bad_rows |= bad
        server.fail(*play.faults())
        if play.always is not None:
            server.always(play.always())
        before = len(server.requests)
        outcome = own.send("--audience", NEWS, "--audience", WIN_BACK)
        assert outcome.code == play.code
        asked = server.requests[before:]
        during = own.differences(server) - bad
        assert (during == frozenset()) == (play.code != 5)
        server.heal()
        own.connect(server)
        assert own.send("--audience", NEWS, "--audience", WIN_BACK).code == 0
        left = own.differences(server)
        assert left == bad
        assert own.known(WIN_BACK, "rejected") == bad
        quiet = len(server.requests)
        assert own.send("--audience", NEWS, "--audience", WIN_BACK).code == 0
        assert len(server.requests) == quiet
    ids = [one.headers["webhook-id"] for one in asked if one.method == "POST"]
    record_property(
        "fault",
        f"{name} | {play.code} | {len(asked)} | {len(ids) - len(set(ids))}"
        f" | {len(during)} | {len(left - bad)}",
    )


def test_a_certificate_of_another_host_is_refused_before_anything_is_said(
    own: Network, record_property: Callable[[str, object], None]
) -> None:
    authority = trustme.CA()
    ca_file = own.folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    def serving(host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return context

    with FaultServer(tls=serving("other.example.com")) as server:
        own.connect(server, ca_file=str(ca_file))
        outcome = own.send("--audience", NEWS)
        assert outcome.code == 5 and "certificate_refused" in outcome.out
        assert server.requests == []
    with FaultServer(tls=serving("127.0.0.1")) as server:
        own.connect(server, ca_file=str(ca_file))
        assert own.send("--audience", NEWS).code == 0
        left = own.differences(server, [NEWS])
        assert left == frozenset()
    record_property(
        "fault", f"certificate of another host | 5 | 0 | 0 | - | {len(left)}"
    )


# --- killed


@dataclass
class Scene:
    """A run with removals, additions, files and messages to do, over and over.

    `late` are wishes, as files of the landing folder, that are loaded when it died.
    """

    own: Network
    base: dict[str, frozenset[str]]
    late: dict[Path, bytes]
    early_gone: set[tuple[str, str]]
    late_gone: set[tuple[str, str]]

    def restore(self, server: FaultServer) -> None:
        """Everything as it was before the run, with an empty server for the rest."""
        own = self.own
        shutil.rmtree(own.out)
        shutil.copytree(own.folder / "old", own.out)
        shutil.copy(own.folder / "old.ledger", own.ledger)
        own.ledger.with_name("ledger.duckdb.wal").unlink(missing_ok=True)
        for path in self.late:
            path.unlink(missing_ok=True)
        own.gone = set(self.early_gone)
        for audience, members in self.base.items():
            server.put(audience, *members)
        own.connect(server)

    def change_minds(self) -> None:
        """Load the late wishes."""
        for path, content in self.late.items():
            path.write_bytes(content)
        self.own.gone |= self.late_gone

    def check(self, server: FaultServer, loaded_at: int) -> None:
        """Server, files and ledger hold who is eligible; nobody was added too late."""
        own = self.own
        assert own.differences(server) == frozenset()
        left = {
            name: {
                identifier
                for customer, identifier in own.addressed(name).items()
                if (name, customer) in own.gone
            }
            for name in (*SETS, MESSAGES)
        }
        for change in server.applied[loaded_at:]:
            if change.operation == "add":
                assert not left[change.audience] & set(change.identifiers)
        for identifier in own.addressed(MESSAGES).values():
            assert server.times_applied(identifier) <= 1
        told = server.members_of(MESSAGES) | own.known(MESSAGES, "unknown")
        assert own.eligible(MESSAGES) <= told
        assert set(own.exported(COUPON)) == {
            one for one in own.customers(COUPON) if (MESSAGES, one) not in own.gone
        }
        assert not (own.out / f"{GUIDE}.csv").exists()


@pytest.fixture
def scene(own: Network) -> Scene:
    build = own.database.read_bytes()
    own.without(NEWS, *own.customers(NEWS)[30:])
    own.without(WIN_BACK, *own.customers(WIN_BACK)[12:])
    chosen = [word for name in (*SETS, COUPON, GUIDE) for word in ("--audience", name)]
    with FaultServer() as server:
        own.connect(server)
        assert own.send(*chosen).code == 0
        assert own.differences(server) == frozenset()
        base = {name: server.members_of(name) for name in SETS}
    own.database.write_bytes(build)
    for table in ("audiences", "audience_members", "audience_exclusions"):
        own.change(f"delete from main.{table} where audience = '{GUIDE}'")
    shutil.copytree(own.out, own.folder / "old")
    shutil.copy(own.ledger, own.folder / "old.ledger")
    news, win_back, told = map(own.customers, (NEWS, WIN_BACK, MESSAGES))
    own.withdraw(NEWS, *news[:5])
    own.erase(own.customers(COUPON)[0], news[6], win_back[3], told[0])
    early = set(own.gone)
    landed = set((own.folder / "landing").rglob("*.parquet"))
    own.withdraw(NEWS, news[10], *news[30::9])
    own.withdraw(WIN_BACK, win_back[5], *win_back[12::3])
    own.erase(told[4], told[11], news[45])
    late = set((own.folder / "landing").rglob("*.parquet")) - landed
    return Scene(
        own,
        base,
        {path: path.read_bytes() for path in late},
        early,
        own.gone - early,
    )


# these need a run that died before
BEFORE = {
    "recovery: not committed": [("remove: in flight", 1), ("add: in flight", 3)],
    "recovery: committed": [("add: in flight", 2), ("remove: answered", 1)],
    "recovery: file settled": [("files: in flight", 1), ("files: all in place", 1)],
}
FORGETTING = "tombstone laid"
# this one is in test_export_people.py
UPLOADING = "files: uploaded"


def named_points() -> set[str]:
    """The names of every point of the exporter, as they are written in it."""
    names = set()
    for path in sorted((ROOT / "customer_segments" / "exporting").rglob("*.py")):
        text = path.read_text("utf-8")
        if "from customer_segments.exporting.points import reached" not in text:
            continue
        for name in re.findall(r"\breached\(\s*f?\"([^\"]+)\"", text):
            if "{" in name:
                ending = name.partition("}")[2]
                names |= {f"add{ending}", f"remove{ending}"}
            else:
                names.add(name)
    return names


def counted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a run comes to each point."""
    seen: Counter[str] = Counter()
    with FaultServer() as server, monkeypatch.context() as patch:
        scene.restore(server)
        patch.setattr(points, "hook", lambda name: seen.update([name]))
        assert scene.own.send().code == 0
    return seen


@pytest.mark.parametrize(
    "step", [7, pytest.param(1, marks=pytest.mark.slow, id="every point")]
)
def test_killed_at_a_point_it_converges_as_minds_change(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """At every seventh point, and in the long test at every one."""
    seen = counted(scene, monkeypatch)
    assert seen.keys() | BEFORE.keys() | {FORGETTING, UPLOADING} == named_points()
    # later visits to a point are left to the random deaths
    kills = [([(name, 1)], "run") for name in seen if name not in BEFORE]
    kills += [
        ([first, (name, 1)], "run")
        for name, firsts in BEFORE.items()
        for first in firsts
    ]
    kills.append(([(FORGETTING, 1)], "forget"))
    assert len(kills) >= 25
    own = scene.own
    for deaths, command in kills[::step]:
        with FaultServer() as server:
            scene.restore(server)
            options = ["--send"]
            if command == "forget":
                forgotten = own.customers(NEWS)[8]
                options = ["--customer", forgotten]
                own.gone |= {(name, forgotten) for name in (*SETS, MESSAGES)}
            for where, number in deaths:
                code = own.child(command, *options, where=where, number=number)
                assert code == -9, (where, number)
            scene.change_minds()
            loaded_at = len(server.applied)
            assert own.send().code == 0, deaths
            scene.check(server, loaded_at)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_killed_anywhere_again_and_again_it_converges(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    total = sum(counted(scene, monkeypatch).values())
    own = scene.own
    with FaultServer() as server:
        scene.restore(server)
        loaded_at = None
        for life in range(chance.randrange(2, 7)):
            number = chance.randrange(1, total)
            code = own.child("run", "--send", where=None, number=number)
            assert code in (-9, 0)
            if loaded_at is None and chance.random() < 0.5 + life:
                scene.change_minds()
                loaded_at = len(server.applied)
        if loaded_at is None:
            scene.change_minds()
            loaded_at = len(server.applied)
        assert own.send().code == 0
        scene.check(server, loaded_at)
