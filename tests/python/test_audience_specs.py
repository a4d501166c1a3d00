"""Audiences in YAML: the build and the exporter refuse and accept the same."""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from customer_segments.exporting import audience_exposures
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.settings import checked_settings
from customer_segments.exporting.specs import (
    AudienceSpec,
    Known,
    checked_specs,
    exposures,
    known_names,
    read_specs,
)
from customer_segments.exporting.validating import destination_state
from customer_segments.places import ROOT
from customer_segments.rules.rendering import open_project
from tests.python.compiled import copied_project
from tests.python.compiler import MODEL, Compiler

FILE = "models/marts/audiences/audience_decisions.yml"
MODEL_NAME = "audience_decisions"
CASES = 315
ODD: list[Any] = [
    *(True, False, 0, 1, -1, 0.5, 1e9, float("nan"), float("inf"), "", " ", "x"),
    *([], {}, [[]], [None], [1], {"x": 1}, {1: "x"}, ["a", "b"], "09:00", "a\n"),
]
SEGMENTS = ("men", "women", "hesitating", "free_plan", "all_customers")

Spec = dict[str, Any]
Change = Callable[[random.Random, Spec], Any]


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    """One parsed project for all cases of this module."""
    opened = Compiler(tmp_path_factory.mktemp("audiences"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def known() -> Known:
    """What the shipped files let an audience name."""
    return known_names(open_project())


def spec_of(rng: random.Random, name: str = "tried") -> Spec:
    """An audience that both take, with some of the keys that it may have."""
    words = ["news", "it's", "소금", "a|b"]
    spec: Spec = {
        "name": name,
        "label": {"en": "Tried", "ko": "시험"},
        "channel": rng.choice(["email", "sms", "push", "in_app", "ads"]),
        "message_class": rng.choice(["ad", "info"]),
        "campaign": rng.choice(["cmp_1", "2026"]),
        "segments": {"any_of": rng.sample(SEGMENTS, 2)},
    }
    optional: Spec = {
        "third_party": rng.random() < 0.5,
        "required_consents": rng.sample(["ad", "night_ad", "third_party"], 2),
        "holdout": {"share": rng.choice([0, 0.1, 0.9]), "salt": rng.choice(words)},
        "split": {"salt": "arms", "arms": some_arms(rng)},
        "limit": rng.choice([1, 500, 100_000_000]),
        "cap": {"messages": rng.randint(1, 3), "days": rng.randint(1, 30)},
        "cool_down": {"days": 7, "categories": ["shoes"]},
        "priority": {"list": "conversion", "rank": rng.randint(-2, 2)},
        "send_window": rng.choice([["09:00", "20:00"], ["20:00", "08:00"]]),
        "guards": {"min_rows": 1, "max_added_share": 1.5, "max_age_days": 2},
        "destination": rng.choice(["files", "meta", "google", "braze", "webhook"]),
        "mode": rng.choice(["mirror", "add_only", "snapshot", "trigger"]),
        "variables": {"고객명": "name", "price": "best_seller_price"},
    }
    for key in rng.sample(sorted(optional), rng.randint(0, 6)):
        spec[key] = optional[key]
    return spec


def some_arms(rng: random.Random) -> dict[str, float]:
    """Arms that are a whole."""
    return rng.choice(
        [
            {"a": 0.5, "b": 0.5},
            {"control": 0.1, "one": 0.3, "two": 0.6},
            {"a": 0.3333, "b": 0.3333, "c": 0.3334},
            {"b": 0.9999, "a": 0.0001},
        ]
    )


def nothing(rng: random.Random, spec: Spec) -> None:
    """The audience stays as it is."""


def odd_value(rng: random.Random, spec: Spec) -> None:
    """Any key says something of any type."""
    spec[rng.choice(sorted(AudienceSpec.model_fields))] = copy.deepcopy(rng.choice(ODD))


def odd_member(rng: random.Random, spec: Spec) -> None:
    """A key of a mapping says something of any type."""
    parts: dict[str, list[str]] = {
        "label": ["en", "ko"],
        "segments": ["any_of", "all_of", "none_of"],
        "holdout": ["share", "salt"],
        "split": ["salt", "arms"],
        "cap": ["messages", "days"],
        "cool_down": ["days", "product_ids", "categories"],
        "priority": ["list", "rank"],
        "guards": ["min_rows", "max_rows", "max_removed_share", "max_added_share"],
        "variables": ["name"],
    }
    whole: Spec = {
        "holdout": {"share": 0.1, "salt": "news"},
        "split": {"salt": "arms", "arms": {"a": 0.5, "b": 0.5}},
        "cap": {"messages": 1, "days": 7},
        "cool_down": {"days": 7},
        "priority": {"list": "x", "rank": 1},
    }
    key = rng.choice(sorted(parts))
    part = dict(spec.get(key) or whole.get(key) or {})
    part[rng.choice(parts[key])] = copy.deepcopy(rng.choice([*ODD, None]))
    spec[key] = part


def no_value(rng: random.Random, spec: Spec) -> None:
    """A key is written without a value."""
    spec[rng.choice(sorted(AudienceSpec.model_fields))] = None


def lost_key(rng: random.Random, spec: Spec) -> None:
    """Something that must be said is not."""
    required = ("name", "label", "channel", "message_class", "campaign", "segments")
    del spec[rng.choice(required)]


def lost_part(rng: random.Random, spec: Spec) -> None:
    """A part of a mapping is not there."""
    spec.update(
        rng.choice(
            [
                {"holdout": {"share": 0.1}},
                {"cap": {"days": 7}},
                {"split": {"salt": "arms"}},
                {"priority": {"rank": 1}},
                {"cool_down": {"categories": ["shoes"]}},
                {"label": {"en": "Tried"}},
                {"segments": {"none_of": ["men"]}},
                {"segments": {"any_of": []}},
            ]
        )
    )


def unknown_key(rng: random.Random, spec: Spec) -> None:
    """A key that nobody knows, outside or inside."""
    if rng.random() < 0.4:
        unknown: list[Any] = ["chanel", "Name", "limits", "x", 5, True]
        spec[rng.choice(unknown)] = "x"
        return
    key = rng.choice(["segments", "guards", "label", "holdout", "split", "cap"])
    spec[key] = {**(spec.get(key) or {}), rng.choice(["anyof", "days_", 7]): 1}


def bad_name(rng: random.Random, spec: Spec) -> None:
    """A name that no file or variable may have."""
    names = ["Tried", "1st", "a b", "a-b", "한글", "x" * 64, "a\n", "../x", ""]
    if rng.random() < 0.5:
        spec["name"] = rng.choice(names)
    else:
        spec["variables"] = {rng.choice(["1st", "a b", "a-b", "", "a\n"]): "name"}


def wrong_name(rng: random.Random, spec: Spec) -> None:
    """A name of something that is not there."""
    spec.update(
        rng.choice(
            [
                {"channel": "fax"},
                {"destination": "facebok"},
                {"mode": "mirrored"},
                {"message_class": "adverts"},
                {"segments": {"any_of": ["mne"]}},
                {"segments": {"any_of": ["men"], "none_of": ["wome"]}},
                {"required_consents": ["ads"]},
                {"variables": {"x": "nmae"}},
            ]
        )
    )


def private_variable(rng: random.Random, spec: Spec) -> None:
    """Something that may not travel into a message."""
    columns = ["age", "age_band", "gender", "birth_date", "email", "phone", "is_test"]
    columns += ["rfm_segment", "purchase_stage", "favourite_content", "customer_id"]
    spec["variables"] = {"x": rng.choice(columns)}


def bad_split(rng: random.Random, spec: Spec) -> None:
    """Arms that are no whole, or would be those who are held out."""
    spec["holdout"] = {"share": 0.1, "salt": "news"}
    salts = ["news", "global", "arms", ""]
    arms = [
        {"a": 0.5, "b": 0.4},
        {"a": 0.5, "b": 0.5000021},
        {"a": 0.5, "b": 0.5000001},
        {"a": 1},
        {"a": 1.0, "b": 0.0},
        {"a": 0.99995, "b": 0.00005},
        {"A": 0.5, "b": 0.5},
        {"a": -0.5, "b": 1.5},
        {"a": True, "b": 0.5},
        {"a": "0.5", "b": 0.5},
    ]
    spec["split"] = {"salt": rng.choice(salts), "arms": rng.choice(arms)}


def bad_number(rng: random.Random, spec: Spec) -> None:
    """A number at an edge."""
    spec.update(
        rng.choice(
            [
                {"limit": rng.choice([0, 1, 100_000_000, 100_000_001, 5.0])},
                {"holdout": {"share": rng.choice([0.9, 0.91, -0.1]), "salt": "s"}},
                {"holdout": {"share": rng.choice([0, 0.1]), "salt": ""}},
                {"cap": {"messages": rng.choice([0, 1, 1_000_001]), "days": 1}},
                {"guards": {"max_removed_share": rng.choice([1, 1.01, -0.01])}},
                {"guards": {"max_added_share": rng.choice([0, 1000, 1001])}},
                {"guards": {"max_age_days": rng.choice([0, -1, 1.5])}},
                {"guards": {"min_rows": 5, "max_rows": rng.choice([4, 5])}},
                {"guards": {"min_rows": rng.choice([10_000_000, 10_000_001])}},
                {"priority": {"list": "x", "rank": rng.choice([1.5, 1_000_001, -5])}},
            ]
        )
    )


def bad_window(rng: random.Random, spec: Spec) -> None:
    """Hours that no clock shows, or that are no pair."""
    spec["send_window"] = rng.choice(
        [
            ["9:00", "20:00"],
            ["09:00", "24:01"],
            ["09:00", "24:00"],
            ["09:00"],
            ["09:00", "12:00", "20:00"],
            [540, 1200],
            "09:00",
            ["09:00", "20:00\n"],
        ]
    )


def unfit_channel(rng: random.Random, spec: Spec) -> None:
    """What the channel or the destination does not carry, and its neighbours."""
    for key in ("send_window", "destination", "split"):
        spec.pop(key, None)
    spec.update(
        rng.choice(
            [
                {"channel": "alimtalk"},
                {"channel": "alimtalk", "destination": "kakao_vendor"},
                {"channel": "email", "destination": "sms_vendor"},
                {"channel": "sms", "destination": "sms_vendor"},
                {"channel": "brand_message", "send_window": ["07:59", "20:00"]},
                {"channel": "brand_message", "send_window": ["08:00", "20:00"]},
                {"channel": "brand_message", "send_window": ["08:00", "20:01"]},
                {"channel": "brand_message", "send_window": ["19:00", "09:00"]},
                {"channel": "brand_message", "send_window": ["09:00", "09:00"]},
                {"channel": "brand_message"},
                {"channel": "sms", "send_window": ["22:00", "02:00"]},
            ]
        )
    )


CHANGES: tuple[Change, ...] = (
    *(nothing, nothing, nothing, odd_value, odd_value, odd_value, odd_member),
    *(odd_member, odd_member, no_value, lost_key, lost_part, unknown_key, bad_name),
    *(wrong_name, private_variable, bad_split, bad_number, bad_window),
    *(unfit_channel, unfit_channel),
)


def cases() -> Iterator[tuple[str, Spec]]:
    """Audiences and what was done to them, the same in each run."""
    for number in range(CASES):
        rng = random.Random(number)
        change = CHANGES[number % len(CHANGES)]
        spec = spec_of(rng, f"tried_{number}")
        change(rng, spec)
        yield change.__name__, spec


def refusal(compiler: Compiler, specs: list[Any]) -> str:
    """What the compiler says of audiences; empty when it accepts them."""
    return compiler.error(MODEL_NAME, {"audiences": specs})


def objections(specs: Any, known: Known) -> tuple[str, ...]:
    """What the exporter says of audiences; empty when it accepts them."""
    try:
        checked_specs(specs, FILE, known)
    except WrongSpec as problem:
        return tuple(problem.lines)
    return ()


def test_the_build_and_the_exporter_agree(compiler: Compiler, known: Known) -> None:
    """Accepted ones are compiled at once, refused ones of each kind by themselves."""
    assert refusal(compiler, []) == ""
    asked = {
        "segments": list(compiler.call("segment_definitions")),
        "channels": compiler.call("seed_rows", name="channels"),
        "destinations": compiler.call("seed_rows", name="destinations"),
        "sources": compiler.call("message_sources"),
    }
    taken: list[Spec] = []
    seen: Counter[tuple[str, bool]] = Counter()
    for change, spec in cases():
        told = objections([spec], known)
        fault = compiler.call("audience_fault", given=spec, known=asked)
        assert bool(told) == bool(fault), f"{change}: {spec}: {told} but {fault}"
        seen[change, not told] += 1
        if not told:
            taken.append(spec)
            continue
        at = f"{FILE}: audience {spec.get('name') or '(unnamed)'}: "
        for line in told:
            assert line.startswith(at), line
        if seen[change, False] <= 2:
            compiled = refusal(compiler, [spec])
            assert " ".join(f"{at}{fault}".split()) in compiled, compiled
    assert len(taken) >= 90
    assert CASES - len(taken) >= 150
    for name in {change.__name__ for change in CHANGES} - {"nothing"}:
        assert seen[name, False], name
    assert not seen["nothing", False]
    names = [spec["name"] for spec in taken]
    assert len(set(names)) == len(names)
    # the compiler stops at the first that it refuses, and names it
    assert refusal(compiler, taken) == ""
    assert [spec.name for spec in checked_specs(taken, FILE, known)] == names


NAMED: dict[str, tuple[Spec, str]] = {
    "unknown key": ({"chanel": "sms"}, "unknown key chanel; did you mean channel"),
    "inner key": ({"guards": {"max_row": 5}}, "unknown key max_row; did you mean max_"),
    "destination": ({"destination": "metta"}, "destination: unknown; did you mean met"),
    "segment": (
        {"segments": {"any_of": ["wimen"]}},
        "segments: any_of: unknown segment wimen; did you mean women",
    ),
    "variable": ({"variables": {"x": "gender"}}, "variables: "),
    "hours": (
        {"channel": "brand_message", "send_window": ["09:00", "21:00"]},
        "send_window: advertising by brand_message goes out from 08:00 until 20:00",
    ),
    "class": ({"channel": "alimtalk"}, "message_class: alimtalk carries information"),
    "form": ({"destination": "sms_vendor"}, "takes phone numbers; channel email has"),
    "arms": (
        {"split": {"salt": "s", "arms": {"a": 0.5, "b": 0.4}}},
        "split: arms: the shares must add up to 1",
    ),
    "missing": ({"campaign": None}, "campaign is missing"),
}


@pytest.mark.parametrize("name", NAMED)
def test_both_say_the_key_and_what_to_do(
    compiler: Compiler, known: Known, name: str
) -> None:
    changes, words = NAMED[name]
    base = {
        **{"name": "tried", "label": {"en": "Tried", "ko": "시험"}, "channel": "email"},
        **{"message_class": "ad", "campaign": "c", "segments": {"any_of": ["men"]}},
    }
    spec = {**base, **changes}
    assert words in " ".join(objections([spec], known))
    assert words in refusal(compiler, [spec])


@pytest.mark.parametrize(
    "specs", ["x", 5, {"name": "x"}, [None], ["x"], [[]], [{}]], ids=str
)
def test_what_is_no_list_of_audiences_is_refused(
    compiler: Compiler, known: Known, specs: Any
) -> None:
    assert objections(specs, known)
    assert f"{FILE}: " in refusal(compiler, specs)


def test_a_name_is_taken_once(compiler: Compiler, known: Known) -> None:
    twice = [spec_of(random.Random(0)), spec_of(random.Random(0))]
    assert objections(twice, known) == (
        f"{FILE}: audience tried: name: the name is taken",
    )
    assert "audience tried: name: the name is taken" in refusal(compiler, twice)


def test_all_that_is_wrong_is_told_at_once(known: Known) -> None:
    told = objections(
        [
            {**spec_of(random.Random(0)), "limit": 0, "colour": "red"},
            {"name": "other", "limit": "many"},
        ],
        known,
    )
    assert len([line for line in told if "audience tried: " in line]) == 2
    assert len([line for line in told if "audience other: " in line]) == 6
    assert any("limit" in line and "a whole number from 1 up" in line for line in told)


def test_the_files_are_read_as_dbt_reads_them(compiler: Compiler, known: Known) -> None:
    node = compiler.nodes[MODEL + MODEL_NAME]
    assert [spec.name for spec in read_specs()] == [
        spec["name"] for spec in node["config"]["meta"]["audiences"]
    ]
    compiler.sql(MODEL_NAME)
    assert known.sources == set(compiler.call("message_sources"))
    assert known.segments == set(compiler.call("segment_definitions"))
    for name in ("channels", "destinations"):
        assert {
            key: {column: str(value) for column, value in row.items()}
            for key, row in compiler.call("seed_rows", name=name).items()
        } == getattr(known, name)


# ----------------------------------------------------------------------------------
# What follows from an audience
# ----------------------------------------------------------------------------------


def test_the_guide_shows_an_audience(compiler: Compiler, known: Known) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(- name: win_back.*?)```", guide, re.DOTALL)
    shown = yaml.safe_load(text)
    assert objections(shown, known) == ()
    assert refusal(compiler, shown) == ""


def test_nothing_sensitive_may_travel(known: Known) -> None:
    assert {"name", "coupon_code", "reason_ko", "order_count"} <= known.sources
    columns = open_project().node("customers")["columns"]
    for name, column in columns.items():
        meta = (column.get("config") or {}).get("meta") or {}
        trait = meta.get("trait", {})
        if trait.get("sensitivity") == "sensitive" or not trait.get("explicit"):
            assert name not in known.sources - {"name"}, name


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "ads"},
        {"channel": "email", "required_consents": ["third_party"]},
        {"channel": "email", "third_party": True},
    ],
    ids=str,
)
def test_an_audience_that_passes_identifiers_on_needs_consent_to_that(
    compiler: Compiler, changes: Spec
) -> None:
    spec = {**spec_of(random.Random(0)), "third_party": False, **changes}
    compiler.sql(MODEL_NAME, {MODEL_NAME: {"audiences": [spec]}})
    completed = compiler.call("audience_definitions")
    assert [one["third_party"] for one in completed] == [True]


HOSTILE = '김 "철\\수"\n\r\t\x01\x7f😀\'\\"{{ x }} $1 null'


def test_variables_are_json_whatever_people_are_called(compiler: Compiler) -> None:
    compiler.sql(MODEL_NAME)
    sources: dict[str, str] = compiler.call("message_sources")
    spec = {
        **{"name": "tried", "label": {"en": "Tried", "ko": "시험"}, "channel": "email"},
        **{"message_class": "ad", "campaign": "c"},
        "segments": {"any_of": ["hesitating"]},
        "variables": {f"v_{name}": name for name in sorted(sources, reverse=True)},
    }
    meta = {MODEL_NAME: {"audiences": [spec]}}
    with compiler.tables() as connection:
        fill(compiler, connection)
        rows = connection.execute(compiler.sql("audience_members", meta)).fetchall()
        names = [column[0] for column in connection.description or []]
    told = {row[1]: dict(zip(names, row, strict=True))["variables"] for row in rows}
    assert set(told) == {"c1", "c2"}
    first, second = json.loads(told["c1"]), json.loads(told["c2"])
    expected = HOSTILE.replace("\x01", "").replace("\x7f", "")
    assert told["c1"] == json.dumps(
        first, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert list(first) == sorted(f"v_{name}" for name in sources)
    assert first["v_name"] == first["v_region"] == first["v_coupon_code"] == expected
    assert first["v_order_count"] == "3"
    assert first["v_net_revenue"] == "1,234,567"
    assert first["v_best_seller_price"] == "12,900.50"
    assert first["v_last_ordered_on"] == "2026-06-01"
    assert (first["v_reason_en"], first["v_reason_ko"]) == ("because", "그래서")
    assert set(second.values()) == {None}


def fill(compiler: Compiler, connection: duckdb.DuckDBPyConnection) -> None:
    """Two customers: one of whom everything is known, and one of whom nothing is."""
    compiler.create(
        connection,
        MODEL_NAME,
        "as select 'tried' as audience, customer_id, 'email' as channel, customer_id as"
        " identifier, 'ad' as message_class, 'c' as campaign_id, null::string as arm,"
        " customer_id as destination_identifier, null::int as cap_left,"
        " null::string as reason from (values ('c1'), ('c2')) as ids (customer_id)",
    )
    compiler.create(
        connection,
        "int_message_facts",
        "(customer_id string, name string, favourite_product string,"
        " favourite_product_price decimal(18, 4), best_seller string,"
        " best_seller_price decimal(18, 4), coupon_code string)",
    )
    compiler.create(
        connection,
        "int_segment_conditions",
        "(segment string, condition_number int, customer_reason_en string,"
        " customer_reason_ko string)",
    )
    facts, customers, reasons, members = (
        compiler.relation(name)
        for name in (
            *("int_message_facts", "customers", "int_segment_conditions"),
            "segment_members",
        )
    )
    connection.execute(
        f"insert into {facts} by name select 'c1' as customer_id, $1 as name,"
        " $1 as coupon_code, 12900.5 as best_seller_price",
        [HOSTILE],
    )
    connection.execute(
        f"insert into {customers} by name select 'c1' as customer_id, $1 as region,"
        " 3 as order_count, 1234567 as net_revenue, date '2026-06-01' as"
        " last_ordered_on",
        [HOSTILE],
    )
    for table in (facts, customers):
        connection.execute(f"insert into {table} by name select 'c2' as customer_id")
    connection.execute(
        f"insert into {reasons} values ('hesitating', 1, null, null),"
        " ('hesitating', 2, 'because', '그래서'), ('hesitating', 3, 'other', '다른')"
    )
    connection.execute(
        f"insert into {members} by name select 'hesitating' as segment,"
        " 'c1' as customer_id"
    )


# ----------------------------------------------------------------------------------
# Exposures and settings
# ----------------------------------------------------------------------------------


def test_the_exposures_are_those_of_the_audiences(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audience_exposures.main([]) == 0
    written = (ROOT / "models/marts/audiences/exposures.yml").read_text("utf-8")
    assert capsys.readouterr().out == written, (
        "scripts/audience_exposures.py > models/marts/audiences/exposures.yml"
    )


def test_exposures_say_where_an_audience_goes(known: Known) -> None:
    spec = {
        **spec_of(random.Random(0)),
        **{"channel": "email", "message_class": "ad", "destination": "meta"},
        "label": {"en": 'No: "quoted" # text', "ko": "시험"},
    }
    text = exposures(checked_specs([spec], FILE, known))
    assert "ad by email to meta; defined in audience_decisions.yml." in text
    assert 'label: "No: \\"quoted\\" # text"' in text


SMS = {"kind": "sms", "message_class": "info", "text": "{name}님, 주문이 도착했습니다."}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"foldr": "x"}, "unknown key foldr; did you mean folder"),
        ({"form": "sms_vendr"}, "no file form of that name; did you mean sms_vendor"),
        ({"form": {"columns": {"a": "identifer"}}}, "did you mean identifier"),
        ({"form": "sms_vendor"}, "messages: told has none, and the form takes its"),
        ({"messages": {"tld": SMS}}, "messages: tld does not come here; did you mean"),
        ({"messages": {"told": SMS}}, "asks for name, which does not travel with"),
        (
            {"messages": {"told": {**SMS, "text": "(광고) 할인"}}},
            "messages: told: the text begins as an advertisement",
        ),
        (
            {"messages": {"told": {**SMS, "kind": "alimtalk", "message_class": "ad"}}},
            "alimtalk takes no advertising",
        ),
    ],
)
def test_files_are_looked_at_before_a_build(
    known: Known, given: dict[str, Any], words: str
) -> None:
    spec = {
        **spec_of(random.Random(0)),
        **{"name": "told", "channel": "sms", "message_class": "info"},
        **{"destination": "files", "variables": {"named": "name"}},
    }
    specs = checked_specs([spec], FILE, known)
    with pytest.raises(WrongSpec) as refused:
        destination_state("files", "files", given, specs, {}, "destinations.yml")
    (line,) = refused.value.lines
    assert line.startswith("destinations.yml: destination files: ")
    assert words in line
    assert destination_state("files", "files", {}, specs, {}, "") == ("file", "ready")


def test_a_destination_says_where_each_audience_goes(known: Known) -> None:
    spec = {
        **spec_of(random.Random(0)),
        **{"name": "told", "channel": "email", "destination": "meta"},
    }
    specs = checked_specs([spec], FILE, known)
    adapter = ("meta", "meta_custom_audience")
    there = {"audience_ids": {"told": "1234"}}
    _, missing = destination_state(*adapter, there, specs, {}, "d.yml")
    assert "META_ACCESS_TOKEN" in missing
    with pytest.raises(WrongSpec, match="do not say where told goes"):
        destination_state(*adapter, {"audience_ids": {}}, specs, {}, "d.yml")


def test_a_wrong_audience_has_no_exposures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(content: Any) -> None:
        content["models"][0]["config"]["meta"]["audiences"][1]["limit"] = -5

    project = copied_project({FILE: spoil})
    with pytest.raises(WrongSpec) as refused:
        read_specs(project)
    line = str(refused.value)
    assert line.startswith(f"{FILE}: audience activation_guide: limit: "), line

    def read_spoilt() -> list[AudienceSpec]:
        return read_specs(project)

    monkeypatch.setattr(audience_exposures, "read_specs", read_spoilt)
    assert audience_exposures.main([]) == 2
    assert capsys.readouterr() == ("", f"{line}\n")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FILE, "models:", "models: ["),
        (FILE, "cmp_win_back", "'{{ var(\"nothing\") }}'"),
        ("models/marts/segments/rules/value_segments.yml", "label: ", "labl: "),
    ],
)
def test_a_project_that_cannot_be_read_is_a_wrong_spec(
    file: str, old: str, new: str
) -> None:
    project = copied_project({})
    path = project / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WrongSpec, match="cannot be read"):
        read_specs(project)


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str = "kr"


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token_env: str
    batch_size: int = Field(100, ge=1, description="rows of a request")
    inner: Inner = Inner()
    lists: dict[str, Inner] = {}


CANARY = "sk-canary-4242"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tokenenv": CANARY}, "unknown key tokenenv; did you mean token_env?"),
        ({"token_env": [CANARY]}, "token_env: "),
        ({"token_env": "A", "batch_size": CANARY}, "(rows of a request)"),
        ({"token_env": "A", "batch_size": 0}, "batch_size: "),
        ({"token_env": "A", "inner": {"regin": CANARY}}, "did you mean region?"),
        ({"token_env": "A", "lists": {"x": {"y": CANARY}}}, "lists: x: unknown key y"),
        (CANARY, "write keys with values"),
        (None, "write keys with values"),
        ({}, "token_env is missing"),
    ],
)
def test_settings_are_refused_in_words_without_values(given: Any, words: str) -> None:
    with pytest.raises(WrongSpec) as refused:
        checked_settings(Settings, given, "destinations.yml: meta")
    assert words in str(refused.value)
    for line in refused.value.lines:
        assert line.startswith("destinations.yml: meta: ")
    assert CANARY not in str(refused.value) + repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_settings_that_are_right_are_read() -> None:
    given = {"token_env": "A", "lists": {"x": {}}}
    read = checked_settings(Settings, given, "destinations.yml: meta")
    assert (read.token_env, read.batch_size) == ("A", 100)
    assert read.lists["x"].region == "kr"
