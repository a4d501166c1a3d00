"""Destinations on HTTP against fakes that speak the documented form."""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from customer_segments.exporting.adapters import ADAPTERS
from customer_segments.exporting.adapters.batches import as_code
from customer_segments.exporting.clock import Clock
from customer_segments.exporting.delivery import Answer, Batch, Operation, Row
from customer_segments.exporting.http_adapter import Call, HttpAdapter, HttpSettings
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.settings import keys_of
from tests.python.destination_fakes import (
    TOKEN,
    BrazeFake,
    Fake,
    FcmFake,
    GoogleFake,
    HubSpotFake,
    KakaoFake,
    KlaviyoFake,
    MetaFake,
    Response,
    TikTokFake,
    hubspot_error,
)

ROOT = Path(__file__).parents[2]
README = ROOT / "customer_segments/exporting/adapters/README.md"


class HeldClock(Clock):
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0
        self.waits: list[float] = []

    def now(self) -> float:
        """Seconds since 1970."""
        return self.seconds

    def monotonic(self) -> float:
        """The same."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(seconds)
        self.seconds += seconds


def sha256(text: str) -> str:
    """A hash as ad platforms take it."""
    return hashlib.sha256(text.encode()).hexdigest()


def hashes(count: int) -> list[str]:
    """Hashes of different addresses."""
    return [sha256(f"canary{number}@example.com") for number in range(count)]


def emails(count: int) -> list[str]:
    """Different addresses."""
    return [f"canary{number}@example.com" for number in range(count)]


def phones(count: int) -> list[str]:
    """Different Korean numbers as they are dialled at home."""
    return [f"010{73_310_000 + number}" for number in range(count)]


def customers(count: int) -> list[str]:
    """Different customers."""
    return [f"canary-customer-{number}" for number in range(count)]


def tokens(count: int) -> list[str]:
    """Different tokens of apps."""
    return [f"canary-token-{number}:APA91b" for number in range(count)]


@dataclass(frozen=True)
class Case:
    """A destination, how it is set up here, and what its fake says."""

    name: str
    fake: type[Fake]
    settings: Mapping[str, Any]
    identifiers: Callable[[int], list[str]]
    # the list of the audience win_back as the fake has it
    target: str
    limit: int
    channel: str = "ads"
    prepare: Callable[[Any, Sequence[str]], None] = lambda fake, rows: None
    # what of the fake's members stands for an identifier
    stored: Callable[[Any, str], str] = lambda fake, one: one
    variables: Mapping[str, str] = field(default_factory=dict)


def give_records(fake: HubSpotFake, rows: Sequence[str]) -> None:
    """Make contacts of customers."""
    fake.records.update({one: str(900 + place) for place, one in enumerate(rows)})


CASES = {
    case.name: case
    for case in (
        Case(
            "meta_custom_audience",
            MetaFake,
            {"audience_ids": {"win_back": "238501"}},
            hashes,
            "238501",
            10_000,
        ),
        Case(
            "google_data_manager",
            GoogleFake,
            {
                "operating_account_id": "1234567890",
                "audience_ids": {"win_back": "77"},
                "ad_user_data": "CONSENT_GRANTED",
                "ad_personalization": "CONSENT_GRANTED",
                "terms_accepted": True,
            },
            hashes,
            "77",
            10_000,
        ),
        Case(
            "tiktok",
            TikTokFake,
            {"advertiser_id": "555", "audience_ids": {"win_back": "61"}},
            hashes,
            "61",
            5_000,
        ),
        Case("braze", BrazeFake, {}, customers, "win_back", 75, "push"),
        Case(
            "klaviyo",
            KlaviyoFake,
            {"list_ids": {"win_back": "VRgFBd"}},
            emails,
            "VRgFBd",
            10_000,
            "email",
        ),
        Case(
            "hubspot",
            HubSpotFake,
            {"list_ids": {"win_back": "42"}, "id_property": "customer_id"},
            customers,
            "42",
            1_000,
            "email",
            prepare=give_records,
            stored=lambda fake, one: fake.records[one],
        ),
        Case(
            "kakao_channel",
            KakaoFake,
            {"channel_public_id": "_ZeUTxl", "file_ids": {"win_back": "429"}},
            phones,
            "429",
            2_000,
            "brand_message",
        ),
        Case(
            "fcm",
            FcmFake,
            {
                "project_id": "shop-1",
                "messages": {
                    "win_back": {
                        "message_class": "ad",
                        "title": "(광고) {name}님, 다시 만나요",
                        "body": "쿠폰이 기다려요.\n수신거부: 앱 설정 > 알림",
                    }
                },
            },
            tokens,
            "",
            100,
            "push",
            variables={"name": "지우"},
        ),
    )
}
SETS = sorted(name for name in CASES if name != "fcm")
HASHED = ("meta_custom_audience", "google_data_manager", "tiktok")
PLAIN = ("klaviyo", "kakao_channel", "fcm")


@pytest.fixture
def run() -> Iterator[Runs]:
    """Fakes and adapters of a test, let go afterwards."""
    runs = Runs()
    yield runs
    runs.stop()


class Runs:
    """Starts fakes and connects adapters to them."""

    def __init__(self) -> None:
        self.started: list[Fake] = []
        self.connected: list[HttpAdapter] = []

    def start(self, name: str, **more: Any) -> tuple[Any, HttpAdapter]:
        """A fake, and an adapter that believes it is the real thing."""
        case = CASES[name]
        fake = case.fake()
        fake.members = {case.target: set()}
        self.started.append(fake)
        adapter = connect(name, fake.address, **more)
        self.connected.append(adapter)
        return fake, adapter

    def stop(self) -> None:
        """Let all ports go."""
        for adapter in self.connected:
            adapter.close()
        for fake in self.started:
            fake.stop()


def connect(name: str, address: str, **more: Any) -> HttpAdapter:
    """An adapter as the exporter makes it, with a clock that is held."""
    given = {"base_url": address, "allow_hosts": ["127.0.0.1"], "token_env": "KEY"}
    adapter = ADAPTERS[name]({**CASES[name].settings, **given, **more}, {"KEY": TOKEN})
    assert isinstance(adapter, HttpAdapter)
    adapter.clock = adapter._exchange.clock = HeldClock()
    return adapter


def waits(adapter: HttpAdapter) -> list[float]:
    """The seconds that an adapter waited, one by one."""
    assert isinstance(adapter.clock, HeldClock)
    return adapter.clock.waits


def batch_of(
    name: str,
    identifiers: Sequence[str],
    operation: Operation = "add",
    **more: Any,
) -> Batch:
    """A batch of the audience win_back."""
    case = CASES[name]
    rows = tuple(
        Row(one, f"canary-C{place}", f"M{place}", variables=case.variables)
        for place, one in enumerate(identifiers)
    )
    told = {
        "batch_id": "B1",
        "audience": "win_back",
        "channel": case.channel,
        "message_class": "ad",
        "campaign_id": "2026-11",
        "rows": rows,
    }
    return Batch(operation=operation, **{**told, **more})


def there(name: str, fake: Any, identifiers: Sequence[str]) -> set[str]:
    """Which of the identifiers the destination has."""
    if name == "fcm":
        return {message.token for message in fake.sent} & set(identifiers)
    case = CASES[name]
    members = fake.members.get(case.target, set())
    return {
        one
        for one in identifiers
        if (name != "hubspot" or one in fake.records)
        and case.stored(fake, one) in members
    }


def taken(identifiers: Sequence[str]) -> Answer:
    """The answer when all is well."""
    return Answer(frozenset(identifiers))


# adding and removing


@pytest.mark.parametrize("name", SETS)
def test_who_is_added_is_there_and_who_is_removed_is_not(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(5)
    CASES[name].prepare(fake, rows)

    assert adapter.deliver(batch_of(name, rows)) == taken(rows)
    assert there(name, fake, rows) == set(rows)

    assert adapter.deliver(batch_of(name, rows[:2], "remove")) == taken(rows[:2])
    assert there(name, fake, rows) == set(rows[2:])


@pytest.mark.parametrize("name", SETS)
def test_adding_or_removing_twice_changes_nothing(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(3)
    CASES[name].prepare(fake, rows)

    for _ in range(2):
        assert adapter.deliver(batch_of(name, rows)) == taken(rows)
        assert there(name, fake, rows) == set(rows)
    for _ in range(2):
        assert adapter.deliver(batch_of(name, rows, "remove")) == taken(rows)
        assert there(name, fake, rows) == set()


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_full_batch_is_taken(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    case = CASES[name]
    rows = case.identifiers(case.limit)
    case.prepare(fake, rows)

    assert adapter.batch_size == case.limit
    assert adapter.deliver(batch_of(name, rows)) == taken(rows)
    assert there(name, fake, rows) == set(rows)


@pytest.mark.parametrize("name", SETS)
def test_an_effect_on_a_set_may_be_repeated_and_a_message_not(name: str) -> None:
    adapter = connect(name, "http://127.0.0.1:9")
    assert (adapter.effect, adapter.repeatable) == ("set", True)
    push = connect("fcm", "http://127.0.0.1:9")
    assert (push.effect, push.repeatable) == ("send", False)


# the exact requests


GOLDEN: dict[tuple[str, Operation], tuple[str, str, Mapping[str, str], str]] = {
    ("meta_custom_audience", "add"): (
        "POST",
        "/v25.0/238501/users",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"payload":{"data":[["{0}"],["{1}"]],"schema":["EMAIL"]},'
        '"session":{"batch_seq":1,"estimated_num_total":2,"last_batch_flag":true,'
        '"session_id":3299598367865077990}}',
    ),
    ("meta_custom_audience", "remove"): (
        "DELETE",
        "/v25.0/238501/users",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"payload":{"data":[["{0}"],["{1}"]],"schema":["EMAIL"]}}',
    ),
    ("google_data_manager", "add"): (
        "POST",
        "/v1/audienceMembers:ingest",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"audienceMembers":['
        '{"userData":{"userIdentifiers":[{"emailAddress":"{0}"}]}},'
        '{"userData":{"userIdentifiers":[{"emailAddress":"{1}"}]}}],'
        '"consent":{"adPersonalization":"CONSENT_GRANTED",'
        '"adUserData":"CONSENT_GRANTED"},'
        '"destinations":[{"operatingAccount":{"accountId":"1234567890",'
        '"accountType":"GOOGLE_ADS"},"productDestinationId":"77"}],'
        '"encoding":"HEX",'
        '"termsOfService":{"customerMatchTermsOfServiceStatus":"ACCEPTED"}}',
    ),
    ("google_data_manager", "remove"): (
        "POST",
        "/v1/audienceMembers:remove",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"audienceMembers":['
        '{"userData":{"userIdentifiers":[{"emailAddress":"{0}"}]}},'
        '{"userData":{"userIdentifiers":[{"emailAddress":"{1}"}]}}],'
        '"destinations":[{"operatingAccount":{"accountId":"1234567890",'
        '"accountType":"GOOGLE_ADS"},"productDestinationId":"77"}],'
        '"encoding":"HEX"}',
    ),
    ("tiktok", "add"): (
        "POST",
        "/open_api/v1.3/segment/mapping/",
        {"access-token": TOKEN, "content-type": "application/json"},
        '{"action":"add","advertiser_ids":["555"],"batch_data":['
        '[{"audience_ids":["61"],"id":"{0}"}],[{"audience_ids":["61"],"id":"{1}"}]],'
        '"id_schema":["EMAIL_SHA256"]}',
    ),
    ("tiktok", "remove"): (
        "POST",
        "/open_api/v1.3/segment/mapping/",
        {"access-token": TOKEN, "content-type": "application/json"},
        '{"action":"delete","advertiser_ids":["555"],"batch_data":['
        '[{"audience_ids":["61"],"id":"{0}"}],[{"audience_ids":["61"],"id":"{1}"}]],'
        '"id_schema":["EMAIL_SHA256"]}',
    ),
    ("braze", "add"): (
        "POST",
        "/users/track",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"attributes":['
        '{"_update_existing_only":true,"audiences":{"add":["win_back"]},'
        '"external_id":"{0}"},'
        '{"_update_existing_only":true,"audiences":{"add":["win_back"]},'
        '"external_id":"{1}"}]}',
    ),
    ("braze", "remove"): (
        "POST",
        "/users/track",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"attributes":['
        '{"_update_existing_only":true,"audiences":{"remove":["win_back"]},'
        '"external_id":"{0}"},'
        '{"_update_existing_only":true,"audiences":{"remove":["win_back"]},'
        '"external_id":"{1}"}]}',
    ),
    ("klaviyo", "add"): (
        "POST",
        "/api/profile-bulk-import-jobs",
        {
            "authorization": f"Klaviyo-API-Key {TOKEN}",
            "content-type": "application/vnd.api+json",
            "accept": "application/vnd.api+json",
            "revision": "2026-04-15",
        },
        '{"data":{"attributes":{"profiles":{"data":['
        '{"attributes":{"email":"{0}"},"type":"profile"},'
        '{"attributes":{"email":"{1}"},"type":"profile"}]}},'
        '"relationships":{"lists":{"data":[{"id":"VRgFBd","type":"list"}]}},'
        '"type":"profile-bulk-import-job"}}',
    ),
    ("klaviyo", "remove"): (
        "DELETE",
        "/api/lists/VRgFBd/relationships/profiles",
        {
            "authorization": f"Klaviyo-API-Key {TOKEN}",
            "content-type": "application/vnd.api+json",
            "accept": "application/vnd.api+json",
            "revision": "2026-04-15",
        },
        '{"data":[{"id":"P0","type":"profile"},{"id":"P1","type":"profile"}]}',
    ),
    ("hubspot", "add"): (
        "PUT",
        "/crm/v3/lists/42/memberships/add-and-remove",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"recordIdsToAdd":["900","901"],"recordIdsToRemove":[]}',
    ),
    ("hubspot", "remove"): (
        "PUT",
        "/crm/v3/lists/42/memberships/add-and-remove",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"recordIdsToAdd":[],"recordIdsToRemove":["900","901"]}',
    ),
    ("kakao_channel", "add"): (
        "POST",
        "/v1/talkchannel/update/target_users",
        {"authorization": f"KakaoAK {TOKEN}", "content-type": "application/json"},
        '{"channel_public_id":"_ZeUTxl","file_id":429,"user_type":"phone","users":['
        '{"field":{},"id":"{0}"},{"field":{},"id":"{1}"}]}',
    ),
    ("kakao_channel", "remove"): (
        "POST",
        "/v1/talkchannel/delete/target_users",
        {"authorization": f"KakaoAK {TOKEN}", "content-type": "application/json"},
        '{"channel_public_id":"_ZeUTxl","file_id":429,"user_ids":["{0}","{1}"],'
        '"user_type":"phone"}',
    ),
    ("fcm", "add"): (
        "POST",
        "/v1/projects/shop-1/messages:send",
        {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        '{"message":{"data":{"message_id":"M1"},"notification":{'
        '"body":"쿠폰이 기다려요.\\n수신거부: 앱 설정 > 알림",'
        '"title":"(광고) 지우님, 다시 만나요"},"token":"{1}"}}',
    ),
}


@pytest.mark.parametrize(("name", "operation"), sorted(GOLDEN))
def test_a_batch_is_told_in_exactly_these_bytes(
    name: str, operation: Operation, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(2)
    CASES[name].prepare(fake, rows)
    if name == "klaviyo" and operation == "remove":
        fake.profiles = {rows[0]: "P0", rows[1]: "P1"}
    adapter.deliver(batch_of(name, rows, operation))

    method, path, headers, body = GOLDEN[name, operation]
    asked = [one for one in fake.requests if one.method == method and one.path == path]
    assert asked, [(one.method, one.path) for one in fake.requests]
    content = asked[-1].content.decode()
    assert content == body.replace("{0}", rows[0]).replace("{1}", rows[1])
    assert {key: asked[-1].headers.get(key) for key in headers} == headers


def test_ids_are_asked_for_in_exactly_these_words(run: Runs) -> None:
    fake, adapter = run.start("hubspot")
    adapter.deliver(batch_of("hubspot", ["C-1", "C-2"]))
    assert fake.requests[0].path == "/crm/v3/objects/contacts/batch/read"
    assert fake.requests[0].content.decode() == (
        '{"idProperty":"customer_id","inputs":[{"id":"C-1"},{"id":"C-2"}],'
        '"properties":["customer_id"]}'
    )

    fake, adapter = run.start("klaviyo")
    adapter.deliver(batch_of("klaviyo", ["a+b@example.com", "c@example.com"], "remove"))
    assert fake.requests[0].path == "/api/profiles"
    assert dict(fake.requests[0].query) == {
        "fields[profile]": "email",
        "filter": 'any(email,["a+b@example.com","c@example.com"])',
        "page[size]": "100",
    }


# rows that are refused


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("braze", "attributes_refused"),
        ("fcm", "UNREGISTERED"),
        ("google_data_manager", "INVALID_ARGUMENT"),
        ("hubspot", "VALIDATION_ERROR"),
        ("kakao_channel", "-2"),
        ("klaviyo", "invalid"),
        ("meta_custom_audience", "invalid_entry"),
        ("tiktok", "40002"),
    ],
)
def test_a_bad_row_is_found_and_the_others_are_taken(
    name: str, code: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(9)
    CASES[name].prepare(fake, rows)
    fake.bad = {rows[4]}
    good = [one for one in rows if one != rows[4]]

    answer = adapter.deliver(batch_of(name, rows))
    assert answer == Answer(frozenset(good), {rows[4]: code})
    assert there(name, fake, rows) == set(good)


@pytest.mark.parametrize("name", ["google_data_manager", "kakao_channel", "tiktok"])
def test_a_bad_row_is_found_when_it_is_removed(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(9)
    fake.members[CASES[name].target] = set(rows)
    fake.bad = {rows[8]}

    answer = adapter.deliver(batch_of(name, rows, "remove"))
    assert answer.accepted == frozenset(rows[:8])
    assert answer.rejected.keys() == {rows[8]}
    assert there(name, fake, rows) == {rows[8]}


@pytest.mark.parametrize("name", sorted(set(CASES) - {"braze", "fcm", "klaviyo"}))
def test_who_refuses_each_of_many_rows_does_not_object_to_the_rows(
    name: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(40)
    CASES[name].prepare(fake, rows)
    fake.bad = set(rows)

    answer = adapter.deliver(batch_of(name, rows))
    assert not answer.accepted
    assert not answer.rejected
    assert answer.unsent == frozenset(rows)
    assert answer.failure


def test_a_request_that_braze_refuses_whole_is_searched(run: Runs) -> None:
    fake, adapter = run.start("braze")
    rows = customers(6)

    def fatal(told: dict[str, Any]) -> None:
        if told["external_id"] == rows[3]:
            raise ValueError(rows[3])

    fake.attribute = fatal
    answer = adapter.deliver(batch_of("braze", rows))
    assert answer == Answer(frozenset(rows) - {rows[3]}, {rows[3]: "http_400"})


def test_an_error_of_a_sub_category_is_nobodys_fault(run: Runs) -> None:
    fake, adapter = run.start("hubspot")
    rows = customers(6)
    CASES["hubspot"].prepare(fake, rows)
    told = hubspot_error(400, "VALIDATION_ERROR", "dynamic list", "ListError.TYPE")
    fake.faults = [Response(200, {"results": found_records(fake)}), told]
    answer = adapter.deliver(batch_of("hubspot", rows))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="VALIDATION_ERROR"
    )
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("name", "code"), [("braze", "attributes_refused"), ("klaviyo", "invalid")]
)
def test_who_names_each_row_is_believed(name: str, code: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(40)
    fake.bad = set(rows)
    answer = adapter.deliver(batch_of(name, rows))
    assert answer == Answer(frozenset(), dict.fromkeys(sorted(rows), code))


# destinations that take nothing


@pytest.mark.parametrize("name", sorted(CASES))
def test_wrong_credentials_end_the_batch_at_once(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(3)
    fake.credential = ("authorization", "Bearer another")

    answer = adapter.deliver(batch_of(name, rows))
    assert answer.unsent == frozenset(rows)
    assert not answer.accepted
    assert not answer.rejected
    assert (
        answer.failure
        == {
            "braze": "http_401",
            "fcm": "UNAUTHENTICATED",
            "google_data_manager": "UNAUTHENTICATED",
            "hubspot": "INVALID_AUTHENTICATION",
            "kakao_channel": "-401",
            "klaviyo": "not_authenticated",
            "meta_custom_audience": "190",
            "tiktok": "40105",
        }[name]
    )
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("google_data_manager", "INVALID_ARGUMENT"),
        ("hubspot", "OBJECT_NOT_FOUND"),
        ("kakao_channel", "-816"),
        ("klaviyo", "not_found"),
        ("meta_custom_audience", "100"),
        ("tiktok", "40001"),
    ],
)
def test_a_list_that_is_not_there_is_not_searched_for_bad_rows(
    name: str, code: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(3)
    CASES[name].prepare(fake, rows)
    fake.members = {}

    answer = adapter.deliver(batch_of(name, rows))
    assert answer == Answer(frozenset(), unsent=frozenset(rows), failure=code)
    assert len(fake.requests) == (2 if name == "hubspot" else 1)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_destination_that_is_asked_too_often_is_left_alone(
    name: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(1)
    CASES[name].prepare(fake, rows)
    told = (
        {"x-ratelimit-reset": "1800000017", "x-ratelimit-remaining": "0"}
        if name == "braze"
        else {"retry-after": "17"}
    )
    fake.faults = [Response(429, {"message": "slow down"}, told)]

    assert adapter.deliver(batch_of(name, rows)) == taken(rows)
    assert waits(adapter)[0] == pytest.approx(17)
    assert fake.requests[0].content == fake.requests[1].content


@pytest.mark.parametrize("name", SETS)
def test_an_accepted_batch_whose_answer_is_no_answer_is_unknown(
    name: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(2)
    CASES[name].prepare(fake, rows)
    strange = {"file_id": 1} if name == "kakao_channel" else ["?"]
    before = (
        [Response(200, {"results": found_records(fake)})] if name == "hubspot" else []
    )
    fake.faults = [*before, Response(200, strange)]

    answer = adapter.deliver(batch_of(name, rows))
    assert answer == Answer(frozenset(), failure="unexpected_answer")


def found_records(fake: HubSpotFake) -> list[dict[str, Any]]:
    """The contacts of a fake as batch/read tells them."""
    return [
        {"id": record, "properties": {"customer_id": one}}
        for one, record in fake.records.items()
    ]


def test_a_message_in_doubt_is_not_sent_again(run: Runs) -> None:
    fake, adapter = run.start("fcm")
    rows = tokens(3)
    fake.faults = [Response(500, {})]

    answer = adapter.deliver(batch_of("fcm", rows))
    assert answer == Answer(frozenset(), unsent=frozenset(rows[1:]), failure="http_500")
    assert len(fake.requests) == 1


# what is looked at before anything is sent


@pytest.mark.parametrize("name", HASHED)
@pytest.mark.parametrize("wrong", ["plain", "upper", "short", "long", "nothing"])
def test_a_plain_identifier_never_goes_where_a_hash_is_due(
    name: str, wrong: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = hashes(3)
    rows[1] = {
        "plain": "canary@example.com",
        "upper": rows[1].upper(),
        "short": rows[1][:-1],
        "long": rows[1] + "0",
        "nothing": sha256(""),
    }[wrong]

    answer = adapter.deliver(batch_of(name, rows))
    code = "hash_of_nothing" if wrong == "nothing" else "not_hashed"
    assert answer == Answer(frozenset(), unsent=frozenset(rows), failure=code)
    assert fake.requests == []


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("shape", [str.lower, str.upper])
def test_a_hash_never_goes_where_a_plain_identifier_is_due(
    name: str, shape: Callable[[str], str], run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = [*CASES[name].identifiers(2), shape(sha256("canary@example.com"))]

    answer = adapter.deliver(batch_of(name, rows))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="hashed_already"
    )
    assert fake.requests == []


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_hash_of_nothing_goes_nowhere(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = [*CASES[name].identifiers(1), sha256("")]
    answer = adapter.deliver(batch_of(name, rows))
    assert answer.failure == "hash_of_nothing"
    assert answer.unsent == frozenset(rows)
    assert fake.requests == []


@pytest.mark.parametrize("name", sorted(set(CASES) - {"braze"}))
def test_an_audience_without_a_list_is_not_sent(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(2)
    answer = adapter.deliver(batch_of(name, rows, audience="newcomers"))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="audience_not_in_settings"
    )
    assert fake.requests == []


@pytest.mark.parametrize("name", sorted(CASES))
def test_alimtalk_carries_no_advertising(name: str, run: Runs) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(2)
    answer = adapter.deliver(batch_of(name, rows, channel="alimtalk"))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="alimtalk_carries_no_advertising"
    )
    assert fake.requests == []


KINDS = {
    "meta_custom_audience": ("EMAIL", "PHONE"),
    "google_data_manager": ("emailAddress", "phoneNumber"),
    "tiktok": ("EMAIL_SHA256", "PHONE_SHA256"),
    "klaviyo": ("email", "phone_number"),
}


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize(
    ("channel", "chosen", "place"),
    [
        ("email", None, 0),
        ("ads", None, 0),
        ("sms", None, 1),
        ("alimtalk", None, 1),
        ("brand_message", None, 1),
        ("push", "phone", 1),
        ("ads", "phone", 1),
        ("sms", "email", 0),
    ],
)
def test_the_channel_says_what_was_hashed_unless_the_settings_do(
    name: str, channel: str, chosen: str | None, place: int, run: Runs
) -> None:
    fake, adapter = run.start(name, identifier_kind=chosen)
    rows = (
        hashes(1)
        if name in HASHED
        else [("canary@example.com", "+821073310001")[place]]
    )
    batch = batch_of(name, rows, channel=channel, message_class="info")
    assert adapter.deliver(batch) == taken(rows)
    sent = fake.requests[0].content.decode()
    assert f'"{KINDS[name][place]}"' in sent
    assert f'"{KINDS[name][1 - place]}"' not in sent


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("channel", ["push", "in_app"])
def test_a_channel_of_another_kind_needs_a_setting(
    name: str, channel: str, run: Runs
) -> None:
    fake, adapter = run.start(name)
    rows = CASES[name].identifiers(1)
    answer = adapter.deliver(batch_of(name, rows, channel=channel))
    assert answer.failure == "identifier_kind_not_in_settings"
    assert answer.unsent == frozenset(rows)
    assert fake.requests == []


# asynchronous jobs


def test_an_import_is_waited_for_and_its_errors_are_read_page_by_page(
    run: Runs,
) -> None:
    fake, adapter = run.start("klaviyo")
    rows = emails(8)
    fake.bad = {rows[0], rows[3], rows[7]}
    good = frozenset(rows) - fake.bad

    answer = adapter.deliver(batch_of("klaviyo", rows))
    assert answer == Answer(good, dict.fromkeys(sorted(fake.bad), "invalid"))
    assert fake.members["VRgFBd"] == good
    polls = [one.path for one in fake.requests if one.method == "GET"]
    assert len(polls) == 6, "queued, processing, complete, and three pages of errors"


def test_an_import_whose_errors_name_nobody_is_searched(run: Runs) -> None:
    fake, adapter = run.start("klaviyo")
    rows = emails(8)
    fake.bad, fake.names_errors = {rows[5]}, False

    answer = adapter.deliver(batch_of("klaviyo", rows))
    assert answer == Answer(frozenset(rows) - fake.bad, {rows[5]: "import_error"})


@pytest.mark.parametrize(
    ("progress", "code"),
    [(["queued", "cancelled"], "cancelled"), (["processing"], "job_timeout")],
)
def test_an_import_that_fails_leaves_its_rows_unknown(
    progress: list[str], code: str, run: Runs
) -> None:
    fake, adapter = run.start("klaviyo", poll_seconds=60)
    fake.progress = progress
    answer = adapter.deliver(batch_of("klaviyo", emails(3)))
    assert answer == Answer(frozenset(), failure=code)


def test_a_next_page_at_another_host_is_not_asked_for(run: Runs) -> None:
    fake, adapter = run.start("klaviyo")
    stranger, _ = run.start("klaviyo")
    rows = emails(3)
    fake.bad = {rows[0]}
    fake.errors = lambda request, number: Response(
        200, {"data": [], "links": {"next": f"{stranger.address}/api/x"}}
    )
    answer = adapter.deliver(batch_of("klaviyo", rows))
    assert answer.failure == "foreign_address"
    assert stranger.requests == []


def test_a_receipt_counts_unless_the_result_is_asked_for(run: Runs) -> None:
    fake, adapter = run.start("google_data_manager")
    rows = hashes(4)
    fake.late = {rows[1]}
    assert adapter.deliver(batch_of("google_data_manager", rows)) == taken(rows)
    assert len(fake.requests) == 1


def test_a_result_is_waited_for_and_a_partial_one_is_searched(run: Runs) -> None:
    fake, adapter = run.start("google_data_manager", wait_for_result=True)
    rows = hashes(4)
    fake.states = ["PROCESSING", "PROCESSING", "SUCCESS"]
    fake.late = {rows[1]}
    good = frozenset(rows) - fake.late

    answer = adapter.deliver(batch_of("google_data_manager", rows))
    code = "PROCESSING_ERROR_REASON_INVALID_FORMAT"
    assert answer == Answer(good, {rows[1]: code})
    assert fake.members["77"] == good
    assert fake.requests[1].query == {"requestId": "receipt/0"}


def test_a_request_that_failed_later_was_not_applied(run: Runs) -> None:
    fake, adapter = run.start("google_data_manager", wait_for_result=True)
    fake.states = ["PROCESSING", "FAILED"]
    rows = hashes(4)
    answer = adapter.deliver(batch_of("google_data_manager", rows))
    code = "PROCESSING_ERROR_REASON_INVALID_FORMAT"
    assert answer == Answer(frozenset(), unsent=frozenset(rows), failure=code)


# ids of the destination's own


def test_who_has_no_record_is_rejected_when_added_and_done_when_removed(
    run: Runs,
) -> None:
    fake, adapter = run.start("hubspot")
    rows = customers(3)
    fake.records = {rows[0]: "7", rows[2]: "9"}
    known = frozenset({rows[0], rows[2]})

    answer = adapter.deliver(batch_of("hubspot", rows))
    assert answer == Answer(known, {rows[1]: "no_record"})
    assert fake.members["42"] == {"7", "9"}
    assert adapter.deliver(batch_of("hubspot", rows, "remove")) == taken(rows)
    assert fake.members["42"] == set()


def test_a_record_that_the_list_does_not_know_is_rejected(run: Runs) -> None:
    fake, adapter = run.start("hubspot", record_id_variable="record")
    rows = customers(3)
    fake.records = {rows[0]: "7", rows[1]: "8"}
    brought = tuple(
        Row(one, "C", "M", variables={"record": record})
        for one, record in zip(rows, ("7", None, "4444"), strict=True)
    )

    answer = adapter.deliver(batch_of("hubspot", rows, rows=brought))
    assert answer == Answer(frozenset(rows[:2]), {rows[2]: "record_missing"})
    question = fake.requests[0].json()
    assert question["inputs"] == [{"id": rows[1]}], "only who brings no record"


def test_records_are_asked_for_a_hundred_at_a_time(run: Runs) -> None:
    fake, adapter = run.start("hubspot")
    rows = customers(250)
    CASES["hubspot"].prepare(fake, rows)
    assert adapter.deliver(batch_of("hubspot", rows)) == taken(rows)
    asked = [one.json() for one in fake.requests if one.method == "POST"]
    assert [len(one["inputs"]) for one in asked] == [100, 100, 50]


def test_rows_that_bring_records_go_in_one_request(run: Runs) -> None:
    fake, adapter = run.start("hubspot", record_id_variable="record")
    rows = customers(1_000)
    CASES["hubspot"].prepare(fake, rows)
    brought = tuple(
        Row(one, "C", "M", variables={"record": fake.records[one]}) for one in rows
    )
    assert adapter.deliver(batch_of("hubspot", rows, rows=brought)) == taken(rows)
    assert len(fake.requests) == 1


def test_newer_addresses_hold_a_date(run: Runs) -> None:
    fake, adapter = run.start("hubspot", version="2026-03")
    fake.faults = [
        Response(200, {"results": [{"id": "7", "properties": {"customer_id": "C"}}]}),
        Response(200, {"recordIdsMissing": []}),
    ]
    assert adapter.deliver(batch_of("hubspot", ["C"])) == taken(["C"])
    assert [one.path for one in fake.requests] == [
        "/crm/objects/2026-03/contacts/batch/read",
        "/crm/lists/2026-03/42/memberships/add-and-remove",
    ]


def test_nobody_is_in_doubt_when_ids_cannot_be_asked_for(run: Runs) -> None:
    for name in ("hubspot", "klaviyo"):
        fake, adapter = run.start(name, retry_seconds=1)
        rows = CASES[name].identifiers(3)
        fake.faults = [Response(503, {})] * 9
        answer = adapter.deliver(batch_of(name, rows, "remove"))
        assert answer == Answer(frozenset(), unsent=frozenset(rows), failure="http_503")


def test_nobody_is_taken_for_gone_who_was_not_looked_for(run: Runs) -> None:
    fake, adapter = run.start("hubspot")
    rows = customers(2)
    errors = [
        {"category": "OBJECT_NOT_FOUND", "context": {"ids": [rows[0]]}},
        {"category": "INTERNAL_ERROR", "context": {"ids": [rows[1]]}},
    ]
    fake.faults = [
        Response(207, {"results": [], "errors": errors}),
        Response(200, {"results": [{"properties": {"customer_id": rows[0]}}]}),
    ]
    unknown = Answer(frozenset(), unsent=frozenset(rows), failure="unexpected_answer")
    for _ in range(2):
        assert adapter.deliver(batch_of("hubspot", rows, "remove")) == unknown

    fake, adapter = run.start("klaviyo")
    rows = emails(2)
    links = {"next": f"{fake.address}/api/profiles?page%5Bcursor%5D=2"}
    fake.faults = [
        Response(200, {"data": [], "links": links}),
        Response(200, {"data": [{"attributes": {"email": rows[0]}}]}),
    ]
    for _ in range(2):
        answer = adapter.deliver(batch_of("klaviyo", rows, "remove"))
        assert answer.failure == "unexpected_answer"
        assert answer.unsent == frozenset(rows)


def test_who_is_found_by_another_address_than_the_one_told_is_removed_too(
    run: Runs,
) -> None:
    fake, adapter = run.start("hubspot")
    rows = customers(5)
    CASES["hubspot"].prepare(fake, rows)
    adapter.deliver(batch_of("hubspot", rows))
    fake.requests.clear()
    fake.primary = {rows[3]: "another"}

    assert adapter.deliver(batch_of("hubspot", rows, "remove")) == taken(rows)
    assert fake.members["42"] == set()


def test_ids_are_matched_by_exact_letters_first(run: Runs) -> None:
    fake, adapter = run.start("hubspot")
    rows = ["c-1", "C-1", "C-2"]
    fake.records = {"c-1": "5", "C-1": "6", "C-2": "7"}
    fake.primary = {"C-2": "c-2"}
    assert adapter.deliver(batch_of("hubspot", rows)) == taken(rows)
    assert fake.requests[-1].json()["recordIdsToAdd"] == ["5", "6", "7"]


def test_profiles_that_nobody_asked_for_stay_in_the_list(run: Runs) -> None:
    fake, adapter = run.start("klaviyo")
    rows = emails(2)
    adapter.deliver(batch_of("klaviyo", rows))
    data = [
        {"type": "profile", "id": fake.profiles[one], "attributes": {"email": one}}
        for one in rows
    ]
    fake.faults = [Response(200, {"data": data, "links": {"next": None}})]
    assert adapter.deliver(batch_of("klaviyo", rows[:1], "remove")) == taken(rows[:1])
    assert fake.members["VRgFBd"] == {rows[1]}


def test_who_klaviyo_does_not_know_is_in_no_list(run: Runs) -> None:
    fake, adapter = run.start("klaviyo")
    rows = emails(250)
    adapter.deliver(batch_of("klaviyo", rows[:120]))
    fake.requests.clear()

    assert adapter.deliver(batch_of("klaviyo", rows, "remove")) == taken(rows)
    assert fake.members["VRgFBd"] == set()
    asked = [one.method for one in fake.requests]
    assert asked == ["GET", "DELETE", "GET", "DELETE", "GET"]


# variables and other forms


def with_variables(name: str, rows: Sequence[str], /, **told: str | None) -> Batch:
    """A batch whose rows bring variables."""
    brought = tuple(Row(one, "C", f"M-{one}", variables=told) for one in rows)
    return batch_of(name, rows, rows=brought)


def test_variables_travel_where_the_settings_say(run: Runs) -> None:
    fake, adapter = run.start("braze", variables={"coupon": "coupon_code"})
    adapter.deliver(with_variables("braze", ["C1"], coupon="WELCOME", other="x"))
    (told,) = fake.requests[0].json()["attributes"]
    assert told["coupon_code"] == "WELCOME"
    assert "x" not in json.dumps(told["audiences"])

    fake, adapter = run.start("klaviyo", variables={"coupon": "쿠폰", "gone": "없음"})
    adapter.deliver(with_variables("klaviyo", emails(1), coupon="WELCOME", gone=None))
    (profile,) = fake.requests[0].json()["data"]["attributes"]["profiles"]["data"]
    assert profile["attributes"]["properties"] == {"쿠폰": "WELCOME"}

    fake, adapter = run.start("kakao_channel", fields={"grade": "등급"})
    adapter.deliver(with_variables("kakao_channel", phones(1), grade="VIP"))
    assert fake.requests[0].json()["users"][0]["field"] == {"등급": "VIP"}


def test_who_leaves_takes_no_variables_along(run: Runs) -> None:
    fake, adapter = run.start("braze", variables={"coupon": "coupon_code"})
    rows = ["C1"]
    brought = (Row("C1", "C", "M", variables={"coupon": "WELCOME"}),)
    adapter.deliver(batch_of("braze", rows, "remove", rows=brought))
    (told,) = fake.requests[0].json()["attributes"]
    assert "coupon_code" not in told


def test_a_field_that_the_file_does_not_have_is_told_at_once(run: Runs) -> None:
    fake, adapter = run.start("kakao_channel", fields={"grade": "등급이 아님"})
    rows = phones(4)
    answer = adapter.deliver(with_variables("kakao_channel", rows, grade="VIP"))
    assert answer == Answer(frozenset(), unsent=frozenset(rows), failure="-817")
    assert len(fake.requests) == 1


def test_braze_can_hold_a_yes_or_no_for_each_audience(run: Runs) -> None:
    fake, adapter = run.start(
        "braze", form="boolean", attribute="in", keys={"win_back": "돌아와요"}
    )
    adapter.deliver(batch_of("braze", ["C1", "C2"]))
    adapter.deliver(batch_of("braze", ["C2"], "remove"))
    assert fake.members["in_돌아와요"] == {"C1"}


def test_only_an_addition_may_create_a_profile(run: Runs) -> None:
    fake, adapter = run.start("braze", create_profiles=True)
    for operation in ("add", "remove"):
        adapter.deliver(batch_of("braze", ["C1"], operation))
    told = [one.json()["attributes"][0] for one in fake.requests]
    assert [one["_update_existing_only"] for one in told] == [False, True]


def test_addresses_do_not_go_where_numbers_are_due(run: Runs) -> None:
    fake, adapter = run.start("kakao_channel")
    rows = emails(2)
    answer = adapter.deliver(batch_of("kakao_channel", rows, channel="email"))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="channel_has_no_numbers"
    )
    assert fake.requests == []


def test_kakao_takes_ids_of_ones_own_app_from_any_channel(run: Runs) -> None:
    fake, adapter = run.start("kakao_channel", user_type="app")
    fake.faults = [Response(200, {"file_id": 429})]
    assert adapter.deliver(
        batch_of("kakao_channel", ["1376016924"], channel="in_app")
    ) == taken(["1376016924"])
    assert fake.requests[0].json()["user_type"] == "app"


def test_kakao_can_be_told_of_removals_as_objects(run: Runs) -> None:
    fake, adapter = run.start("kakao_channel", removed_as="objects")
    fake.faults = [Response(200, {"file_id": 429})]
    rows = phones(1)
    assert adapter.deliver(batch_of("kakao_channel", rows, "remove")) == taken(rows)
    assert fake.requests[0].json()["user_ids"] == [{"id": rows[0]}]


def test_a_manager_account_and_a_project_are_told(run: Runs) -> None:
    fake, adapter = run.start(
        "google_data_manager", login_account_id="98", quota_project="shop-1"
    )
    adapter.deliver(batch_of("google_data_manager", hashes(1)))
    (asked,) = fake.requests
    assert asked.json()["destinations"][0]["loginAccount"] == {
        "accountType": "GOOGLE_ADS",
        "accountId": "98",
    }
    assert asked.headers["x-goog-user-project"] == "shop-1"


def test_a_batch_has_the_same_session_on_each_retry_and_its_halves_others(
    run: Runs,
) -> None:
    fake, adapter = run.start("meta_custom_audience")
    rows = hashes(2)
    fake.bad = {rows[0]}
    for _ in range(2):
        adapter.deliver(batch_of("meta_custom_audience", rows))
    sessions = [one.json()["session"]["session_id"] for one in fake.requests]
    assert sessions[:3] == sessions[3:]
    assert len(set(sessions)) == 3

    fake, adapter = run.start("meta_custom_audience", with_session=False)
    adapter.deliver(batch_of("meta_custom_audience", rows))
    assert fake.requests[0].json().keys() == {"payload"}


# push messages


def message(**more: str) -> dict[str, Any]:
    """Settings with one message."""
    told = {"message_class": "info", "title": "주문이 왔어요", "body": "확인하세요."}
    return {"messages": {"win_back": {**told, **more}}}


def test_a_message_goes_once_to_each_token_with_its_variables(run: Runs) -> None:
    fake, adapter = run.start("fcm")
    rows = tokens(3)
    fake.bad, fake.foreign = {rows[0]}, {rows[1]}

    answer = adapter.deliver(batch_of("fcm", rows))
    assert answer == Answer(
        frozenset(rows[2:]),
        {rows[0]: "UNREGISTERED", rows[1]: "SENDER_ID_MISMATCH"},
    )
    (sent,) = fake.sent
    assert sent.notification.title == "(광고) 지우님, 다시 만나요"
    assert sent.data == {"message_id": "M2"}


def test_a_row_without_what_the_text_speaks_of_gets_no_message(run: Runs) -> None:
    fake, adapter = run.start("fcm")
    for told in ({}, {"name": None}, {"name": ""}):
        answer = adapter.deliver(with_variables("fcm", tokens(1), **told))
        assert answer == Answer(frozenset(), {tokens(1)[0]: "no_variable"})
    assert fake.requests == []


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ("269", ""),
        ("270", ""),
        ("271", "token_idle"),
        (None, "idle_days_unknown"),
        ("-1", "idle_days_unknown"),
        ("soon", "idle_days_unknown"),
    ],
)
def test_tokens_idle_for_more_than_270_days_get_no_message(
    days: str | None, code: str, run: Runs
) -> None:
    fake, adapter = run.start("fcm", idle_days_variable="idle_days")
    batch = with_variables("fcm", tokens(1), idle_days=days, name="지우")
    answer = adapter.deliver(batch)
    assert answer.rejected == ({tokens(1)[0]: code} if code else {})
    assert len(fake.sent) == (0 if code else 1)


def test_a_message_that_fcm_does_not_understand_is_nobodys_fault(run: Runs) -> None:
    fake, adapter = run.start("fcm")
    fake.answer = lambda request: fake.malformed(request.content.decode())
    rows = tokens(3)
    answer = adapter.deliver(batch_of("fcm", rows))
    assert answer == Answer(
        frozenset(), unsent=frozenset(rows), failure="INVALID_ARGUMENT"
    )
    assert len(fake.requests) == 1


def test_a_message_has_the_class_of_its_audience_and_cannot_be_taken_back(
    run: Runs,
) -> None:
    fake, adapter = run.start("fcm")
    rows = tokens(2)
    for batch, code in (
        (batch_of("fcm", rows, message_class="info"), "message_class_differs"),
        (batch_of("fcm", rows, "remove"), "cannot_be_removed"),
        (batch_of("fcm", rows, channel="email"), "channel_has_no_tokens"),
    ):
        answer = adapter.deliver(batch)
        assert answer == Answer(frozenset(), unsent=frozenset(rows), failure=code)
    assert fake.requests == []


LAWFUL = {"title": "(광고) 쿠폰", "body": "받으세요\n무료 수신거부 080-000-0000"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": "쿠폰"}, "must begin its title with (광고)"),
        ({"title": " (광고) 쿠폰"}, "must begin its title with (광고)"),
        ({"title": "[광고] 쿠폰"}, "must begin its title with (광고)"),
        ({"title": "(광 고) 쿠폰"}, "must begin its title with (광고)"),
        ({"title": "(AD) 쿠폰"}, "must begin its title with (광고)"),
        ({"body": "받으세요"}, "how to opt out"),
        ({"body": "수신\n거부"}, "how to opt out"),
        ({"title": ""}, "at least 1 character"),
    ],
)
def test_advertising_says_so_and_how_to_opt_out(
    wrong: dict[str, str], words: str
) -> None:
    connect("fcm", "http://127.0.0.1:9", **message(message_class="ad", **LAWFUL))
    with pytest.raises(WrongSpec, match=re.escape(words)):
        connect(
            "fcm",
            "http://127.0.0.1:9",
            **message(message_class="ad", **{**LAWFUL, **wrong}),
        )


# settings and secrets


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_token_that_is_not_there_is_told_by_the_name_of_its_variable(
    name: str,
) -> None:
    given = dict(CASES[name].settings)
    if name == "braze":
        given["base_url"] = "https://rest.iad-01.braze.com"
    with pytest.raises(WrongSpec) as caught:
        ADAPTERS[name](given, {"OTHER": TOKEN})
    variable = {
        "braze": "BRAZE_API_KEY",
        "fcm": "FCM_ACCESS_TOKEN",
        "google_data_manager": "GOOGLE_DATA_MANAGER_TOKEN",
        "hubspot": "HUBSPOT_TOKEN",
        "kakao_channel": "KAKAO_REST_API_KEY",
        "klaviyo": "KLAVIYO_API_KEY",
        "meta_custom_audience": "META_ACCESS_TOKEN",
        "tiktok": "TIKTOK_ACCESS_TOKEN",
    }[name]
    assert f"the environment variable {variable} is not set" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("name", sorted(CASES))
def test_settings_that_nobody_knows_are_refused_without_their_value(name: str) -> None:
    with pytest.raises(WrongSpec) as caught:
        connect(name, "http://127.0.0.1:9", api_key="secret-canary")
    assert "api_key" in str(caught.value)
    assert "secret-canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("meta_custom_audience", "audience_ids", {"win_back": "1/../2"}),
        ("meta_custom_audience", "version", "v25.0/../me"),
        ("google_data_manager", "audience_ids", {"win_back": "x"}),
        ("google_data_manager", "terms_accepted", False),
        ("tiktok", "version", "v1.3/x"),
        ("klaviyo", "list_ids", {"win_back": "a/b"}),
        ("klaviyo", "revision", "latest"),
        ("hubspot", "list_ids", {"win_back": "?x"}),
        ("hubspot", "object_type", "contacts/../deals"),
        ("kakao_channel", "channel_public_id", "@shop"),
        ("fcm", "project_id", "a/b"),
        ("braze", "attribute", "$add"),
        ("braze", "attribute", "_x"),
    ],
)
def test_what_goes_into_an_address_is_looked_at(
    name: str, key: str, value: object
) -> None:
    with pytest.raises(WrongSpec, match=key):
        connect(name, "http://127.0.0.1:9", **{key: value})


@pytest.mark.parametrize("name", sorted(CASES))
def test_nothing_of_a_person_or_a_secret_is_told_further(
    name: str, run: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    fake, adapter = run.start(name)
    caplog.set_level(logging.DEBUG)
    rows = CASES[name].identifiers(5)
    CASES[name].prepare(fake, rows)
    batch = batch_of(name, rows)
    fake.bad = {rows[2]}
    answers = [adapter.deliver(batch)]
    # a destination that repeats what it was told, in the place of a code
    for echo in (
        meta_like(rows[0]),
        {"errors": [{"code": rows[0], "index": 0, "input_array": "attributes"}]},
        {"category": rows[0], "message": rows[0]},
        {"code": rows[0], "msg": TOKEN},
    ):
        fake.faults = [Response(400, echo)]
        answers.append(adapter.deliver(batch))
    told = [
        *(answer.failure for answer in answers),
        *(code for answer in answers for code in answer.rejected.values()),
        caplog.text,
        repr(adapter),
        *(repr(call) for call in calls(adapter, batch)),
    ]
    for canary in (*rows, "canary-C0", TOKEN):
        assert not [text for text in told if canary in text]


def meta_like(canary: str) -> dict[str, Any]:
    """An error whose every word is what was sent."""
    detail = {"errorCode": canary, "reason": canary}
    return {"error": {"code": canary, "status": canary, "details": [detail]}}


def calls(adapter: HttpAdapter, batch: Batch) -> list[Call]:
    """Requests as an adapter makes them."""
    if hasattr(adapter, "question"):
        return [adapter.question(batch)]
    return [adapter.call(Batch(**{**vars(batch), "rows": batch.rows[:1]}))]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("UNREGISTERED", "UNREGISTERED"),
        ("not_found", "not_found"),
        (190, "190"),
        (-816, "-816"),
        ("canary@example.com", "other"),
        ("+821012345678", "other"),
        ("01012345678", "other"),
        (821012345678, "other"),
        (sha256("a"), "other"),
        ("token:APA91b", "other"),
        ("two words", "other"),
        ("", "other"),
        (None, "other"),
        ({"a": 1}, "other"),
    ],
)
def test_a_code_is_a_word_or_a_short_number(told: object, code: str) -> None:
    assert as_code(told, "other") == code


# the page about them


def page() -> str:
    """The page."""
    return README.read_text(encoding="utf-8")


def seeded() -> dict[str, dict[str, str]]:
    """Destinations as the seed has them, by name."""
    with (ROOT / "seeds/destinations.csv").open(encoding="utf-8", newline="") as file:
        return {row["destination"]: row for row in csv.DictReader(file)}


def examples() -> dict[str, dict[str, Any]]:
    """The examples of the page, by the adapter of the destination they name."""
    blocks = re.findall(r"```yaml\n(.*?)```", page(), re.DOTALL)
    assert blocks
    found: dict[str, dict[str, Any]] = {}
    for block in blocks:
        ((name, example),) = yaml.safe_load(block)["destinations"].items()
        found[seeded()[name]["adapter"]] = example
    return found


def line_of(name: str) -> str:
    """The line of a destination in the table."""
    (line,) = re.findall(rf"^\| `{name}` \|.*$", page(), re.MULTILINE)
    return str(line)


def test_the_table_and_the_examples_name_each_adapter() -> None:
    names = re.findall(r"^\| `(\w+)` \|", page(), re.MULTILINE)
    assert names == sorted(ADAPTERS)
    assert sorted(examples()) == sorted(ADAPTERS)


def test_the_table_says_how_the_seed_forms_identifiers() -> None:
    for row in seeded().values():
        if row["adapter"] in ADAPTERS:
            form = line_of(row["adapter"]).split("|")[6]
            assert form.strip().startswith(f"`{row['identifier_form']}`"), row


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_the_example_of_the_page_is_valid(name: str) -> None:
    example = examples()[name]
    secrets = {
        example.get("token_env"): TOKEN,
        example.get("secret_env"): "whsec_" + "QUFB" * 8,
        example.get("dsn_env"): "postgresql://example.com/shop",
    }
    adapter = ADAPTERS[name](
        example, {key: told for key, told in secrets.items() if key}
    )
    adapter.close()
    for variable in secrets:
        assert variable is None or f"`{variable}`" in line_of(name)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_page_tells_batches_effects_and_settings(name: str) -> None:
    adapter = connect(name, "http://127.0.0.1:9")
    _, _, _, rows, _, effect, *_ = line_of(name).split("|")
    assert f"{adapter.batch_size:,}" in rows
    assert effect.strip() == adapter.effect
    assert "against a local fake" in line_of(name)
    section = page().split(f"\n### {name}\n", 1)[1].split("\n### ", 1)[0]
    for setting in keys_of(type(adapter.settings)):
        where = page() if setting in HttpSettings.model_fields else section
        assert f"`{setting}`" in where, setting
