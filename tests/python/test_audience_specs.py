"""Audiences in YAML: what is judged in a build and in `validate`, by one compiler."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
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
    exposures,
    judged_specs,
    read_specs,
)
from customer_segments.exporting.validating import destination_state
from customer_segments.places import ROOT
from customer_segments.rules.project import Project
from customer_segments.rules.rendering import open_project
from tests.python.compiled import copied_project
from tests.python.compiler import MODEL, Compiler

FILE = "models/marts/audiences/audience_definitions.yml"
MODEL_NAME = "audience_definitions"
LANGUAGE = "source.customer_segments.audience_rules.language"
ODD: list[Any] = [
    *(True, False, 0, 1, -1, 0.5, 1e9, float("nan"), float("inf"), "", " ", "x"),
    *([], {}, [[]], [None], [1], {"x": 1}, {1: "x"}, ["a", "b"], "09:00", "a\n"),
]

Spec = dict[str, Any]


@cache
def project() -> Project:
    """This project, without the segments that no audience here asks for."""
    opened = open_project()
    families = opened.families()
    kept = {"women", "men", "hesitating"}
    return opened.with_segments(
        [
            replace(family, segments=[s for s in family.segments if s["name"] in kept])
            for family in families
        ]
    )


def specs_of(audiences: Any) -> list[AudienceSpec]:
    """Audiences as the exporter takes them; WrongSpec."""
    key = MODEL + MODEL_NAME
    node = copy.deepcopy(project().nodes[key])
    node["config"]["meta"]["audiences"] = audiences
    return judged_specs(replace(project(), nodes={**project().nodes, key: node}))


def objections(audiences: Any) -> tuple[str, ...]:
    """What is said of audiences, without the lines; empty when they are accepted."""
    try:
        specs_of(audiences)
    except WrongSpec as problem:
        return tuple(re.sub(r"(?<=\.yml) line \d+", "", line) for line in problem.lines)
    return ()


def spec(given: Mapping[Any, Any] | None = None, **changes: Any) -> Spec:
    """A complete audience; None takes a key away."""
    whole: dict[Any, Any] = {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        "channel": "email",
        "message_class": "ad",
        "campaign": "c",
        "segments": {"any_of": ["men"]},
        **(given or {}),
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


# Everything an audience may say, and the same with its neighbour that is refused: what
# is said of the key, and what to do.
EVERYTHING: Spec = {
    "third_party": True,
    "required_consents": ["night_ad", "third_party"],
    "holdout": {"share": 0.9, "salt": "news"},
    "split": {"salt": "arms", "arms": {"a": 0.5, "b": 0.5}},
    "limit": 500,
    "cap": {"messages": 1, "days": 1_000_000},
    "cool_down": {"days": 7, "categories": ["shoes"]},
    "priority": {"list": "conversion", "rank": -2},
    "send_window": ["20:00", "08:00"],
    "guards": {"min_rows": 1, "max_added_share": 1.5, "max_age_days": 2},
    "destination": "files",
    "mode": "trigger",
    "variables": {"고객명": "name", "price": "best_seller_price"},
}
BRAND = {"channel": "brand_message"}
WHOLE_TO = "takes a whole number from 1 to"


def arms(**shares: Any) -> Spec:
    """A split with these arms."""
    return {"split": {"salt": "arms", "arms": shares}}


TAKEN: list[Spec] = [
    {"limit": 1},
    {"limit": 100_000_000},
    {"holdout": {"share": 0, "salt": ""}},
    {"guards": {"max_removed_share": 1}},
    {"guards": {"max_added_share": 1000}},
    {"guards": {"max_age_days": 0}},
    {"guards": {"min_rows": 5, "max_rows": 5}},
    {"guards": {"min_rows": None}},
    {"segments": {"any_of": ["men"], "none_of": None}},
    {"variables": None, "send_window": None},
    {"message_class": "info", "variables": {"x": "name", "y": "best_seller"}},
    arms(b=0.9999, a=0.0001),
    arms(a=0.5, b=0.5000001),
    arms(a=0.3333, b=0.3333, c=0.3334),
    {"channel": "sms", "destination": "sms_vendor"},
    {"channel": "sms", "send_window": ["22:00", "02:00"]},
    {"channel": "alimtalk", "message_class": "info", "destination": "kakao_vendor"},
    {**BRAND, "send_window": ["08:00", "20:00"]},
    {**BRAND, "message_class": "info", "send_window": ["22:00", "02:00"]},
]
REFUSED: list[tuple[Mapping[Any, Any], str]] = [
    ({"chanel": "sms"}, "unknown key chanel; did you mean channel"),
    ({5: "x"}, "unknown key 5; known are"),
    ({"guards": {"max_row": 5}}, "guards: unknown key max_row; did you mean max_rows"),
    ({"campaign": None}, "campaign: is missing"),
    ({"campaign": 2026}, "campaign: takes a text, in quotes if it looks like a number"),
    ({"label": {"en": "Tried"}}, "label.ko: is missing"),
    ({"label": "Tried"}, "label: takes keys with values: en, ko"),
    *(
        ({"name": name}, "name: takes lower case letters, digits and _")
        for name in ("Tried", "1st", "a b", "a-b", "한글", "x" * 64, "a\n", "../x")
    ),
    ({"channel": "fax"}, "channel: unknown channel fax; known are ads"),
    ({"message_class": "offer"}, "message_class: is offer; it takes one of ad, info"),
    ({"destination": "metta"}, "destination: unknown destination metta; did you mean"),
    ({"mode": "mirrored"}, "mode: is mirrored; it takes one of mirror, add_only"),
    ({"third_party": "false"}, "third_party: is true or false"),
    ({"required_consents": ["ads"]}, "required_consents[0]: is ads; it takes one of"),
    ({"required_consents": "ad"}, "required_consents: takes a list"),
    ({"segments": {"any_of": ["wimen"]}}, "segments.any_of[0]: unknown segment wimen"),
    ({"segments": {"any_of": "men"}}, "segments.any_of: takes a list"),
    ({"segments": {"none_of": ["men"]}}, "segments: needs any_of or all_of"),
    ({"segments": {"any_of": []}}, "segments: needs any_of or all_of"),
    ({"limit": 0}, f"limit: {WHOLE_TO} 100000000"),
    ({"limit": 100_000_001}, f"limit: {WHOLE_TO} 100000000"),
    ({"limit": 5.0}, f"limit: {WHOLE_TO} 100000000"),
    ({"limit": True}, f"limit: {WHOLE_TO} 100000000"),
    ({"holdout": {"share": 0.91, "salt": "s"}}, "holdout.share: takes a number from 0"),
    ({"holdout": {"share": -0.1, "salt": "s"}}, "holdout.share: takes a number from 0"),
    ({"holdout": {"share": 0.1}}, "holdout.salt: is missing"),
    ({"holdout": {"share": 0.1, "salt": " "}}, "holdout.salt: takes a word when"),
    ({"cap": {"messages": 0, "days": 1}}, f"cap.messages: {WHOLE_TO} 1000000"),
    ({"cap": {"messages": 1_000_001, "days": 1}}, f"cap.messages: {WHOLE_TO} 1000000"),
    ({"cap": {"days": 7}}, "cap.messages: is missing"),
    ({"cool_down": {"categories": ["shoes"]}}, "cool_down.days: is missing"),
    ({"priority": {"list": "x", "rank": 1.5}}, "priority.rank: takes a whole number"),
    (
        {"guards": {"max_removed_share": 1.01}},
        "max_removed_share: takes a number",
    ),
    ({"guards": {"max_added_share": 1001}}, "guards.max_added_share: takes a number"),
    ({"guards": {"max_age_days": -1}}, "guards.max_age_days: takes a whole number"),
    (
        {"guards": {"min_rows": 5, "max_rows": 4}},
        "guards: min_rows is more than",
    ),
    ({"guards": {"min_rows": 10_000_001}}, "guards: min_rows is more than"),
    (arms(a=0.5, b=0.4), "split.arms: the shares must add up to 1"),
    (arms(a=0.5, b=0.5000021), "split.arms: the shares must add up to 1"),
    (arms(a=1), "split.arms: takes two or more"),
    (arms(a=1.0, b=0.0), "split.arms.b: takes a number from 0.0001 to 1"),
    (arms(A=0.5, b=0.5), "split.arms.A: takes lower case letters"),
    (arms(a=True, b=0.5), "split.arms.a: takes a number"),
    (arms(a="0.5", b=0.5), "split.arms.a: takes a number"),
    ({"split": {"salt": "arms"}}, "split.arms: is missing"),
    (
        {**arms(a=0.5, b=0.5), "holdout": {"share": 0.1, "salt": "arms"}},
        "split.salt: takes a word that no holdout has",
    ),
    (
        {"split": {"salt": "global", "arms": {"a": 0.5, "b": 0.5}}},
        "split.salt: takes a word that no holdout has",
    ),
    *(
        ({"send_window": window}, 'send_window: takes ["09:00", "20:00"], in quotes')
        for window in (
            *(["9:00", "20:00"], ["09:00", "24:01"], ["09:00"], [540, 1200], "09:00"),
            *(["09:00", "12:00", "20:00"], ["09:00", "20:00\n"]),
        )
    ),
    *(
        (
            {**BRAND, "send_window": window},
            "send_window: advertising by brand_message goes out from 08:00 until 20:00",
        )
        for window in (
            *(["07:59", "20:00"], ["08:00", "20:01"], ["19:00", "09:00"]),
            ["09:00", "09:00"],
        )
    ),
    ({"channel": "alimtalk"}, "message_class: alimtalk carries information only"),
    *(
        (
            {"message_class": "info", "variables": {"x": name}},
            f"variables.x: {name} is an offer",
        )
        for name in ("coupon_code", "best_seller_price", "price_drop_price")
    ),
    ({"destination": "sms_vendor"}, "sms_vendor takes phone numbers; channel email"),
    *(
        ({"variables": {name: "name"}}, "variables: ")
        for name in ("1st", "a b", "a-b", "", "a\n")
    ),
    ({"variables": {"x": "nmae"}}, "variables.x: this may not travel into a message"),
    *(
        ({"variables": {"x": name}}, "variables.x: this may not travel into a message")
        for name in (
            *("age", "age_band", "gender", "birth_date", "email", "phone", "is_test"),
            *("rfm_segment", "purchase_stage", "favourite_content", "customer_id"),
        )
    ),
]


def test_what_an_audience_may_say_is_taken(compiler: Compiler) -> None:
    """Each at its edges, and everything at once; the build takes it too."""
    changes = [{}, EVERYTHING, *TAKEN]
    audiences = [spec(**{"name": f"a{n}", **one}) for n, one in enumerate(changes)]
    assert objections(audiences) == ()
    assert [one.name for one in specs_of(audiences)] == [
        f"a{number}" for number in range(len(changes))
    ]
    assert refusal(compiler, audiences) == ""


def test_what_is_wrong_is_told_all_at_once(compiler: Compiler) -> None:
    """The key, what is wrong and what would be right; a build says the same."""
    audiences = [
        spec({"name": f"a{number}", **changes})
        for number, (changes, _) in enumerate(REFUSED)
    ]
    told = objections(audiences)
    for number, (changes, words) in enumerate(REFUSED):
        name = changes.get("name", f"a{number}")
        own = [line for line in told if line.startswith(f"{FILE}: audience {name}: ")]
        assert any(words in line for line in own), (changes, own)
    assert len(told) == len(REFUSED)
    compiled = refusal(compiler, audiences)
    for line in told:
        assert " ".join(line.split()) in compiled, line


def test_what_is_wrong_is_told_in_korean_too() -> None:
    """Every message in both languages fills in the same."""
    messages = project().sources[LANGUAGE]["config"]["meta"]["messages"]
    for code, told in messages.items():
        assert set(told) == {"en", "ko"}, code
        places = {spoken: re.findall(r"{(\w+)}", text) for spoken, text in told.items()}
        assert sorted(places["en"]) == sorted(places["ko"]), code
        assert re.search("[가-힣]", told["ko"]), code


def keys_of(keys: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Every key of an audience, with what surrounds it."""
    for key, wanted in keys.items():
        yield f"{before}{key}"
        yield from keys_of(wanted.get("keys", {}), f"{before}{key}.")


def test_no_value_of_any_key_stops_the_compiler() -> None:
    """Whatever stands where: it is taken, or refused at its key."""
    language = project().sources[LANGUAGE]["config"]["meta"]
    paths = list(keys_of(language["keys"]))
    assert len(paths) >= 35
    audiences = []
    for place, path in enumerate(paths):
        for number, odd in enumerate(ODD):
            whole = copy.deepcopy(spec(EVERYTHING, name=f"a{place}_{number}"))
            inner: Any = whole
            *outer, key = path.split(".")
            for one in outer:
                inner = inner.setdefault(one, {})
            inner[key] = copy.deepcopy(odd)
            audiences.append(whole)
    told = objections(audiences)
    assert len(told) > 500
    for line in told:
        found = re.search(r"audience a(\d+)_\d+: (\w*)", line)
        assert "name" in line or found, line
        if found:
            assert found[2] == paths[int(found[1])].split(".")[0], line


@pytest.mark.parametrize(
    "audiences", ["x", 5, {"name": "x"}, [None], ["x"], [[]], [{}]], ids=str
)
def test_what_is_no_list_of_audiences_is_refused(
    compiler: Compiler, audiences: Any
) -> None:
    assert objections(audiences)
    assert f"{FILE}: " in refusal(compiler, audiences)


def test_a_name_is_taken_once() -> None:
    assert objections([spec(), spec()]) == (
        f"{FILE}: audience tried: name: the name is taken",
    )


def test_the_line_is_told(compiler: Compiler) -> None:
    """Of a file as it is written, in either language."""

    def spoil(content: Any) -> None:
        audiences = content["models"][0]["config"]["meta"]["audiences"]
        audiences[1]["cap"]["days"] = 0

    changed = copied_project({FILE: spoil})
    lines = (changed / FILE).read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if "activation_guide" in line)
    number = 1 + next(n for n in range(start, len(lines)) if "days: 0" in lines[n])
    at = f"{FILE} line {number}: audience activation_guide: cap.days: "
    with pytest.raises(WrongSpec) as english:
        read_specs(changed)
    assert english.value.lines == (f"{at}{WHOLE_TO} 1000000",)
    with pytest.raises(WrongSpec) as korean:
        read_specs(changed, "ko")
    at = f"{FILE} {number}행: 오디언스 activation_guide: cap.days: "
    assert korean.value.lines == (f"{at}1부터 1000000까지의 정수를 적습니다",)


def refusal(compiler: Compiler, audiences: Any) -> str:
    """What a build says of audiences; empty when it accepts them."""
    return compiler.error(MODEL_NAME, {"audiences": audiences})


def test_the_files_are_read_as_dbt_reads_them(compiler: Compiler) -> None:
    node = compiler.nodes[MODEL + MODEL_NAME]
    compiler.sql(MODEL_NAME)
    completed = compiler.call("audience_definitions")
    assert [spec.name for spec in read_specs()] == [
        spec["name"] for spec in node["config"]["meta"]["audiences"]
    ]
    assert [(one.name, one.destination, one.mode) for one in read_specs()] == [
        (one["name"], one["destination"], one["mode"]) for one in completed
    ]


# ----------------------------------------------------------------------------------
# What follows from an audience
# ----------------------------------------------------------------------------------


def test_the_guide_shows_an_audience(compiler: Compiler) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(- name: win_back.*?)```", guide, re.DOTALL)
    shown = yaml.safe_load(text)
    assert refusal(compiler, shown) == ""


def test_nothing_sensitive_may_travel(compiler: Compiler) -> None:
    compiler.sql(MODEL_NAME)
    sources = set(compiler.call("message_sources"))
    assert {"name", "coupon_code", "reason_ko", "order_count"} <= sources
    columns = open_project().node("customers")["columns"]
    for name, column in columns.items():
        meta = (column.get("config") or {}).get("meta") or {}
        trait = meta.get("trait", {})
        if trait.get("sensitivity") == "sensitive" or not trait.get("explicit"):
            assert name not in sources - {"name"}, name


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
    given = spec(changes)
    compiler.sql(MODEL_NAME, {MODEL_NAME: {"audiences": [given]}})
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
        "audience_decisions",
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
        " best_seller_price decimal(18, 4), coupon_code string,"
        " price_drop_product string, price_drop_price decimal(18, 4))",
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


def test_exposures_say_where_an_audience_goes() -> None:
    label = {"en": 'No: "quoted" # text', "ko": "시험"}
    text = exposures(specs_of([spec(destination="meta", label=label)]))
    assert "ad by email to meta; defined in audience_definitions.yml." in text
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
def test_files_are_looked_at_before_a_build(given: dict[str, Any], words: str) -> None:
    told = {"name": "told", "channel": "sms", "message_class": "info"}
    specs = specs_of([spec(told, variables={"named": "name"})])
    with pytest.raises(WrongSpec) as refused:
        destination_state("files", "files", given, specs, {}, "destinations.yml")
    (line,) = refused.value.lines
    assert line.startswith("destinations.yml: destination files: ")
    assert words in line
    assert destination_state("files", "files", {}, specs, {}, "") == ("file", "ready")


def test_a_destination_says_where_each_audience_goes() -> None:
    specs = specs_of([spec(name="told", destination="meta")])
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
    assert re.match(rf"{FILE} line \d+: audience activation_guide: limit: ", line), line

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
    with pytest.raises(WrongSpec, match=r"cannot be read|missing: label"):
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
