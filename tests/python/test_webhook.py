"""Signed webhooks: what a receiver can check, and what it gets."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from customer_segments.exporting.adapters import ADAPTERS
from customer_segments.exporting.adapters.webhook import (
    Settings,
    Webhook,
    keys_of,
    signature,
)
from customer_segments.exporting.clock import Clock
from customer_segments.exporting.delivery import Batch, Row
from customer_segments.exporting.problems import WrongSpec
from tests.python.fault_server import FaultServer, lost_answer, status, too_many

# the example that libraries of standardwebhooks.com are tested with
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_" + base64.b64encode(b"the key of last year, 32 bytes..").decode()
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

ROWS = (
    Row(
        "김유진@example.com",
        "001",
        "win_back_1|001",
        "b",
        {"name": "유진", "coupon": None},
    ),
    Row("+821012345678", "002", "win_back_1|002"),
)
BATCH = Batch("b1", "add", "win_back", "push", "ad", "win_back_1", ROWS)


class FakeClock(Clock):
    """A minute between any two looks at it; waits are not real."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def now(self) -> float:
        self.time += 60
        return self.time

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        return None


def webhook(
    server: FaultServer, secrets: str = SECRET, clock: Clock | None = None, **more: Any
) -> Webhook:
    """A webhook to a server."""
    settings = Settings.model_validate(
        {
            "url": f"{server.url}/hooks",
            "secret_env": "WEBHOOK_SECRET",
            "allow_hosts": ["127.0.0.1"],
            **more,
        }
    )
    return Webhook(settings, {"WEBHOOK_SECRET": secrets}, clock=clock or FakeClock())


def openssl_signature(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The signature as OpenSSL makes it of what a receiver sees."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    hexkey = f"hexkey:{key.hex()}"
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary", "-mac", "HMAC", "-macopt", hexkey],
        input=signed,
        capture_output=True,
        check=True,
    ).stdout
    return f"v1,{base64.b64encode(digest).decode()}"


def test_the_example_of_the_standard_is_signed_alike() -> None:
    keys = keys_of("S", {"S": SECRET})
    assert signature(keys, MESSAGE_ID, TIMESTAMP, BODY) == SIGNATURE


def test_a_receiver_can_check_what_it_got() -> None:
    with FaultServer() as server:
        answer = webhook(server).deliver(BATCH)
        (request,) = server.requests
    assert answer.accepted == {row.identifier for row in ROWS}
    assert (request.method, request.path) == ("POST", "/hooks")
    assert request.headers["webhook-id"] == "b1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-signature"] == openssl_signature(
        SECRET, request.headers, request.content
    )


def test_each_secret_signs_while_they_are_exchanged() -> None:
    with FaultServer() as server:
        webhook(server, f" {SECRET}  {OLD_SECRET} ").deliver(BATCH)
        (request,) = server.requests
    assert request.headers["webhook-signature"].split(" ") == [
        openssl_signature(secret, request.headers, request.content)
        for secret in (SECRET, OLD_SECRET)
    ]


def test_a_retry_has_the_same_id_and_body_and_a_fresh_time() -> None:
    with FaultServer(deduplicate=True) as server:
        server.fail(lost_answer(), status(500), too_many("1"))
        answer = webhook(server).deliver(BATCH)
        seen = server.requests
        assert server.times_applied("+821012345678") == 1
    assert not answer.failure
    assert len(seen) == 4
    assert {one.headers["webhook-id"] for one in seen} == {"b1"}
    assert len({one.content for one in seen}) == 1
    times = [int(one.headers["webhook-timestamp"]) for one in seen]
    assert times == sorted(set(times))
    for one in seen:
        assert one.headers["webhook-signature"] == openssl_signature(
            SECRET, one.headers, one.content
        )


def test_the_body_says_who_is_sent_what() -> None:
    with FaultServer() as server:
        webhook(server).deliver(BATCH)
        webhook(server).deliver(
            Batch("b2", "remove", "win_back", "in_app", "info", "", ROWS[1:])
        )
        added, removed = (json.loads(one.content) for one in server.requests)
        assert server.members_of("win_back") == {"김유진@example.com"}
    assert added.pop("timestamp") == "2026-09-21T14:14:20+00:00"
    assert added == {
        "type": "audience.added",
        "audience": "win_back",
        "channel": "push",
        "message_class": "ad",
        "campaign_id": "win_back_1",
        "rows": [
            {
                "identifier": "김유진@example.com",
                "customer_id": "001",
                "message_id": "win_back_1|001",
                "arm": "b",
                "variables": {"name": "유진", "coupon": None},
            },
            {
                "identifier": "+821012345678",
                "customer_id": "002",
                "message_id": "win_back_1|002",
                "arm": None,
                "variables": {},
            },
        ],
    }
    assert (removed["type"], removed["channel"]) == ("audience.removed", "in_app")


@pytest.mark.parametrize("way", ["batch", "row"])
def test_a_bad_row_is_found(way: Any) -> None:
    bad = "+821012345678"
    with FaultServer(bad_rows=[bad], rows_are_refused=way) as server:
        answer = webhook(server).deliver(BATCH)
        assert server.times_applied("김유진@example.com") == 1
    assert answer.accepted == {"김유진@example.com"}
    assert answer.rejected == {bad: "http_400" if way == "batch" else "bad_row"}


@pytest.mark.parametrize("told", [None, [], "x", {"rejected": "x"}, {"rejected": [1]}])
def test_other_answers_mean_that_all_was_taken(told: Any) -> None:
    with FaultServer(answer=lambda change, rejected: told) as server:
        answer = webhook(server).deliver(BATCH)
    assert answer.accepted == {row.identifier for row in ROWS}


def test_it_sends_unless_told_that_it_keeps_a_set() -> None:
    with FaultServer() as server:
        assert webhook(server).effect == "send"
        keeping = webhook(server, effect="set", batch_size=7)
    assert (keeping.effect, keeping.batch_size) == ("set", 7)


@pytest.mark.parametrize(
    "secrets",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_c2hvcnQ=",
        "whsec_???",
        f"{SECRET} whsec_",
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_a_secret_that_is_none_is_said_by_name(secrets: str) -> None:
    with (
        FaultServer() as server,
        pytest.raises(WrongSpec, match="WEBHOOK_SECRET") as caught,
    ):
        webhook(server, secrets)
    for word in secrets.split():
        assert word == "whsec_" or word not in str(caught.value)


def test_the_registry_connects_it_and_says_which_setting_is_wrong() -> None:
    environ = {"S": SECRET}
    url = "https://push.example.com/hooks"
    adapter = ADAPTERS["webhook"]({"url": url, "secret_env": "S"}, environ)
    assert adapter.batch_size == 500
    adapter.close()
    with pytest.raises(WrongSpec) as caught:
        ADAPTERS["webhook"]({"url": url, "secret_env": "S", "secrt": SECRET}, environ)
    assert "unknown key secrt; did you mean secret_env" in str(caught.value)
    assert SECRET not in str(caught.value)
    with pytest.raises(WrongSpec, match="must begin with https://"):
        ADAPTERS["webhook"]({"url": "http://x.example", "secret_env": "S"}, environ)


@pytest.mark.parametrize("name", ADAPTERS)
def test_each_adapter_refuses_a_key_that_it_does_not_know(name: str) -> None:
    with pytest.raises(WrongSpec, match="no_such_key"):
        ADAPTERS[name]({"no_such_key": "1"}, {})
