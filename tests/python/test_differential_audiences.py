"""Consents and audience decisions in SQL against the oracle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import (
    MODELS,
    Bench,
    Suite,
    World,
    compile_models,
    copied_project,
    examine,
    seed_rows,
    world,
)

AS_OF = date(2024, 2, 29)
DECIDING = (
    *("audience_definitions", "int_audience_candidates", "int_audience_contacts"),
    *("int_audience_checks", "audience_decisions"),
)
GLOBAL_SALT = "global 소금"
GLOBAL_SHARE = Fraction(1, 5)
CHANNELS = ("email", "sms", "push", "alimtalk", "brand_message", "in_app", "ads")
SEGMENTS = ("men", "women", "free_plan", "sleeping", "hesitating")
ANYBODY = {"any_of": ["men", "women"]}
# Windows: a minute before, at and after the edges of the night, and past midnight.
SPECS: Sequence[dict[str, Any]] = (
    {
        "name": "news",
        "channel": "email",
        "segments": {"any_of": ["men", "women"], "none_of": ["sleeping"]},
        "holdout": {"share": 0.1, "salt": "news"},
        "cap": {"messages": 2, "days": 7},
        "cool_down": {"days": 7},
    },
    {
        "name": "edge_of_day",
        "channel": "sms",
        "send_window": ["08:00", "21:00"],
        "holdout": {"share": 0.29, "salt": "it's"},
        "priority": {"list": "texts", "rank": 3},
    },
    {
        "name": "into_the_night",
        "channel": "sms",
        "segments": {"any_of": ["men"], "all_of": ["free_plan"]},
        "send_window": ["09:00", "21:01"],
        "priority": {"list": "texts", "rank": 1},
    },
    {
        "name": "before_the_day",
        "channel": "sms",
        "segments": {"any_of": ["women"], "none_of": ["hesitating", "sleeping"]},
        "send_window": ["07:59", "09:00"],
        "cap": {"messages": 1, "days": 1},
        "priority": {"list": "texts", "rank": 2},
    },
    {"name": "past_midnight", "channel": "push", "send_window": ["20:00", "10:00"]},
    {
        "name": "night_letter",
        "channel": "email",
        "send_window": ["21:00", "23:00"],
        "third_party": True,
    },
    {
        "name": "notice",
        "channel": "alimtalk",
        "message_class": "info",
        "segments": {"all_of": ["men", "free_plan"]},
        "send_window": ["00:00", "23:59"],
        "cap": {"messages": 1, "days": 30},
    },
    {
        "name": "promotion",
        "channel": "brand_message",
        "cool_down": {"days": 14, "product_ids": ["p1"], "categories": ["shoes"]},
        "priority": {"list": "shoes", "rank": 2},
    },
    {
        "name": "promotion_by_product",
        "channel": "push",
        "cool_down": {"days": 1, "product_ids": ["p2", "p3"]},
        "priority": {"list": "shoes", "rank": 1},
        "holdout": {"share": 0.9, "salt": "shoes"},
    },
    {"name": "banner", "channel": "in_app", "priority": {"list": "shoes", "rank": 3}},
    {"name": "lookalike", "channel": "ads", "holdout": {"share": 0.5, "salt": "ads"}},
    {
        "name": "receipt",
        "channel": "sms",
        "message_class": "info",
        "holdout": {"share": 0.5, "salt": "receipt"},
        "cap": {"messages": 3, "days": 7},
    },
    {
        "name": "hashed_news",
        "channel": "email",
        "destination": "google",
        "limit": 3,
        "holdout": {"share": 0.4, "salt": "hashed"},
        "split": {"salt": "소금 arms", "arms": {"b": 0.3, "a": 0.5, "rest": 0.2}},
        "cap": {"messages": 3, "days": 7},
    },
    {
        "name": "meta_texts",
        "channel": "sms",
        "destination": "meta",
        "message_class": "info",
        "required_consents": ["ad"],
        "split": {"salt": "it's", "arms": {"a": 0.5, "b": 0.5}},
        "cap": {"messages": 2, "days": 31},
    },
    {
        "name": "vendor_file",
        "channel": "sms",
        "destination": "sms_vendor",
        "required_consents": ["night_ad", "third_party"],
        "limit": 1,
        "priority": {"list": "texts", "rank": 4},
    },
    {
        "name": "profiles",
        "channel": "email",
        "destination": "braze",
        "cap": {"messages": 2, "days": 7},
    },
    {
        "name": "hashed_tokens",
        "channel": "push",
        "destination": "hashed_files",
        "limit": 8,
        "holdout": {"share": 0.5, "salt": "tokens"},
    },
    {
        "name": "app_notice",
        "channel": "push",
        "message_class": "info",
        "third_party": True,
        "cool_down": {"days": 30, "categories": ["shoes", "hats"]},
    },
)
PROBE = """
select
    customer_id,
    {{ bucket("it's salt", 'customer_id') }} as bucket
from {{ ref('int_consents') }}
"""


def full(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spec as the YAML holds it, with what every audience must say."""
    label = {"en": spec["name"], "ko": spec["name"]}
    usual = {
        "label": label,
        "message_class": "ad",
        "campaign": "cmp",
        "segments": ANYBODY,
    }
    return {**usual, **spec}


@cache
def audience_world() -> World:
    """Compile the decisions for SPECS and a probe of buckets."""

    def replace_audiences(content: Any) -> None:
        meta = content["models"][0]["config"]["meta"]
        meta["audiences"] = [full(spec) for spec in SPECS]

    project = copied_project(
        {"models/marts/audiences/audience_definitions.yml": replace_audiences}
    )
    (project / "models/marts/audiences/exposures.yml").unlink(missing_ok=True)
    (project / "models/marts/audiences/bucket_probe.sql").write_text(
        PROBE, encoding="utf-8"
    )
    compiled = compile_models(
        [*MODELS, *DECIDING, "bucket_probe"],
        {
            "as_of_date": AS_OF.isoformat(),
            "global_holdout_share": float(GLOBAL_SHARE),
            "global_holdout_salt": GLOBAL_SALT,
        },
        project,
    )
    return World(AS_OF, "Asia/Seoul", "KRW", 0, compiled)


@dataclass(frozen=True)
class Person:
    """A customer: segments, and for each channel a bad turn and an identifier."""

    segments: frozenset[str]
    is_test: bool
    is_reachable: bool
    troubles: Mapping[str, str]
    identifiers: Mapping[str, str | None]
    order_days: Sequence[int]
    lines: Sequence[tuple[int, str, str]]
    messages: Sequence[tuple[str, str, int, time]]


TROUBLES = (
    *("invalid", "suppressed", "no_ad", "no_night", "no_third_party"),
    *("no_ad no_night", "no_night no_third_party", "suppressed no_ad"),
)
AGO = st.sampled_from((-1, 0, 0, 1, 1, 6, 7, 8, 13, 14, 15, 29, 30, 31))
# What many may share, letter by letter of the population: two spellings of a mailbox,
# numbers of here and abroad, and what already is a hash.
SHARED = {
    **{name: f"%{name}" for name in ("x1", "x2", "x3", "x4")},
    **{"dotted": "%.k.im@gmail.com", "plain": "%kim@gmail.com"},
    **{"other": "%.k.im@gmail.example", "+": "+%.x@googlemail.com"},
    **{"number": "+8210#####1234", "abroad": "+1212#####00"},
    "hash": hashlib.sha256(b"x").hexdigest()[:-1] + "%",
}
HELD = ("own", "own", "own", "own", None, *SHARED)
IDENTIFIERS = st.sampled_from(HELD)


@st.composite
def people(draw: DrawFn) -> Person:
    """Draw a customer for whom at most some channels are in trouble."""
    troubles = st.dictionaries(
        st.sampled_from(CHANNELS), st.sampled_from(TROUBLES), max_size=3
    )
    identifier = draw(IDENTIFIERS)
    others = st.dictionaries(st.sampled_from(CHANNELS), IDENTIFIERS, max_size=2)
    line = st.tuples(
        AGO,
        st.sampled_from(("p1", "p2", "p4")),
        st.sampled_from(("shoes", "hats", "pins")),
    )
    message = st.tuples(
        st.sampled_from(("sms", "email", "alimtalk")),
        st.sampled_from(("advertising", "information", "unknown")),
        AGO,
        st.sampled_from((time(0), time(23, 59, 59))),
    )
    return Person(
        draw(st.frozensets(st.sampled_from(SEGMENTS), min_size=1)),
        draw(st.sampled_from((False,) * 11 + (True,))),
        draw(st.sampled_from((True,) * 15 + (False,))),
        draw(troubles),
        {**dict.fromkeys(CHANNELS, identifier), **draw(others)},
        draw(st.lists(AGO, max_size=1)),
        draw(st.lists(line, max_size=1)),
        draw(st.lists(message, max_size=3)),
    )


# Populations that share nothing are decided in one run of the SQL.
BATCH = 5


def people_cases(_: World) -> SearchStrategy[list[list[Person]]]:
    """Return batches of small populations."""
    population = st.lists(people(), max_size=8)
    return st.lists(population, min_size=BATCH, max_size=BATCH)


def merged(populations: Sequence[Sequence[Person]]) -> dict[str, Person]:
    """Return the people of all populations by an id that begins with its letter."""
    return {
        f"{letter}{number}": person
        for letter, population in zip("abcde", populations, strict=False)
        for number, person in enumerate(population)
    }


def identifier_of(person: Person, channel: str, who: str) -> str | None:
    """Return an identifier that others of the population may share, or one's own."""
    held = person.identifiers[channel]
    if held is None:
        return None
    if held == "own":
        return who
    number = str("abcde".index(who[0])) * 5
    return SHARED[held].replace("%", who[0]).replace("#####", number)


def members(spec: Mapping[str, Any], case: Mapping[str, Person]) -> list[str]:
    """Return who is in any, in all and in none of the segments."""
    wanted = {"any_of": [], "all_of": [], "none_of": [], **full(spec)["segments"]}
    found = []
    for who, person in case.items():
        in_any = not wanted["any_of"] or any(
            name in person.segments for name in wanted["any_of"]
        )
        in_all = all(name in person.segments for name in wanted["all_of"])
        in_none = not any(name in person.segments for name in wanted["none_of"])
        if in_any and in_all and in_none:
            found.append(who)
    return found


def bought_recently(spec: Mapping[str, Any], person: Person) -> bool:
    """Tell "bought the promoted product or category within its cool-down"."""
    rule = spec.get("cool_down")
    if rule is None:
        return False
    products, categories = rule.get("product_ids", []), rule.get("categories", [])
    if not products and not categories:
        bought = [*person.order_days, *(line[0] for line in person.lines)]
        return any(0 <= ago < rule["days"] for ago in bought)
    return any(
        0 <= ago < rule["days"] and (product in products or category in categories)
        for ago, product, category in person.lines
    )


def cap_left(spec: Mapping[str, Any], person: Person) -> int | None:
    """Count messages "on the same channel and class in the last n days"."""
    rule: dict[str, int] | None = spec.get("cap")
    if rule is None:
        return None
    wanted = full(spec)["message_class"]
    classes = {"advertising": "ad", "information": "info", "unknown": "ad"}
    count = 0
    for channel, campaign, ago, _ in person.messages:
        is_same = channel == spec["channel"] and classes[campaign] == wanted
        if is_same and 0 <= ago < rule["days"]:
            count += 1
    return rule["messages"] - count


def candidate(spec: Mapping[str, Any], person: Person, who: str) -> oracle.Candidate:
    """Return the facts about a customer on the audience's channel."""
    channel = spec["channel"]
    left = cap_left(spec, person)
    if not person.is_reachable:
        return oracle.Candidate(who, None)
    trouble = person.troubles.get(channel, "").split()
    return oracle.Candidate(
        who,
        identifier_of(person, channel, who),
        is_test=person.is_test,
        has_valid_identifier="invalid" not in trouble,
        is_suppressed="suppressed" in trouble,
        has_consent="no_ad" not in trouble,
        has_night_consent="no_night" not in trouble,
        has_third_party_consent="no_third_party" not in trouble,
        has_recent_purchase=bought_recently(spec, person),
        is_at_frequency_cap=left is not None and left <= 0,
    )


def oracle_audience(spec: Mapping[str, Any]) -> oracle.Audience:
    """Return a spec as the oracle reads it; ad platforms are third parties."""
    holdout = spec.get("holdout", {"share": 0, "salt": ""})
    send_from, send_to = spec.get("send_window", ("09:00", "20:00"))
    destination = DESTINATIONS[spec.get("destination", "files")]
    return oracle.Audience(
        spec["name"],
        spec["channel"],
        full(spec)["message_class"],
        holdout["salt"],
        Fraction(str(holdout["share"])),
        time.fromisoformat(send_from),
        time.fromisoformat(send_to),
        spec.get("third_party", False)
        or spec["channel"] == "ads"
        or destination["passes_to_third_party"] == "true",
        spec.get("priority", {}).get("list"),
        frozenset(spec.get("required_consents", ())),
        destination["identifier_form"],
        spec.get("limit"),
    )


DESTINATIONS = {row["destination"]: row for row in seed_rows("destinations")}
RANKED = sorted(SPECS, key=lambda spec: spec.get("priority", {}).get("rank", 0))


def give_people(bench: Bench, case: Mapping[str, Person]) -> None:
    """Write segments, channels, orders and messages of a population."""
    world = bench.world
    loaded_at = world.moment(AS_OF + timedelta(days=9))
    bench.give(
        "segment_members",
        [
            {"segment": segment, "customer_id": who}
            for who, person in case.items()
            for segment in sorted(person.segments)
        ],
    )
    bench.give(
        "int_customer_channels",
        [
            {
                "customer_id": who,
                "channel": channel,
                "is_test": person.is_test,
                "identifier": identifier_of(person, channel, who),
                "is_valid_identifier": "invalid" not in trouble,
                "is_suppressed": "suppressed" in trouble,
                "has_ad_consent": "no_ad" not in trouble,
                "has_night_consent": "no_night" not in trouble,
                "has_third_party_consent": "no_third_party" not in trouble,
            }
            for who, person in case.items()
            if person.is_reachable
            for channel in CHANNELS
            for trouble in [person.troubles.get(channel, "").split()]
        ],
    )
    # Orders of tomorrow are not in the table of orders; invalid ones are.
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for who, person in case.items():
        bought = [*((ago, "", "") for ago in person.order_days), *person.lines]
        for ago, product, category in bought:
            order = {
                "order_id": f"o{len(orders)}",
                "customer_id": who,
                "ordered_on": AS_OF - timedelta(days=max(ago, 0)),
                "is_valid": ago >= 0,
            }
            orders.append(order)
            if product:
                lines.append({**order, "product_id": product, "category": category})
    bench.give("orders", orders)
    bench.give("order_lines", lines)
    bench.give(
        "raw.customers",
        [
            {
                "customer_id": who,
                "created_at": world.moment(AS_OF - timedelta(days=90)),
                "loaded_at": loaded_at,
            }
            for who in case
        ],
    )
    bench.give(
        "raw.campaigns",
        [
            {"campaign_id": name, "message_class": kind, "channel": "sms"}
            for name, kind in (("advertising", "ad"), ("information", "info"))
        ],
    )
    bench.give(
        "raw.campaign_messages",
        [
            {
                "message_id": f"{who}-{number}",
                "campaign_id": campaign,
                "customer_id": who,
                "channel": channel,
                "sent_at": world.moment(AS_OF - timedelta(days=ago), clock),
                "loaded_at": loaded_at,
            }
            for who, person in case.items()
            for number, (channel, campaign, ago, clock) in enumerate(person.messages)
        ],
    )
    bench.run("stg_customers", "stg_campaigns", "stg_campaign_messages")
    bench.run(*DECIDING)


def check_decisions(bench: Bench, populations: Sequence[Sequence[Person]]) -> None:
    """Compare all that is decided about every candidate of every audience."""
    case = merged(populations)
    give_people(bench, case)
    candidates = {
        spec["name"]: [candidate(spec, case[who], who) for who in members(spec, case)]
        for spec in RANKED
    }
    audiences = [oracle_audience(spec) for spec in RANKED]
    decisions = oracle.audience_decisions(
        audiences, candidates, GLOBAL_SALT, GLOBAL_SHARE
    )
    winners: dict[tuple[str, str], str] = {}
    expected: list[tuple[object, ...]] = []
    lists = {audience.name: audience.priority_list for audience in audiences}
    early = {
        (audience.name, one.customer_id): oracle.own_reason(audience, one)
        for audience in audiences
        for one in candidates[audience.name]
    }
    for decision in decisions:
        name, who = decision.audience, decision.customer_id
        lost_to = None
        list_name = lists[name]
        if list_name is not None and early[name, who] is None:
            lost_to = winners.get((list_name, who))
            winners.setdefault((list_name, who), name)
        expected.append((name, who, decision.reason, lost_to))
    by_place = sorted(expected, key=lambda row: (str(row[0]), str(row[1])))
    assert (
        bench.rows("audience_decisions", "audience, customer_id, reason, lost_to")
        == by_place
    )
    assert bench.rows(
        "audience_decisions",
        "audience, customer_id, arm, destination_identifier, cap_left",
    ) == [
        (name, who, *told(SPECS_BY_NAME[str(name)], case[str(who)], str(who)))
        for name, who, _, _ in by_place
    ]


SPECS_BY_NAME = {spec["name"]: spec for spec in SPECS}


def told(spec: Mapping[str, Any], person: Person, who: str) -> tuple[object, ...]:
    """Return the arm, what the destination calls somebody, and what the cap allows."""
    arm = None
    if "split" in spec:
        arms = spec["split"]["arms"].items()
        shares = {name: Fraction(str(share)) for name, share in arms}
        arm = oracle.arm_of(spec["split"]["salt"], shares, who)
    form = DESTINATIONS[spec.get("destination", "files")]["identifier_form"]
    identifier = identifier_of(person, spec["channel"], who)
    called = who if form == "customer_id" else None
    if person.is_reachable and identifier is not None:
        called = oracle.destination_identifier(form, identifier, who)
    return arm, called, cap_left(spec, person)


DECISIONS = Suite(
    MODELS,
    {
        "segment_members": {"segment": "varchar", "customer_id": "varchar"},
        "int_segment_definitions": {
            "segment": "varchar",
            "data_state": "varchar",
            "missing_data": "varchar",
        },
        "orders": None,
        "order_lines": None,
        "int_customer_channels": {
            "customer_id": "varchar",
            "channel": "varchar",
            "is_test": "boolean",
            "identifier": "varchar",
            "is_valid_identifier": "boolean",
            "is_suppressed": "boolean",
            "has_ad_consent": "boolean",
            "has_night_consent": "boolean",
            "has_third_party_consent": "boolean",
        },
    },
    people_cases,
    check_decisions,
)


def test_each_member_is_decided_by_the_first_reason() -> None:
    DECISIONS.examine(audience_world(), 90 // BATCH)


@pytest.mark.slow
def test_thousands_of_populations_are_decided_by_the_first_reason() -> None:
    DECISIONS.examine(audience_world(), 3000 // BATCH)


REASONS = (
    *("test_account", "no_identifier", "invalid_identifier", "suppressed"),
    *("no_consent", "no_night_consent", "no_third_party_consent"),
    *("recent_purchase", "frequency_cap", "lower_priority", "duplicate_identifier"),
    *("over_limit", "global_holdout", "holdout", None),
)


def test_the_seed_has_the_reasons_in_their_order() -> None:
    """The waterfall shows the order in which decisions are made."""
    rows = sorted(seed_rows("exclusion_reasons"), key=lambda row: int(row["place"]))
    assert tuple(row["reason"] for row in rows) == REASONS[:-1]


def test_the_cases_reach_every_reason() -> None:
    reached: set[str | None] = set()
    bench = DECISIONS.bench(audience_world())

    def collect(populations: Sequence[Sequence[Person]]) -> None:
        give_people(bench, merged(populations))
        reached.update(row[0] for row in bench.rows("audience_decisions", "reason"))

    strategy = people_cases(audience_world())
    examine(strategy, collect, 30, shrink=False)
    assert reached == set(REASONS)


UNKNOWN = {
    "is_test": "test_account",
    "is_valid_identifier": "invalid_identifier",
    "is_suppressed": "suppressed",
    "has_ad_consent": "no_consent",
    "has_night_consent": "no_night_consent",
    "has_third_party_consent": "no_third_party_consent",
}


def test_what_is_not_known_keeps_a_message_back() -> None:
    """Null is no consent; who is known goes on to the next step, the priority list."""
    bench = DECISIONS.bench(audience_world())
    give_people(bench, {})
    known = dict.fromkeys(UNKNOWN, True) | {"is_test": False, "is_suppressed": False}
    people = {"known": known} | {name: known | {name: None} for name in UNKNOWN}
    bench.give(
        "segment_members", [{"segment": "men", "customer_id": who} for who in people]
    )
    bench.give(
        "int_customer_channels",
        [
            {
                "customer_id": who,
                "channel": "sms",
                "identifier": f"+82101234000{number}",
                **person,
            }
            for number, (who, person) in enumerate(people.items())
        ],
    )
    bench.run(*DECIDING)
    rows = bench.rows("audience_decisions", "audience, customer_id, reason")
    found = {who: reason for audience, who, reason in rows if audience == "vendor_file"}
    assert found == {"known": "lower_priority", **UNKNOWN}


@dataclass(frozen=True)
class Wish:
    """One consent row: number of customer, channel, purpose, status and time."""

    customer: int
    channel: str
    purpose: str
    status: str
    changed_at: datetime


def consent_cases(world: World) -> SearchStrategy[list[Wish]]:
    """Return wishes of few customers at few times, about the end of the as-of day."""
    end = world.end.replace(tzinfo=UTC)
    times = [
        end + timedelta(seconds=seconds) for seconds in (-86400, -2, -1, 0, 1, 86400)
    ]
    wish = st.builds(
        Wish,
        st.integers(0, 2),
        st.sampled_from(("sms", "email")),
        st.sampled_from(("ad", "night_ad", "third_party")),
        st.sampled_from(("granted", "withdrawn")),
        st.sampled_from(times),
    )
    return st.lists(wish, max_size=30)


def check_consents(bench: Bench, wishes: Sequence[Wish]) -> None:
    """Compare the consent of every customer, channel and purpose."""
    world = bench.world
    loaded_at = world.moment(world.as_of + timedelta(days=9))
    created_at = world.moment(world.as_of - timedelta(days=90))
    bench.give(
        "raw.customers",
        [
            {"customer_id": f"c{n}", "created_at": created_at, "loaded_at": loaded_at}
            for n in range(3)
        ],
    )
    bench.give(
        "raw.consents",
        [
            {
                "customer_id": f"c{wish.customer}",
                "channel": wish.channel,
                "purpose": wish.purpose,
                "status": wish.status,
                "changed_at": wish.changed_at.replace(tzinfo=None),
                "loaded_at": loaded_at,
            }
            for wish in wishes
        ],
    )
    bench.run("stg_customers", "stg_consents", "int_unread_wishes", "int_consents")
    rows: dict[tuple[str, str, str], list[oracle.ConsentRow]] = {}
    for wish in wishes:
        place = (f"c{wish.customer}", wish.channel, wish.purpose)
        rows.setdefault(place, []).append(
            oracle.ConsentRow(wish.status, wish.changed_at)
        )
    end = oracle.end_of_day(world.as_of, world.timezone)
    expected = {
        place for place, own in rows.items() if oracle.consent_granted(own, end)
    }
    granted = {
        place
        for *place_parts, is_granted in bench.rows(
            "int_consents", "customer_id, channel, purpose, is_granted"
        )
        for place in [tuple(place_parts)]
        if is_granted
    }
    assert granted == expected


CONSENTS = Suite(MODELS, {}, consent_cases, check_consents)


@pytest.mark.parametrize(("setting", "examples"), [("leap_day", 20), ("dollars", 12)])
def test_consent_is_the_latest_wish(setting: str, examples: int) -> None:
    CONSENTS.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_consent_is_the_latest_wish_in_thousands_of_cases(setting: str) -> None:
    CONSENTS.examine(world(setting), 2000)


BUCKETS = {
    "1": 6384,
    "001": 764,
    "c1": 6875,
    "c2": 7093,
    "C1": 6155,
    "a|b": 346,
    "|": 6062,
    "": 7985,
    " ": 4472,
    "it's": 7101,
    "\\": 1653,
    "100%": 1798,
    "김철수": 5960,
    "é": 5193,
    "e\u0301": 2804,
    "😀": 8471,
    "customer@example.com": 392,
    "9223372036854775808": 5009,
    "00000000-0000-0000-0000-000000000000": 4834,
    "x" * 300: 7198,
}


@pytest.mark.parametrize("customer_id", BUCKETS)
def test_a_bucket_never_moves(customer_id: str) -> None:
    assert oracle.bucket("it's salt", customer_id) == BUCKETS[customer_id]


def test_the_warehouse_gives_the_same_buckets() -> None:
    bench = Bench(audience_world())
    bench.table("int_consents", {"customer_id": "varchar"})
    bench.give("int_consents", [{"customer_id": who} for who in BUCKETS])
    bench.run("bucket_probe")
    assert dict(bench.rows("bucket_probe", "customer_id, bucket")) == BUCKETS
