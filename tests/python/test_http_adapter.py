"""Destinations behind HTTP: what becomes of a batch when they fail.

Each fault is played by a real server on loopback; only the waits are not real.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpcore
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from customer_segments.exporting import http_exchange
from customer_segments.exporting.clock import Clock
from customer_segments.exporting.delivery import Answer, Batch, Effect, Operation, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    Failed,
    HttpAdapter,
    HttpSettings,
    Job,
    Reading,
    Refused,
    Reply,
    json_call,
    safe_code,
)
from customer_segments.exporting.http_guard import is_public
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.token_bucket import TokenBucket
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
    plain,
    redirect,
    status,
    too_many,
    too_many_until,
)

TOKEN = "canary-token-7Qm2"
EMAIL = "canary.person@example.com"
PHONE = "+821098765432"
CANARIES = (TOKEN, EMAIL, PHONE, "canary.person", "1098765432")


class FakeClock(Clock):
    """Time that passes by waiting only."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []
        self.started_at = time.time()

    def now(self) -> float:
        return self.started_at + self.passed

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds


class Generic(HttpAdapter):
    """The words of FaultServer."""

    batch_size = 100
    effect: Effect = "set"
    settings: HttpSettings

    def call(self, batch: Batch) -> Call:
        return json_call(
            f"{self.settings.base_url}/members",
            {
                "operation": batch.operation,
                "audience": batch.audience,
                "rows": [{"identifier": row.identifier} for row in batch.rows],
            },
            {
                "authorization": f"Bearer {self.token}",
                "idempotency-key": batch.batch_id,
            },
        )

    def read(self, batch: Batch, reply: Reply) -> Reading:
        if reply.status == 202:
            return Job(
                Call("GET", f"{self.settings.base_url}/jobs/{reply.body['job']}")
            )
        return Done({one["identifier"]: one["code"] for one in reply.body["rejected"]})

    def job(self, reply: Reply) -> Job:
        return Job(Call("GET", f"{self.settings.base_url}/jobs/{reply.body['job']}"))

    def read_job(self, batch: Batch, reply: Reply) -> Reading:
        if reply.body["state"] == "running":
            return Job(
                Call("GET", f"{self.settings.base_url}/jobs/{reply.body['job']}")
            )
        if reply.body["state"] == "failed":
            return Failed("job_failed", applied=False)
        return self.read(batch, reply)


class Sender(Generic):
    """Takes nothing back, and does not know a request again."""

    effect: Effect = "send"
    repeatable = False


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def connected(
    server: FaultServer,
    clock: Clock,
    kind: type[Generic] = Generic,
    /,
    **changes: Any,
) -> Generic:
    """An adapter to a server; patient, because machines that test are busy."""
    told = {
        "base_url": server.url,
        "token_env": "TOKEN",
        "allow_hosts": ["127.0.0.1"],
        "timeout_seconds": 10,
        **changes,
    }
    return kind(HttpSettings.model_validate(told), {"TOKEN": TOKEN}, clock=clock)


def batch(*identifiers: str, operation: Operation = "add", name: str = "b1") -> Batch:
    """A batch of one audience."""
    rows = [Row(one, f"c-{one}", f"m-{one}") for one in identifiers]
    return Batch(name, operation, "win_back", "email", "ad", "win_back_1", rows)


@dataclass(frozen=True)
class Outcome:
    """An answer in numbers."""

    accepted: int = 0
    rejected: int = 0
    unsent: int = 0
    unknown: int = 0
    failure: str = ""


def outcome(answer: Answer, rows: int) -> Outcome:
    """What an answer says of so many rows."""
    told = [answer.accepted, frozenset(answer.rejected), answer.unsent]
    everybody = frozenset().union(*told)
    assert len(everybody) == sum(map(len, told)), "a row is told in two ways"
    accepted, rejected, unsent = map(len, told)
    unknown = rows - len(everybody)
    return Outcome(accepted, rejected, unsent, unknown, answer.failure)


@dataclass(frozen=True)
class Play:
    """Faults, and what must come of a batch of four rows a, b, c, d."""

    faults: tuple[Fault | Asynchronous | Callable[[], Fault], ...]
    requests: int
    said: Outcome
    # who is in the audience afterwards
    members: str
    # waits that were asked for; None = the backoff's own
    waits: tuple[float, ...] | None = None
    # the last fault stays
    forever: bool = False
    settings: Mapping[str, Any] | None = None
    bad_rows: str = ""

    def script(self) -> list[Fault | Asynchronous]:
        """The faults; those that name a time are made as they are needed."""
        return [fault() if callable(fault) else fault for fault in self.faults]


def tomorrow() -> float:
    """A day from now, in whole seconds since 1970."""
    return int(time.time()) + 86_400


TAKEN = Outcome(accepted=4)
# long enough for an answer of a busy machine, short enough to wait for
IMPATIENT = {"timeout_seconds": 0.8}
LONG = {"retry_seconds": 200_000}
PLAYS = {
    "nothing": Play((), 1, TAKEN, "abcd", ()),
    "429 with Retry-After in seconds": Play(
        (too_many("7"), too_many("11")), 3, TAKEN, "abcd", (7, 11)
    ),
    "429 with Retry-After as a date": Play(
        (
            lambda: too_many(
                format_datetime(datetime.fromtimestamp(tomorrow(), UTC), usegmt=True)
            ),
        ),
        2,
        TAKEN,
        "abcd",
        (86_400,),
        settings=LONG,
    ),
    "429 with X-RateLimit-Reset in seconds": Play(
        (too_many_until("13"),), 2, TAKEN, "abcd", (13,)
    ),
    "429 with X-RateLimit-Reset since 1970": Play(
        (lambda: too_many_until(str(tomorrow())),),
        2,
        TAKEN,
        "abcd",
        (86_400,),
        settings=LONG,
    ),
    "429 without a time": Play((status(429),), 2, TAKEN, "abcd"),
    "429 that asks for more than the budget": Play(
        (too_many("301"),), 1, Outcome(unsent=4, failure="http_429"), "", ()
    ),
    "429 for ever": Play(
        (too_many("60"),),
        6,
        Outcome(unsent=4, failure="http_429"),
        "",
        (60,) * 5,
        forever=True,
    ),
    "503 with Retry-After": Play(
        (status(503, Retry_After="9"),), 2, TAKEN, "abcd", (9,)
    ),
    "500 twice": Play((status(500), status(500)), 3, TAKEN, "abcd"),
    "500 for ever": Play(
        (status(500),), 0, Outcome(unknown=4, failure="http_500"), "", forever=True
    ),
    "500, then 429 for ever": Play(
        (status(500), too_many("301")), 2, Outcome(unknown=4, failure="http_429"), ""
    ),
    "no answer": Play((no_answer(),), 2, TAKEN, "abcd", settings=IMPATIENT),
    "no answer, no budget": Play(
        (no_answer(),),
        1,
        Outcome(unknown=4, failure="timeout"),
        "",
        (),
        settings={"retry_seconds": 0, **IMPATIENT},
    ),
    "slow body": Play((drip(),), 2, TAKEN, "abcd", settings=IMPATIENT),
    "slow head": Play((endless_head(),), 2, TAKEN, "abcd", settings=IMPATIENT),
    "slow body, no budget": Play(
        (drip(),),
        1,
        Outcome(unknown=4, failure="timeout"),
        "abcd",
        (),
        settings={"retry_seconds": 0, **IMPATIENT},
    ),
    "half an answer": Play((half_answer(),), 2, TAKEN, "abcd"),
    "answer lost": Play((lost_answer(),), 2, TAKEN, "abcd"),
    "answer lost, no budget": Play(
        (lost_answer(),),
        1,
        Outcome(unknown=4, failure="connection_lost"),
        "abcd",
        (),
        settings={"retry_seconds": 0},
    ),
    "one bad row": Play(
        (), 5, Outcome(accepted=3, rejected=1), "abd", (), bad_rows="c"
    ),
    "one bad row, 500 before": Play(
        (status(500),), 6, Outcome(accepted=3, unknown=1), "abd", bad_rows="c"
    ),
    "one bad row, 500 before, then a wrong token": Play(
        (status(500), status(400), plain(), status(401)),
        4,
        Outcome(accepted=2, unknown=2, failure="http_401"),
        "ab",
    ),
    "one bad row, 500 before, then at once a wrong token": Play(
        (status(500), status(400), status(401)),
        3,
        Outcome(unknown=4, failure="http_401"),
        "",
    ),
    "as many bad rows as may be": Play(
        (),
        5,
        Outcome(accepted=3, rejected=1),
        "abc",
        settings={"max_bad_rows": 1},
        bad_rows="d",
    ),
    "only bad rows": Play((), 7, Outcome(rejected=4), "", (), bad_rows="abcd"),
    "more bad rows than may be": Play(
        (),
        4,
        Outcome(rejected=2, unsent=2, failure="too_many_bad_rows"),
        "",
        (),
        settings={"max_bad_rows": 2},
        bad_rows="abcd",
    ),
    "redirect": Play(
        (redirect("http://127.0.0.1:1/", 307),),
        1,
        Outcome(unsent=4, failure="redirect"),
        "",
        (),
    ),
    "redirect after it was perhaps done": Play(
        (redirect("/thanks", 303),), 1, Outcome(unknown=4, failure="redirect"), "", ()
    ),
    "wrong token": Play(
        (status(401),), 1, Outcome(unsent=4, failure="http_401"), "", ()
    ),
    "500, then a wrong token": Play(
        (status(500), status(403)), 2, Outcome(unknown=4, failure="http_403"), ""
    ),
    "job": Play((Asynchronous(running=2),), 4, TAKEN, "abcd", (5, 5, 5)),
    "job that fails": Play(
        (Asynchronous(end="failed"),),
        3,
        Outcome(unsent=4, failure="job_failed"),
        "",
        (5, 5),
    ),
    "job with a bad row": Play(
        (Asynchronous(running=0, rejected={"b": "bad_row"}),),
        2,
        Outcome(accepted=3, rejected=1),
        "acd",
        (5,),
    ),
    "job that never ends": Play(
        (Asynchronous(running=1000),),
        5,
        Outcome(unknown=4, failure="job_timeout"),
        "",
        (5, 5, 5, 5),
        settings={"poll_seconds": 20},
    ),
}


@pytest.mark.parametrize("name", PLAYS)
def test_what_becomes_of_a_batch(name: str, clock: FakeClock) -> None:
    play = PLAYS[name]
    with FaultServer(bad_rows=play.bad_rows) as server:
        script = play.script()
        server.fail(*script)
        if play.forever:
            server.always(script[-1])
        adapter = connected(server, clock, **(play.settings or {}))
        said = outcome(adapter.deliver(batch(*"abcd")), rows=4)
        adapter.close()
        assert said == play.said
        assert "".join(sorted(server.members_of("win_back"))) == play.members
        if play.requests:
            assert len(server.requests) == play.requests
        if play.waits is not None:
            assert clock.waits == pytest.approx(play.waits, abs=10)
            # what is not a date is waited for to the second
            if max(play.waits, default=0) < 1000:
                assert clock.waits == list(play.waits)


def test_a_budget_ends_and_waits_grow_with_jitter(
    server: FaultServer, clock: FakeClock
) -> None:
    server.always(status(500))
    adapter = connected(server, clock, retry_seconds=120, max_backoff_seconds=32)
    adapter.deliver(batch("a"))
    bounds = [1, 2, 4, 8, 16, 32, 32, 32]
    for wait, least in zip(clock.waits, bounds, strict=False):
        assert least <= wait <= 1.5 * least
    assert len(server.requests) == len(clock.waits) + 1
    assert clock.passed <= 120
    # the next wait would have ended after the budget
    assert clock.passed + 1.5 * bounds[len(clock.waits)] > 120
    assert any(wait not in bounds for wait in clock.waits)


def test_each_attempt_has_the_same_id_and_bytes(
    server: FaultServer, clock: FakeClock
) -> None:
    server.fail(status(500), lost_answer(), too_many("1"))
    connected(server, clock).deliver(batch("a", "b"))
    assert len(server.requests) == 4
    assert {one.headers["idempotency-key"] for one in server.requests} == {"b1"}
    assert len({one.content for one in server.requests}) == 1


def test_parts_have_ids_that_stay_the_same(clock: FakeClock) -> None:
    seen = []
    for _ in range(2):
        with FaultServer(bad_rows="d") as server:
            connected(server, clock).deliver(batch(*"abcdef"))
            seen.append([one.headers["idempotency-key"] for one in server.requests])
    assert seen[0] == seen[1]
    assert seen[0][0] == "b1"
    assert len(set(seen[0])) == len(seen[0])


def test_a_receiver_that_knows_ids_applies_a_lost_answer_once(
    clock: FakeClock,
) -> None:
    with FaultServer(deduplicate=True) as server:
        server.fail(lost_answer(), half_answer())
        answer = connected(server, clock).deliver(batch("a"))
        assert answer.accepted == {"a"}
        assert len(server.requests) == 3
        assert server.times_applied("a") == 1


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 40),
    bad=st.sets(st.integers(0, 39), max_size=5),
    told_by_row=st.booleans(),
)
def test_exactly_the_bad_rows_are_rejected(
    rows: int, bad: set[int], told_by_row: bool
) -> None:
    everybody = [f"r{number}" for number in range(rows)]
    wrong = {f"r{number}" for number in bad} & set(everybody)
    with FaultServer(
        bad_rows=wrong, rows_are_refused="row" if told_by_row else "batch"
    ) as server:
        answer = connected(server, FakeClock()).deliver(batch(*everybody))
        assert answer.accepted == set(everybody) - wrong
        assert set(answer.rejected) == wrong
        assert not answer.unsent
        assert not answer.failure
        assert server.members_of("win_back") == answer.accepted
        assert all(server.times_applied(one) == 1 for one in answer.accepted)
        deepest = (rows - 1).bit_length()
        most = 1 if told_by_row else 1 + 2 * deepest * len(wrong)
        assert len(server.requests) <= most


def test_one_bad_row_of_a_thousand_takes_21_requests(clock: FakeClock) -> None:
    everybody = [f"r{number}" for number in range(1024)]
    with FaultServer(bad_rows=["r700"]) as server:
        answer = connected(server, clock).deliver(batch(*everybody))
        assert answer.rejected == {"r700": "http_400"}
        assert len(answer.accepted) == 1023
        assert len(server.requests) == 1 + 2 * 10


def test_who_does_not_know_ids_is_not_sent_to_twice(
    server: FaultServer, clock: FakeClock
) -> None:
    adapter = connected(server, clock, Sender)
    server.fail(too_many("3"), lost_answer())
    said = outcome(adapter.deliver(batch("a", "b")), rows=2)
    assert said == Outcome(unknown=2, failure="connection_lost")
    assert len(server.requests) == 2
    assert server.times_applied("a") == 1


def test_a_connection_is_kept_only_where_a_request_may_be_repeated(
    server: FaultServer, clock: FakeClock
) -> None:
    """A kept connection may close as it is used: nobody knows whether it was sent."""
    for kind, connections in ((Generic, 1), (Sender, 3)):
        adapter = connected(server, clock, kind)
        for _ in range(3):
            adapter.deliver(batch("a"))
        assert len({one.port for one in server.requests[-3:]}) == connections


def test_answers_are_asked_for_uncompressed(
    server: FaultServer, clock: FakeClock
) -> None:
    connected(server, clock).deliver(batch("a"))
    (request,) = server.requests
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_send_that_was_perhaps_made_is_not_taken_apart(
    server: FaultServer, clock: FakeClock
) -> None:
    class Knowing(Sender):
        repeatable = True

    server.fail(status(500), status(400))
    said = outcome(connected(server, clock, Knowing).deliver(batch("a", "b")), rows=2)
    assert said == Outcome(unknown=2)
    assert len(server.requests) == 2


def test_rows_after_a_failure_are_unsent(server: FaultServer, clock: FakeClock) -> None:
    server.fail(status(400), plain(), status(403))
    said = outcome(connected(server, clock).deliver(batch(*"abcdefgh")), rows=8)
    assert said == Outcome(accepted=4, unsent=4, failure="http_403")


def test_an_empty_batch_is_no_request(server: FaultServer, clock: FakeClock) -> None:
    assert connected(server, clock).deliver(batch()) == Answer(frozenset())
    assert not server.requests


def test_a_watch_sees_a_change_before_and_after_it_is_made(clock: FakeClock) -> None:
    """What tests of crashes stand on: who sends can be killed at either point."""
    seen: list[tuple[str, bool]] = []

    def watch(when: str, change: Change) -> None:
        seen.append((when, "a" in watched.members_of(change.audience)))

    with FaultServer(watch=watch) as watched:
        watched.fail(status(500))
        connected(watched, clock).deliver(batch("a"))
    assert seen == [("received", False), ("received", False), ("applied", True)]


def test_removals_reach_the_server(server: FaultServer, clock: FakeClock) -> None:
    server.put("win_back", "a", "b")
    server.fail(lost_answer())
    answer = connected(server, clock).deliver(batch("a", operation="remove"))
    assert answer.accepted == {"a"}
    assert server.members_of("win_back") == {"b"}


def test_nobody_there_is_unsent(clock: FakeClock) -> None:
    with FaultServer() as gone:
        adapter = connected(gone, clock)
    said = outcome(adapter.deliver(batch("a", "b")), rows=2)
    assert said == Outcome(unsent=2, failure="unreachable")
    assert len(clock.waits) > 3


def test_a_lost_answer_then_nobody_there_is_unknown(clock: FakeClock) -> None:
    """What may have been applied stays so, whatever happens afterwards."""

    class Leaving(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.waits) == 1:
                gone.__exit__()

    gone = FaultServer().__enter__()
    gone.fail(lost_answer())
    said = outcome(connected(gone, Leaving()).deliver(batch("a")), rows=1)
    assert said == Outcome(unknown=1, failure="unreachable")


def test_requests_a_second_are_kept_also_while_searching(clock: FakeClock) -> None:
    with FaultServer(bad_rows="c") as server:
        adapter = connected(server, clock, requests_per_second=2)
        adapter.deliver(batch(*"abcd"))
        assert len(server.requests) == 5
    # two at once, then one each half second
    assert clock.waits == pytest.approx([0.5, 0.5, 0.5])


def test_a_bucket_fills_to_one_second_and_no_more() -> None:
    clock = FakeClock()
    bucket = TokenBucket(4)
    clock.passed = 3600
    for _ in range(6):
        bucket.take(clock)
    assert clock.waits == pytest.approx([0.25, 0.25])
    clock.passed += 0.5
    for _ in range(3):
        bucket.take(clock)
    assert clock.waits == pytest.approx([0.25, 0.25, 0.25])
    clock.passed += 3600
    for _ in range(5):
        bucket.take(clock)
    assert clock.waits == pytest.approx([0.25] * 4)
    slow = TokenBucket(0.1)
    slow.take(clock)
    slow.take(clock)
    assert clock.waits[-1] == pytest.approx(10)
    TokenBucket(None).take(clock)
    assert len(clock.waits) == 5


@pytest.mark.parametrize(
    ("status_code", "headers", "wait"),
    [
        (429, {}, None),
        (429, {"retry-after": "12"}, 12),
        (429, {"retry-after": "1.5"}, 1.5),
        (429, {"retry-after": "-5"}, 0),
        (429, {"retry-after": "soon"}, None),
        (429, {"retry-after": "nan"}, None),
        (429, {"retry-after": "1e99"}, None),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:17:10 GMT"}, 30),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        # by the destination's own clock, which is ten seconds behind ours
        (
            503,
            {
                "date": "Thu, 01 Jan 1970 00:16:30 GMT",
                "retry-after": "Thu, 01 Jan 1970 00:17:00 GMT",
            },
            30,
        ),
        (429, {"x-ratelimit-reset": "25"}, 25),
        (429, {"retry-after": "3", "x-ratelimit-reset": "25"}, 3),
        # told with each answer, whatever the trouble is
        (500, {"x-ratelimit-reset": "25", "x-ratelimit-remaining": "17"}, None),
        (503, {"x-ratelimit-reset": "25", "x-ratelimit-remaining": "0"}, 25),
    ],
)
def test_what_a_destination_asks_for(
    status_code: int, headers: dict[str, str], wait: float | None
) -> None:
    assert http_exchange.asked_wait(Reply(status_code, headers), 1000.0) == wait


def test_resets_since_1970_may_be_milliseconds() -> None:
    now = 1_790_000_000.0
    for told in ("1790000040", "1790000040000"):
        reply = Reply(429, {"x-ratelimit-reset": told})
        assert http_exchange.asked_wait(reply, now) == pytest.approx(40)


# --- where connections go


PRIVATE = [
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://172.16.5.4/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://127.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2002:7f00:1::]/",
    "https://[64:ff9b::7f00:1]/",
]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a connection was opened to; none is."""
    opened: list[str] = []

    def refuse(backend: object, host: str, *more: object, **named: object) -> None:
        opened.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    return opened


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let names mean addresses: one answer for each time they are asked for."""
    asked: list[str] = []

    def answer(host: str, port: int, **named: object) -> list[Any]:
        addresses = answers[min(len(asked), len(answers) - 1)].split()
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def at(url: str, clock: Clock, **changes: Any) -> Generic:
    """An adapter to an address without a token."""
    told = {"base_url": url, "retry_seconds": 0, **changes}
    return Generic(HttpSettings.model_validate(told), {}, clock=clock)


@pytest.mark.parametrize("url", PRIVATE)
def test_private_addresses_are_refused(
    url: str, clock: FakeClock, connections: list[str]
) -> None:
    said = outcome(at(url, clock).deliver(batch("a")), rows=1)
    assert said == Outcome(unsent=1, failure="address_refused")
    assert connections == []
    assert clock.waits == []


@pytest.mark.parametrize(
    "addresses",
    ["10.1.2.3", "::1", "::ffff:192.168.1.1", "8.8.8.8 10.1.2.3", "10.1.2.3 8.8.8.8"],
)
def test_a_name_of_a_private_address_is_refused(
    addresses: str,
    clock: FakeClock,
    connections: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, addresses)
    adapter = at("https://api.example.com", clock)
    assert adapter.deliver(batch("a")).failure == "address_refused"
    assert connections == []


def test_what_was_checked_is_what_is_connected_to(
    clock: FakeClock, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means another address when it is asked again gains nothing."""
    asked = resolving(monkeypatch, "8.8.8.8 1.1.1.1", "127.0.0.1")
    adapter = at("https://api.example.com", clock)
    assert adapter.deliver(batch("a")).failure == "unreachable"
    assert asked == ["api.example.com"]
    assert connections == ["8.8.8.8", "1.1.1.1"]
    assert adapter.deliver(batch("a")).failure == "address_refused"


def test_a_private_host_that_is_named_is_reached(
    clock: FakeClock, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "10.1.2.3")
    named = at("https://crm.example.com", clock, allow_hosts=["CRM.example.com."])
    assert named.deliver(batch("a")).failure == "unreachable"
    assert connections == ["10.1.2.3"]
    other = at("https://crm.example.com", clock, allow_hosts=["example.com"])
    assert other.deliver(batch("a")).failure == "address_refused"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://api.example.com", "must begin with https://"),
        ("ftp://api.example.com", "must begin with https://"),
        ("api.example.com", "must be a whole one"),
        ("https://", "must be a whole one"),
        ("https://who:canary-token-7Qm2@api.example.com", "name or a password"),
        ("https://api.example.com:canary-token-7Qm2", "no URL"),
    ],
)
def test_an_address_that_is_not_safe_is_said(url: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        HttpSettings.model_validate({"base_url": url})
    assert TOKEN not in str(caught.value)


def test_http_is_for_named_hosts(server: FaultServer, clock: FakeClock) -> None:
    with pytest.raises(ValidationError, match="https"):
        connected(server, clock, allow_hosts=["127.0.0.2"])


def test_requests_stay_with_their_host(server: FaultServer, clock: FakeClock) -> None:
    """A job's address comes from outside; a token must not follow it."""

    class Lured(Generic):
        def read(self, batch: Batch, reply: Reply) -> Reading:
            headers = {"authorization": f"Bearer {self.token}"}
            return Job(Call("GET", f"{elsewhere.url}/jobs/1", headers))

    with FaultServer() as elsewhere:
        said = outcome(connected(server, clock, Lured).deliver(batch("a")), rows=1)
        assert said == Outcome(unknown=1, failure="foreign_address")
        assert not elsewhere.requests


def test_no_redirect_is_followed(server: FaultServer, clock: FakeClock) -> None:
    with FaultServer() as elsewhere:
        for code in (301, 302, 303, 307, 308):
            server.fail(redirect(f"{elsewhere.url}/members", code))
            answer = connected(server, clock).deliver(batch("a"))
            assert answer.failure == "redirect"
        assert not elsewhere.requests


def test_proxies_of_the_environment_are_not_used(
    server: FaultServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultServer() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert connected(server, clock).deliver(batch("a")).accepted == {"a"}
        assert not proxy.requests


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving(authority: trustme.CA, host: str) -> FaultServer:
    """A server with a certificate for a host."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return FaultServer(tls=context)


@pytest.mark.parametrize(
    ("host", "known", "failure"),
    [
        ("127.0.0.1", True, ""),
        ("other.example.com", True, "certificate_refused"),
        ("127.0.0.1", False, "certificate_refused"),
    ],
)
def test_certificates_are_checked(
    host: str,
    known: bool,
    failure: str,
    authority: trustme.CA,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    with serving(authority, host) as server:
        adapter = connected(server, clock, ca_file=ca_file if known else None)
        answer = adapter.deliver(batch("a"))
        assert answer.failure == failure
        assert len(server.requests) == (0 if failure else 1)
        assert answer.unsent == ({"a"} if failure else set())
        assert clock.waits == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_is_said(
    content: str | None, clock: FakeClock, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with pytest.raises(WrongSpec, match="holds no certificates"):
        at("https://api.example.com", clock, ca_file=ca_file)


# --- answers that are not what they should be


def test_an_answer_that_is_too_large_is_not_read(
    server: FaultServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_exchange, "MAX_ANSWER_BYTES", 1000)
    server.fail(Fault(body="x" * 2000, applied=True))
    said = outcome(connected(server, clock).deliver(batch("a")), rows=1)
    assert said == Outcome(unknown=1, failure="answer_too_large")
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_none(content: bytes) -> None:
    assert http_exchange.parsed(content) is None


def test_an_answer_that_cannot_be_understood_leaves_rows_unknown(
    server: FaultServer, clock: FakeClock
) -> None:
    server.fail(Fault(body=["what is this"], applied=True))
    said = outcome(connected(server, clock).deliver(batch("a")), rows=1)
    assert said == Outcome(unknown=1, failure="adapter_TypeError")


def test_what_nobody_thought_of_leaves_rows_unknown_and_unsaid(
    server: FaultServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*anything: object) -> Reply:
        raise RuntimeError(EMAIL)

    adapter = connected(server, clock)
    monkeypatch.setattr(http_exchange.Exchange, "_send", break_down)
    said = outcome(adapter.deliver(batch("a")), rows=1)
    assert said == Outcome(unknown=1, failure="adapter_RuntimeError")


def test_rows_that_an_answer_invents_are_not_rows(
    server: FaultServer, clock: FakeClock
) -> None:
    told = {"rejected": [{"identifier": "nobody", "code": "x"}]}
    server.fail(Fault(body=told, applied=True))
    answer = connected(server, clock).deliver(batch("a"))
    assert answer == Answer(frozenset({"a"}))


# --- what may not be seen


def seen(record: logging.LogRecord) -> str:
    """Everything that a handler could print of a record."""
    return f"{record.getMessage()} {record.__dict__!r}"


def gossip(clock: FakeClock) -> list[object]:
    """Deliver canaries through each fault; all that came back."""
    came: list[object] = []
    echo = {"x-echo": f"{EMAIL} {PHONE} {TOKEN}", "set-cookie": f"who={EMAIL}"}
    told = {
        "error": f"{EMAIL} is bad",
        "rejected": [{"identifier": EMAIL, "code": PHONE}],
    }
    faults: list[Fault | Asynchronous] = [
        *(Fault(code, echo, told) for code in (200, 400, 401, 404, 409, 422, 500)),
        too_many("1"),
        lost_answer(),
        half_answer(),
        Fault(302, {"location": f"/{EMAIL}?token={TOKEN}"}),
        Asynchronous(end="failed"),
        Asynchronous(rejected={EMAIL: f"{PHONE}"}),
    ]

    class Gossiping(Generic):
        def refusal(self, reply: Reply) -> Reading:
            return Refused(str(reply.body))

        def call(self, batch: Batch) -> Call:
            call = super().call(batch)
            return Call("POST", f"{call.url}/{EMAIL}", call.headers, call.content)

    class Broken(Generic):
        def call(self, batch: Batch) -> Call:
            raise ValueError(f"{EMAIL} {self.token}")

    class Unprintable(Generic):
        def call(self, batch: Batch) -> Call:
            return Call(
                "POST", f"{self.settings.base_url}/{EMAIL}", {"x": EMAIL + "\n"}
            )

    with FaultServer() as server:
        adapters = [
            connected(server, clock, kind)
            for kind in (Gossiping, Sender, Broken, Unprintable)
        ]
        for fault in faults:
            for adapter in adapters:
                server.heal()
                server.fail(fault)
                answer = adapter.deliver(batch(EMAIL, PHONE))
                came += [answer, answer.rejected.values(), answer.failure]
        came += [*adapters, *(adapter.settings for adapter in adapters)]
    reply = Reply(400, echo, told)
    call = json_call(f"https://api.example.com/{EMAIL}", told, {"x": TOKEN})
    came += [reply, call, Job(call), Done({EMAIL: "x"}), batch(EMAIL)]
    came += batch(EMAIL, PHONE).rows
    return came


def test_nobody_is_named_anywhere(
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("", "httpx", "httpcore", "httpcore.http11", "stamina", "h11"):
        caplog.set_level(logging.DEBUG, name or None)
    came = gossip(clock)
    printed = capfd.readouterr()
    told = [repr(one) for one in came] + [str(one) for one in came]
    told += [*map(seen, caplog.records), printed.out, printed.err]
    for canary in CANARIES:
        assert not [text for text in told if canary in text]
    # a retry is told, so records do arrive here
    assert any(record.name == "stamina" for record in caplog.records)


@pytest.mark.parametrize("library", ["httpx", "httpcore.http11"])
def test_the_libraries_would_name_somebody(
    library: str,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise the test above would look at nothing."""
    monkeypatch.setattr(http_exchange, "keep_quiet", lambda: None)
    monkeypatch.setattr(logging.getLogger(library), "filters", [])
    caplog.set_level(logging.DEBUG, library)
    gossip(clock)
    assert any(
        EMAIL in seen(record) for record in caplog.records if record.name == library
    )


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("invalid_identifier", "invalid_identifier"),
        ("100:1487056", "100:1487056"),
        ("a person", "unknown_code"),
        (EMAIL, "unknown_code"),
        (PHONE, "unknown_code"),
        ("01012345678", "unknown_code"),
        ("e" * 64, "unknown_code"),
        ("", "unknown_code"),
    ],
)
def test_only_a_code_is_repeated(told: str, code: str) -> None:
    assert safe_code(told) == code


@pytest.mark.parametrize("environ", [{}, {"TOKEN": " "}, {"TOKEN": f"{TOKEN}\x00"}])
def test_a_secret_that_is_missing_or_broken_is_said_by_name(
    environ: dict[str, str], clock: FakeClock
) -> None:
    told = {"base_url": "https://api.example.com", "token_env": "TOKEN"}
    with pytest.raises(WrongSpec, match="TOKEN") as caught:
        Generic(HttpSettings.model_validate(told), environ, clock=clock)
    assert TOKEN not in str(caught.value)


def test_a_key_that_is_not_known_is_refused() -> None:
    told = {"base_url": "https://api.example.com", "tokn_env": TOKEN}
    with pytest.raises(ValidationError, match="tokn_env") as caught:
        HttpSettings.model_validate(told)
    assert TOKEN not in str(caught.value)


def test_time_is_the_machines_own() -> None:
    clock = Clock()
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.01
    assert clock.now() == pytest.approx(time.time(), abs=5)
