"""The rule compiler refuses what it should, with a message that helps."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from tests.python.compiler import DECIDING, FAMILY, FLAGS, MODEL, RULES, Compiler, only
from tests.python.warehouse import AS_OF

DEFINITIONS = "int_segment_definitions"
AUDIENCES = "audience_definitions"


def segment(rule: Any, **changes: Any) -> dict[str, Any]:
    """A complete segment with a rule; None takes a key away."""
    text = {"en": "text", "ko": "글"}
    whole = {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        "situation": text,
        "need": text,
        "message": text,
        "metric": "open_rate",
        "owner": "crm",
        "rule": rule,
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def nested(depth: int) -> Any:
    """A rule with so many groups in each other."""
    rule: Any = {"trait": "order_count", "at_least": 1}
    for _ in range(depth):
        rule = {"all": [rule]}
    return rule


WHOLE = {"all": [{"trait": "order_count", "at_least": 1}]}

REFUSED: dict[str, tuple[Any, list[str]]] = {
    "unknown trait": (
        {"all": [{"trait": "order_cuont", "at_least": 1}]},
        ["segment tried", "rule.all[0]", "unknown trait order_cuont", "order_count"],
    ),
    "unknown event": (
        {"all": [{"event": "cart_ad"}]},
        ["rule.all[0]", "unknown event cart_ad", "did you mean cart_add"],
    ),
    "unknown segment": (
        {"segment": "one_purchse"},
        ["unknown segment one_purchse", "did you mean one_purchase"],
    ),
    "unknown stage": ({"stage": "churnd"}, ["unknown stage churnd", "churned"]),
    "unknown activity": ({"activity": "sleepy"}, ["unknown activity sleepy"]),
    "unknown value of a trait": (
        {"trait": "gender", "is": "femal"},
        [
            "unknown value femal; did you mean female, male?",
            "known are female, male, unknown",
        ],
    ),
    "unknown value like a label": (
        {"trait": "age_band", "in": ["10대", "50대"]},
        ["unknown value 50대; did you mean 50_plus", "known are 50_plus"],
    ),
    "unknown value like nothing": (
        {"trait": "gender", "is": "x"},
        ["unknown value x; known are female, male, unknown"],
    ),
    "test of another type": (
        {"any": [{"trait": "gender", "at_least": "female"}]},
        ["rule.any[0]", "at_least is no test for string", "is, is_not, in, not_in"],
    ),
    "value of another type": (
        {"trait": "order_count", "at_least": "many"},
        ["at_least: many is no int number"],
    ),
    "number where text is due": (
        {"trait": "region", "is": 11},
        ["is: 11 is no text (put it in quotes)"],
    ),
    "number for a boolean": (
        {"trait": "has_used_app", "is": 1},
        ["is: 1 is no true or false"],
    ),
    "date in words": (
        {"trait": "churns_on", "at_most": "tomorrow"},
        ["at_most: tomorrow is no day written YYYY-MM-DD"],
    ),
    "fraction for a count": (
        {"event": "cart_add", "at_least": 1.5},
        ["at_least: 1.5 is no int number"],
    ),
    "no test": ({"trait": "order_count"}, ["one test is needed", "found none"]),
    "two tests": (
        {"trait": "order_count", "at_least": 1, "at_most": 2},
        ["one test is needed", "found at_least, at_most"],
    ),
    "two subjects": (
        {"trait": "order_count", "event": "cart_add", "at_least": 1},
        ["one subject is needed", "found trait, event, at_least"],
    ),
    "no subject": ({"at_least": 1}, ["one subject is needed"]),
    "empty group": ({"all": []}, ["all is empty"]),
    "empty inner group": ({"all": [{"none": []}]}, ["rule.all[0]", "none is empty"]),
    "group beside a condition": (
        {"all": [{"stage": "churned"}], "trait": "order_count"},
        ["a group stands alone; all and trait are together"],
    ),
    "two groups": (
        {"all": [{"stage": "churned"}], "none": [{"stage": "churned"}]},
        ["a group stands alone"],
    ),
    "condition that is text": ({"all": ["churned"]}, ["a condition is one mapping"]),
    "unknown key beside a stage": (
        {"stage": "churned", "for_dayz": 3},
        ["unknown key for_dayz"],
    ),
    "a window of no days": (
        {"event": "cart_add", "within_days": 0},
        ["within_days is 0; it takes whole days from 1 to 3650"],
    ),
    "a window that is no number": (
        {"event": "cart_add", "within_days": "7; drop table customers"},
        ["it takes whole days from 1 to 3650"],
    ),
    "never false": ({"event": "cart_add", "never": False}, ["never takes true"]),
    "between one": (
        {"trait": "order_count", "between": [1]},
        ["between takes [from, to]"],
    ),
    "in without a list": (
        {"trait": "region", "in": "서울"},
        ["in takes a list"],
    ),
    "a day that no calendar has": (
        {"trait": "churns_on", "at_most": "2026-02-30"},
        ["at_most: 2026-02-30 is no day"],
    ),
    "a list value that is two": (
        {"trait": "interests", "has": "beauty|food"},
        ["has: beauty|food holds |, which separates values"],
    ),
    "known maybe": (
        {"trait": "region", "known": "maybe"},
        ["known: maybe is no true or false"],
    ),
    "too deep": (nested(9), ["groups nest deeper than 8"]),
    "too many conditions": (
        {"all": [{"trait": "order_count", "at_least": n} for n in range(51)]},
        ["51 conditions; a rule takes at most 50"],
    ),
    "a protected attribute": (
        {"all": [{"trait": "religion", "is": "any"}]},
        ["rule.all[0]", "religion is a protected attribute", "decides nothing"],
    ),
    "a protected attribute in where": (
        {"all": [{"event": "search", "where": {"health": "asthma"}}]},
        ["rule.all[0]", "health is a protected attribute", "Take the condition out"],
    ),
    "a protected attribute in capitals": (
        {"event": "search", "where": {"Religion": "any"}},
        ["Religion is a protected attribute"],
    ),
    "a protected attribute in rank": (
        {"any": [{"rank": {"by": "politics", "top": 5}}]},
        ["rule.any[0]", "politics is a protected attribute", "Take the condition out"],
    ),
    "a circle of one": (
        {"all": [{"segment": "tried"}]},
        ["a circle: tried → tried"],
    ),
    "where without properties": (
        {"event": "search", "where": {}},
        ["where takes properties, such as {category: beauty}"],
    ),
    "where with a list": (
        {"none": [{"event": "search", "where": ["beauty"]}]},
        ["rule.none[0]", "where takes properties"],
    ),
    "where without a value": (
        {"event": "search", "where": {"category": []}},
        ["where: category is an empty list"],
    ),
    "where for a property that orders lack": (
        {"event": "purchase", "where": {"categori": "beauty"}},
        ["where: unknown property categori", "did you mean category"],
    ),
    "where for a property that JSON lacks": (
        {"event": "search", "where": {"a'b": "x"}},
        ["where: unknown property a'b; known are browser, campaign_id, category"],
    ),
    "where for a property that YAML takes for true": (
        {"event": "search", "where": {True: "x"}},
        ["where: unknown property True"],
    ),
    "where with a number for a text": (
        {"event": "purchase", "where": {"product_id": ["p1", 2]}},
        ["where: product_id: 2 is no text (put it in quotes)"],
    ),
    "where with nothing": (
        {"event": "search", "where": {"rating": None}},
        ["where: rating: None is no text, number or true or false"],
    ),
    "where with a list in a list": (
        {"event": "search", "where": {"rating": [[5]]}},
        ["where: rating: [5] is no text, number or true or false"],
    ),
    "between_days and within_days": (
        {"event": "search", "within_days": 7, "between_days": [1, 7]},
        ["within_days and between_days are two windows; take one"],
    ),
    "between_days from the wrong end": (
        {"event": "search", "between_days": [9, 3]},
        [
            "between_days is [9, 3]; it takes [from, to]",
            "from 0 (the as-of day) to 3650",
        ],
    ),
    "between_days before the as-of day": (
        {"event": "search", "between_days": [-1, 3]},
        ["between_days is [-1, 3]"],
    ),
    "between_days of parts": (
        {"event": "search", "between_days": [0, 1.5]},
        ["between_days is [0, 1.5]; it takes [from, to], whole days ago"],
    ),
    "between_days of one": (
        {"event": "search", "between_days": 7},
        ["between_days is 7; it takes [from, to]"],
    ),
    "a sequence of one": (
        {"sequence": ["search"]},
        ["sequence takes a list of two to five events"],
    ),
    "a sequence of six": (
        {"sequence": ["search"] * 6},
        ["sequence takes a list of two to five events"],
    ),
    "a sequence that is text": (
        {"sequence": "search"},
        ["sequence takes a list of two to five events"],
    ),
    "a sequence of something unknown": (
        {"all": [{"sequence": ["serch", "purchase"]}]},
        ["rule.all[0]", "unknown event serch; did you mean search"],
    ),
    "a sequence that something unknown ends": (
        {"sequence": ["search", "cart_add"], "then_not": "purchse"},
        ["unknown event purchse; did you mean purchase"],
    ),
    "a sequence of one category": (
        {"sequence": ["search", "cart_add"], "same": "category"},
        ["same is category; it takes product_id"],
    ),
    "a sequence with where": (
        {"sequence": ["search", "cart_add"], "where": {"category": "beauty"}},
        ["unknown key where; known are same, sequence, then_not, within_days"],
    ),
    "a sequence in no days": (
        {"sequence": ["search", "cart_add"], "within_days": 0},
        ["within_days is 0; it takes whole days from 1 to 3650"],
    ),
    "a rank both ways": (
        {"rank": {"by": "order_count", "top": 5, "top_percent": 5}},
        ["rank takes {by: trait, top: n} or {by: trait, top_percent: n}"],
    ),
    "a rank without a size": (
        {"rank": {"by": "order_count"}},
        ["rank takes {by: trait, top: n} or {by: trait, top_percent: n}"],
    ),
    "a rank by text": (
        {"rank": {"by": "region", "top": 5}},
        ["rank: region is string; ranked are numbers and dates"],
    ),
    "a rank by something unknown": (
        {"rank": {"by": "order_cuont", "top": 5}},
        ["unknown trait order_cuont; did you mean order_count"],
    ),
    "a rank of nobody": (
        {"rank": {"by": "order_count", "top": 0}},
        ["rank: top is 0; it takes a whole number from 1 to 10000000"],
    ),
    "a rank of more than all": (
        {"rank": {"by": "order_count", "top_percent": 101}},
        ["rank: top_percent is 101; it takes a number above 0, to 100"],
    ),
    "a rank with a test": (
        {"rank": {"by": "order_count", "top": 5}, "at_least": 1},
        ["unknown key at_least; known are rank"],
    ),
    "a stage held for no days": (
        {"stage": "churned", "for_days": 0},
        ["for_days is 0; it takes whole days from 1 to 3650"],
    ),
    "a state entered in words": (
        {"activity": "dormant", "entered_within_days": "a week"},
        ["entered_within_days is a week; it takes whole days from 1 to 3650"],
    ),
    "a segment held too long": (
        {"segment": "women", "for_days": 3651},
        ["for_days is 3651; it takes whole days from 1 to 3650"],
    ),
    "a segment with a test": (
        {"segment": "women", "for_day": 3},
        ["unknown key for_day; did you mean for_days"],
    ),
    "a stage that is a list": (
        {"stage": ["churned"]},
        ["unknown stage ['churned']; did you mean churned"],
    ),
    "a rule that is text": ("churned", ["a condition is one mapping"]),
    "a group that is a mapping": (
        {"all": {"stage": "churned"}},
        ["all is empty; it takes a list of conditions"],
    ),
    "no condition": ({"all": [None]}, ["rule.all[0]", "a condition is one mapping"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_rule_is_refused_with_place_and_remedy(
    compiler: Compiler, name: str
) -> None:
    rule, words = REFUSED[name]
    error = compiler.error(FAMILY, {"segments": [segment(rule)]})
    assert "models/marts/segments/rules/behaviour_segments.yml" in error
    for word in words:
        assert word in error, error


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"situation": None}, "segment tried: missing: situation"),
        ({"need": None, "metric": "", "owner": {}}, "missing: need, metric, owner"),
        ({"name": None, "label": []}, "segment (unnamed): missing: name, label"),
        ({"label": {"en": "Only"}}, "label must be {en: …, ko: …}"),
        ({"label": {"en": "Norge", False: "nei"}}, "label must be {en: …, ko: …}"),
        (
            {"need": {"en": "Both", "ko": None}},
            "need must be {en: …, ko: …}",
        ),
        ({"message": {"en": 1, "ko": 2}}, "message must be {en: …, ko: …}, both text"),
        ({"metric": 5}, "metric: 5 is no text (put it in quotes)"),
        ({"owner": ["crm"]}, "owner: ['crm'] is no text (put it in quotes)"),
        ({"name": "Tried Out"}, "the name must be lower case letters"),
        ({"name": "x'; drop table customers"}, "the name must be lower case letters"),
        ({"name": "women"}, "the name is taken by a segment in"),
        ({"name": 5}, "the name must be lower case letters"),
        ({"name": float("inf")}, "the name must be lower case letters"),
        ({"colour": "red"}, "unknown key colour"),
        ({"parrent": "women"}, "unknown key parrent; did you mean parent"),
        ({"parent": "wimen"}, "parent: unknown segment wimen; did you mean women"),
        ({"parent": 5}, "parent: unknown segment 5"),
        ({"parent": ""}, "parent is empty; name a segment"),
        ({"freeze": "2026-02-30"}, "freeze: 2026-02-30 is no day written YYYY-MM-DD"),
        ({"freeze": "spring"}, "freeze: spring is no day written YYYY-MM-DD"),
        ({"explicit_signals_only": "yes"}, "explicit_signals_only is true or false"),
        (
            {
                "is_advertising": False,
                "message": {"en": "A free look.", "ko": "쿠폰을 드립니다."},
            },
            'is_advertising: a message that says "쿠폰" is advertising',
        ),
        (
            {"is_advertising": False, "message": {"en": "Lower prices.", "ko": "안내"}},
            'is_advertising: a message that says "prices" is advertising',
        ),
        ({"is_advertising": "no"}, "is_advertising is true or false"),
        ({"name": "order"}, "order is a word of SQL"),
        ({"name": "customer_id"}, "customer_id is a word of SQL"),
    ],
)
def test_an_incomplete_segment_is_refused(
    compiler: Compiler, changes: dict[str, Any], words: str
) -> None:
    error = compiler.error(FAMILY, {"segments": [segment(WHOLE, **changes)]})
    assert words in error, error


def test_a_circle_names_its_members(compiler: Compiler) -> None:
    error = compiler.error(
        FAMILY,
        {
            "segments": [
                segment({"segment": "second"}, name="first"),
                segment({"any": [{"segment": "third"}]}, name="second"),
                segment({"none": [{"segment": "first"}]}, name="third"),
            ]
        },
    )
    assert "a circle: first → second → third → first" in error


def test_a_circle_goes_through_parents(compiler: Compiler) -> None:
    error = compiler.error(
        FAMILY,
        {
            "segments": [
                segment(WHOLE, name="first", parent="second"),
                segment({"any": [{"segment": "third"}]}, name="second"),
                segment(WHOLE, name="third", parent="first"),
            ]
        },
    )
    assert "a circle: first → second → third → first" in error


def test_a_circle_goes_through_a_frozen_day(compiler: Compiler) -> None:
    rule = {"none": [{"segment": "first_20260131"}]}
    error = compiler.error(
        FAMILY, {"segments": [segment(rule, name="first", freeze="2026-01-31")]}
    )
    assert "a circle: first → first_20260131 → first" in error


def test_a_frozen_day_needs_a_name_of_its_own(compiler: Compiler) -> None:
    cohort = segment(WHOLE, name="first_20260131")
    frozen = segment(WHOLE, name="first", freeze="2026-01-31")
    told = "the name first_20260131 is taken by another segment"
    assert told in compiler.error(FAMILY, {"segments": [cohort, frozen]})
    assert "the name is taken by a segment in" in compiler.error(
        FAMILY, {"segments": [frozen, cohort]}
    )


WATCHED: dict[str, tuple[Any, str]] = {
    "an event": ({"event": "page_view"}, "event page_view is watched or inferred"),
    "a trait": (
        {"trait": "is_power_user", "is": True},
        "trait is_power_user is watched or inferred",
    ),
    "a step of a sequence": (
        {"sequence": ["cart_add", "search"]},
        "sequence cart_add, search is watched or inferred",
    ),
    "what must not follow": (
        {"sequence": ["cart_add", "purchase"], "then_not": "page_view"},
        "sequence cart_add, purchase is watched or inferred",
    ),
    "a rank": (
        {"rank": {"by": "active_days_28", "top": 5}},
        "trait active_days_28 is watched or inferred",
    ),
    "a state": ({"activity": "dormant"}, "trait activity_state is watched or inferred"),
    "a referenced segment": (
        {"segment": "watched"},
        "event page_view is watched or inferred",
    ),
    "a frozen segment": (
        {"segment": "watched_20260131"},
        "segment watched is watched or inferred",
    ),
}


@pytest.mark.parametrize("name", WATCHED)
def test_explicit_signals_only_refuses_what_was_watched(
    compiler: Compiler, name: str
) -> None:
    rule, words = WATCHED[name]
    watched = segment({"event": "page_view"}, name="watched", freeze="2026-01-31")
    other = segment(rule, name="other")
    for tried in (
        segment({"all": [{"event": "purchase"}, rule]}, explicit_signals_only=True),
        segment({"event": "purchase"}, parent="other", explicit_signals_only=True),
    ):
        error = compiler.error(FAMILY, {"segments": [watched, other, tried]})
        assert "segment tried: rule: " in error
        assert words in error
        assert "asks only for what customers gave or did to be remembered" in error


def test_explicit_signals_only_takes_what_customers_did(compiler: Compiler) -> None:
    rule = {"sequence": ["cart_add", "purchase"], "then_not": "wishlist_add"}
    tried = segment(rule, explicit_signals_only=True)
    assert compiler.error(FAMILY, {"segments": [tried]}) == ""


@pytest.mark.parametrize(
    "rule",
    [
        {"trait": "days_since_sign_up", "at_least": 3},
        {"rank": {"by": "days_since_sign_up", "top": 5}},
        {"any": [{"segment": "other"}]},
    ],
)
def test_what_is_derived_from_a_protected_attribute_is_refused(
    compiler: Compiler, rule: Any
) -> None:
    columns = compiler.nodes[MODEL + "customers"]["columns"]
    trait = columns["days_since_sign_up"]["config"]["meta"]["trait"]
    between = columns["interests"]["config"]["meta"]["trait"]
    before = (trait.get("derived_from"), between.get("derived_from"))
    trait["derived_from"], between["derived_from"] = ["interests"], ["health"]
    other = segment({"trait": "days_since_sign_up", "at_least": 3}, name="other")
    try:
        error = compiler.error(FAMILY, {"segments": [segment(rule), other]})
    finally:
        for told, origins in zip((trait, between), before, strict=True):
            told["derived_from"] = origins or []
    assert "days_since_sign_up is a protected attribute (derived from health)" in error
    assert "Take the condition out" in error


# ----------------------------------------------------------------------------------
# Texts and values that look like something else
# ----------------------------------------------------------------------------------

HOSTILE = [
    *("it's", "''", "'", "' or '1'='1", "'; drop table customers; --", "')", "\\'"),
    *('"', '"double"', '";', "`tick`", "\\", "\\\\", "ends in \\", "\\n", "$$", "$1"),
    *("-- comment", "a -- b", "/* open", "*/", "/* both */", "# YAML comment", "a #b"),
    *("{{ 1 + 1 }}", "{% if x %}", "{# gone #}", "{{", "}}", "{", "{a: b}", "[a]"),
    *("NO", "yes", "on", "null", "~", "true", "1e3", "010", "1:30", "0x1F", ".inf"),
    *("2026-01-31", "2026-02-30", "=", "<<", "&anchor", "*alias", "!tag", "%", "@at"),
    *("- item", "key: value", ": ", "? key", "> folded", "x |", "select", "null::int"),
    *(
        "망설이는 고객",
        "é",
        "e\u0301",
        "日本",
        "👩\u200d👩\u200d👧",
        "\u202eabc",
        "\u00a0",
    ),
    *("line\nbreak", "tab\there", "two\n\nbreaks", " spaces ", "%s %d", "?", ":name"),
    *("a" * 5000, "ẞß", "ﬁ", "\u2028", "\x7f", "unterminated '", "'\\''", "\\u0041"),
]


def written(text: str) -> str:
    """A text as somebody must write it in a file that dbt renders."""
    return f"{{% raw %}}{text}{{% endraw %}}" if "{" in text else text


def test_texts_arrive_as_they_were_written(compiler: Compiler) -> None:
    parts = ("label", "situation", "need", "message")
    given = [
        segment(
            WHOLE,
            name=f"tried_{number}",
            metric=written(text),
            owner=written(text),
            **{part: {"en": written(text), "ko": written(text)} for part in parts},
        )
        for number, text in enumerate(HOSTILE)
    ]
    read = compiler.read(yaml.safe_dump({"segments": given}, allow_unicode=True))
    columns = [f"{part}_{language}" for part in parts for language in ("en", "ko")]
    with compiler.tables() as connection:
        rows = connection.execute(
            f"select segment, metric, owner, {', '.join(columns)}"
            f" from ({compiler.sql(DEFINITIONS, only(read['segments']))})"
        ).fetchall()
    assert {name: set(texts) for name, *texts in rows} == {
        f"tried_{number}": {text} for number, text in enumerate(HOSTILE)
    }


def test_values_mean_what_they_say_and_nothing_else(compiler: Compiler) -> None:
    rules: dict[str, Any] = {}
    for number, text in enumerate(HOSTILE):
        rules[f"is_{number}"] = {"trait": "region", "is": text}
        rules[f"in_{number}"] = {"trait": "region", "in": ["?!", text]}
        rules[f"term_{number}"] = {"event": "search", "where": {"search_term": text}}
        rules[f"note_{number}"] = {"event": "search", "where": {"note": ["?!", text]}}
        if "|" not in text:
            rules[f"has_{number}"] = {"trait": "interests", "has": text}
    meta = only([segment(rule, name=name) for name, rule in rules.items()])
    with compiler.tables() as connection:
        for number, text in enumerate(HOSTILE):
            for near in ("", "x"):
                customer = f"{number}{near}"
                value = text + near
                connection.execute(
                    f"insert into {compiler.relation('customers')}"
                    " (customer_id, is_segment_candidate, region, interests)"
                    " values (?, true, ?, ?)",
                    [customer, value, f"food|{value}|pets"],
                )
                connection.execute(
                    f"insert into {compiler.relation('int_customer_actions')}"
                    " (action_id, customer_id, event_name, search_term, properties)"
                    " values (?, ?, 'search', ?, ?)",
                    [customer, customer, value, json.dumps({"note": value})],
                )
        for model in DECIDING:
            compiler.create(connection, model, f"as {compiler.sql(model, meta)}")
        names = list(rules)
        decided = connection.sql(
            f"select customer_id, {', '.join(names)} from {compiler.relation(FLAGS)}"
        )
        members: dict[str, set[str]] = {name: set() for name in names}
        for customer, *answers in decided.fetchall():
            for name, is_member in zip(names, answers, strict=True):
                if is_member:
                    members[name].add(customer)
        words = connection.execute(
            f"select segment, rule_in_words_en from ({compiler.sql(DEFINITIONS, meta)})"
        ).fetchall()
        for model in ("segment_waterfall", "segment_reasons"):
            connection.execute(compiler.sql(model, meta)).fetchall()
    assert members == {name: {name.rpartition("_")[2]} for name in rules}
    said = dict(words)
    for number, text in enumerate(HOSTILE):
        assert said[f"is_{number}"] == f"Region is {text}"


IN_KOREAN: list[tuple[Any, str]] = [
    ({"segment": "hesitating"}, "‘망설이는 고객’인 고객"),
    ({"none": [{"segment": "hesitating"}]}, "‘망설이는 고객’ 제외"),
    (
        {"none": [{"segment": "hesitating"}, {"segment": "interested"}]},
        "(‘망설이는 고객’ 또는 ‘관심 고객’) 제외",
    ),
    (
        {"segment": "hesitating", "entered_within_days": 7},
        "최근 7일 안에 ‘망설이는 고객’에 진입",
    ),
    ({"segment": "hesitating", "for_days": 7}, "‘망설이는 고객’ 7일 이상 유지"),
    (
        {"segment": "hesitating", "for_days": 3, "entered_within_days": 7},
        "최근 7일 안에 ‘망설이는 고객’에 진입한 뒤 3일 이상 유지",
    ),
    ({"stage": "existing"}, "구매 단계: 기존 고객"),
    ({"stage": "existing", "for_days": 90}, "‘기존 고객’ 단계 90일 이상 유지"),
    (
        {"stage": "at_risk", "entered_within_days": 7},
        "최근 7일 안에 ‘이탈 위험 고객’ 단계로 바뀜",
    ),
    (
        {"activity": "dormant", "for_days": 3, "entered_within_days": 7},
        "최근 7일 안에 ‘휴면’ 상태로 바뀐 뒤 3일 이상 유지",
    ),
    ({"trait": "revenue_trend", "is": "rising"}, "구매 금액 추세: 증가"),
    ({"trait": "revenue_trend", "is_not": "rising"}, "구매 금액 추세: 증가 아님"),
    ({"trait": "gender", "is": "unknown"}, "성별 미입력"),
    ({"trait": "plan", "is_not": "free"}, "요금제: 무료 아님"),
    ({"trait": "plan", "is": "gold"}, "요금제: gold"),
    ({"trait": "language", "in": ["ko", "en-GB"]}, "언어 한국어·영어(영국) 중 하나"),
    ({"trait": "order_count", "at_most": 0}, "구매 없음"),
    ({"trait": "messages_opened_90", "at_most": 0}, "최근 90일 오픈 메시지 없음"),
    ({"trait": "order_count", "at_most": 1}, "구매 횟수 1회 이하"),
    ({"trait": "recency_score", "at_most": 0}, "구매 최근성 점수 0점 이하"),
    ({"event": "product_view", "at_most": 0}, "상품 조회 없음"),
    (
        {"event": "purchase", "within_days": 30, "never": True},
        "최근 30일 구매 없음",
    ),
    (
        {"trait": "days_to_replenishment", "between": [-7, 7]},
        "상품 재구매 예상일 전후 7일",
    ),
    (
        {"trait": "days_to_replenishment", "between": [-3, 7]},
        "상품 재구매 예상일까지 남은 일수 -3~7일",
    ),
    (
        {"event": "review", "within_days": 30, "where": {"rating": [1, 2]}},
        "최근 30일 별점 1점·2점 후기 작성 1회 이상",
    ),
    (
        {"event": "product_view", "where": {"category": "beauty", "new": True}},
        "카테고리 ‘뷰티’, new 예 상품 조회 1회 이상",
    ),
]


# What people write, what tables hold, and how a sentence says it in English.
AS_PEOPLE_SAY: list[tuple[Any, Any, str]] = [
    (
        {"trait": "gender", "is": "여성"},
        {"trait": "gender", "is": "female"},
        "Gender is Female",
    ),
    (
        {"trait": "gender", "in": ["Women", "MEN"]},
        {"trait": "gender", "in": ["female", "male"]},
        "Gender is one of Female, Male",
    ),
    (
        {"trait": "age_band", "in": ["10대", "teens", "50대이상"]},
        {"trait": "age_band", "in": ["10s", "10s", "50_plus"]},
        "Age band is one of Teens (14–19), Teens (14–19), Fifty and over",
    ),
    (
        {"stage": "이탈 위험 고객"},
        {"stage": "at_risk"},
        "Purchase stage is Slipping away",
    ),
    (
        {"activity": "First visit", "for_days": 3},
        {"activity": "new", "for_days": 3},
        "Activity is First visit for 3 days or more",
    ),
    (
        {"trait": "region", "in": ["서울", "서울 특별시", "Gyeonggi-do"]},
        {"trait": "region", "in": ["seoul", "seoul", "gyeonggi"]},
        "Region is one of Seoul, Seoul, Gyeonggi",
    ),
    # other shops may hold what was written
    (
        {"trait": "plan", "is": "무료"},
        {"trait": "plan", "in": ["free", "무료"]},
        "Plan is Free",
    ),
    (
        {"trait": "favourite_category", "not_in": ["패션", "food"]},
        {"trait": "favourite_category", "not_in": ["fashion", "패션", "food"]},
        "Favourite category is none of Fashion, Food",
    ),
    (
        {"trait": "liked_categories", "has": "패션"},
        {"trait": "liked_categories", "has_any": ["패션"]},
        "Liked categories has Fashion",
    ),
    (
        {"trait": "region", "is": "도쿄"},
        {"trait": "region", "is": "도쿄"},
        "Region is 도쿄",
    ),
]


def test_values_are_taken_as_people_say_them(compiler: Compiler) -> None:
    written = [
        segment(rule, name=f"w{n}") for n, (rule, *_) in enumerate(AS_PEOPLE_SAY)
    ]
    stored = [
        segment(rule, name=f"s{n}") for n, (_, rule, _) in enumerate(AS_PEOPLE_SAY)
    ]
    with compiler.tables() as connection:
        rows = connection.execute(
            "select segment, version, rule_in_words_en"
            f" from ({compiler.sql(DEFINITIONS, only([*written, *stored]))})"
        ).fetchall()
    told = {name: (version, words) for name, version, words in rows}
    for number, (_, _, words) in enumerate(AS_PEOPLE_SAY):
        assert told[f"w{number}"][0] == told[f"s{number}"][0], words
        assert told[f"w{number}"][1].startswith(words), words


def test_a_value_is_counted_whichever_way_a_table_holds_it(compiler: Compiler) -> None:
    rules: dict[str, Any] = {
        "any_of": {"trait": "liked_categories", "has": "패션"},
        "all_of": {"trait": "liked_categories", "has_all": ["패션", "food"]},
        "viewed": {"event": "product_view", "where": {"category": ["패션", "Pets"]}},
    }
    meta = only([segment(rule, name=name) for name, rule in rules.items()])
    with compiler.tables() as connection:
        for liked in ("fashion|food", "food|패션", "패션|fashion", "food"):
            connection.execute(
                f"insert into {compiler.relation('customers')}"
                " (customer_id, is_segment_candidate, liked_categories)"
                " values (?, true, ?)",
                [liked, liked],
            )
            connection.execute(
                f"insert into {compiler.relation('int_customer_actions')}"
                " (action_id, customer_id, event_name, category)"
                " values (?, ?, 'product_view', ?)",
                [liked, liked, liked.split("|")[0]],
            )
        for model in DECIDING:
            compiler.create(connection, model, f"as {compiler.sql(model, meta)}")
        members = {
            name: connection.sql(
                f"select customer_id from {compiler.relation(FLAGS)} where {name}"
                " order by customer_id"
            ).fetchall()
            for name in rules
        }
    assert members == {
        "any_of": [("fashion|food",), ("food|패션",), ("패션|fashion",)],
        "all_of": [("fashion|food",), ("food|패션",)],
        "viewed": [("fashion|food",), ("패션|fashion",)],
    }


def test_a_spelling_means_one_value_of_a_trait(compiler: Compiler) -> None:
    assert compiler.error(FAMILY, {"segments": [segment(WHOLE)]}) == ""
    traits = compiler.call("trait_registry")
    for name, trait in traits.items():
        meant: dict[str, str] = {}
        for value, label in trait["labels"].items():
            for said in compiler.call("value_names", value=value, label=label):
                spelled = compiler.call("value_spelling", value=said)
                assert meant.setdefault(spelled, value) == value, (name, said)
    assert sum(bool(trait["labels"]) for trait in traits.values()) > 10


def test_rules_read_well_in_korean(compiler: Compiler) -> None:
    rules = {f"tried_{number}": rule for number, (rule, _) in enumerate(IN_KOREAN)}
    family = [
        *compiler.sources[RULES + FAMILY]["config"]["meta"]["segments"],
        *(segment(rule, name=name) for name, rule in rules.items()),
    ]
    with compiler.tables() as connection:
        said = dict(
            connection.execute(
                "select segment, rule_in_words_ko"
                f" from ({compiler.sql(DEFINITIONS, {FAMILY: {'segments': family}})})"
            ).fetchall()
        )
    for name, (_, words) in zip(rules, IN_KOREAN, strict=True):
        assert said[name] == words, name


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_is_a_plain_word(compiler: Compiler, text: str) -> None:
    error = compiler.error(FAMILY, {"segments": [segment(WHOLE, name=text)]})
    if text == "select":
        assert "select is a word of SQL; name it otherwise" in error
    elif text == "a" * 5000 or not text.isascii() or not text.isalpha():
        assert "the name must be lower case letters, digits and _" in error
    elif text.islower() and text not in ("null", "true", "on"):
        assert error == ""
    else:
        assert "the name must be lower case letters" in error or "word of SQL" in error


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{trait: region, is: NO}", "is: False is no text (put it in quotes)"),
        ("{trait: region, in: [SE, NO]}", "in: False is no text (put it in quotes)"),
        ("{trait: region, is: 'NO'}", ""),
        ("{trait: region, is: ~}", "is: None is no text (put it in quotes)"),
        ("{trait: region, is: 1e3}", ""),
        ("{trait: region, is: 1.0e+3}", "is: 1000.0 is no text (put it in quotes)"),
        ("{trait: region, is: 2026-01-31}", ""),
        ("{trait: region, is: 01}", "is: 1 is no text (put it in quotes)"),
        ("{trait: has_used_app, is: yes}", ""),
        ("{trait: has_used_app, is: 'yes'}", "is: yes is no true or false"),
        ("{trait: order_count, at_least: 1e3}", "at_least: 1e3 is no int number"),
        ("{trait: order_count, at_least: '3'}", "at_least: 3 is no int number"),
        ("{trait: order_count, at_least: 1_000}", ""),
        ("{trait: order_count, at_least: .inf}", "at_least: inf is no int number"),
        ("{trait: net_revenue, at_least: .inf}", "at_least: inf is no decimal number"),
        ("{trait: net_revenue, at_least: .nan}", "at_least: nan is no decimal number"),
        ("{trait: churns_on, at_most: 2026-01-31}", ""),
        ("{trait: churns_on, at_most: 20260131}", "is no day written YYYY-MM-DD"),
        ("{trait: churns_on, at_most: '٢٠٢٦-01-31'}", "is no day written YYYY-MM-DD"),
        ("{event: search, within_days: 3_0}", ""),
        (
            "{event: search, within_days: on}",
            "within_days is True; it takes",
        ),
        ("{event: search, where: {on: x}}", "where: unknown property True"),
        ("{stage: NO}", "unknown stage False"),
        ("{activity: new}", ""),
        ("{no: x}", "one subject is needed"),
    ],
)
def test_yaml_reads_some_words_its_own_way(
    compiler: Compiler, rule: str, words: str
) -> None:
    read = compiler.read(f"segments: [{{rule: {rule}}}]")
    error = compiler.error(FAMILY, {"segments": [segment(read["segments"][0]["rule"])]})
    assert words in error if words else error == ""


@pytest.mark.parametrize(
    ("test", "value", "is_told"),
    [
        ("is", True, True),
        ("is", False, False),
        ("is", "ended", True),
        ("is", "none", False),
        ("is", "unknown", False),
        ("is_not", "ended", False),
        ("in", ["active", "ended"], True),
        ("in", ["none", "active"], False),
        ("in", [True, False], False),
        ("not_in", ["none"], False),
        ("at_least", 0.01, True),
        ("at_least", 0, False),
        ("at_least", -1, False),
        ("at_least", "2026-01-31", True),
        ("above", 0, True),
        ("above", -1, False),
        ("at_most", 3, False),
        ("below", 3, False),
        ("between", [1, 3], True),
        ("between", [0, 3], False),
        ("known", True, True),
        ("known", False, False),
        ("has", "beauty", True),
        ("has", "none", False),
        ("has_any", ["beauty", "food"], True),
        ("has_any", ["beauty", "unknown"], False),
        ("has_all", ["beauty", "food"], True),
    ],
)
def test_a_customer_is_told_what_is_there_and_never_what_is_not(
    compiler: Compiler, test: str, value: Any, is_told: bool
) -> None:
    reason = {"en": "because", "ko": "그래서"}
    told = compiler.call("safe_reason", reason=reason, test=test, value=value)
    assert told == (reason if is_told else None)
    nothing = compiler.call("safe_reason", reason=None, test=test, value=value)
    assert nothing is None


@pytest.mark.parametrize(
    ("rule", "profile", "days"),
    [
        # (held since, slips, churns): days from the as-of day
        ({"stage": "at_risk", "entered_within_days": 7}, (0, None, 90), 7),
        ({"stage": "at_risk", "entered_within_days": 7}, (-6, None, 90), 1),
        ({"stage": "at_risk", "entered_within_days": 7}, (-7, None, 90), None),
        ({"stage": "at_risk", "entered_within_days": 7}, (-3, None, 3), 3),
        ({"stage": "at_risk", "entered_within_days": 7}, (-3, None, 5), 4),
        ({"stage": "at_risk", "entered_within_days": 7}, (None, None, 5), None),
        ({"stage": "at_risk", "for_days": 3}, (-3, None, 5), 5),
        ({"stage": "at_risk"}, (-3, None, 5), 5),
        ({"stage": "churned", "entered_within_days": 30}, (-29, None, None), 1),
        ({"stage": "churned", "entered_within_days": 30}, (0, None, None), 30),
        ({"stage": "churned"}, (0, None, None), None),
        ({"stage": "existing", "entered_within_days": 9}, (-2, 3, 80), 3),
        ({"activity": "new", "entered_within_days": 5}, (-1, None, None), 4),
        ({"activity": "new"}, (-1, None, None), None),
    ],
)
def test_a_stage_that_was_just_entered_ends_by_whichever_comes_first(
    compiler: Compiler,
    rule: dict[str, Any],
    profile: tuple[int | None, ...],
    days: int | None,
) -> None:
    today = date.fromisoformat(AS_OF)
    held, slips, churns = (
        None if ago is None else today + timedelta(days=ago) for ago in profile
    )
    subject, state = next(iter(rule.items()))
    column = {"stage": "purchase_stage", "activity": "activity_state"}[subject]
    meta = only([segment({"all": [rule]})])
    with compiler.tables() as connection:
        connection.execute(
            f"insert into {compiler.relation('customers')} (customer_id,"
            f" is_segment_candidate, {column}, {column}_since, slips_on, churns_on)"
            " values ('c1', true, ?, ?, ?, ?)",
            [state, held, slips, churns],
        )
        for model in DECIDING:
            compiler.create(connection, model, f"as {compiler.sql(model, meta)}")
        found = connection.execute(
            f"select is_met, days_until_unmet from"
            f" ({compiler.sql('segment_reasons', meta)})"
        ).fetchall()
    is_met = held is not None and profile != (-7, None, 90)
    assert found == [(is_met, days)]


@pytest.mark.parametrize(
    ("value", "written_as"),
    [
        (999, "999"),
        (1000, "1,000"),
        (-1234567, "-1,234,567"),
        (0.1255, "0.1255"),
        (1234.56789, "1,234.56789"),
    ],
)
def test_only_whole_thousands_have_commas(
    compiler: Compiler, value: float, written_as: str
) -> None:
    subject = {"words": {"en": "Trend", "ko": "추세"}, "labels": {}, "type": "double"}
    words = compiler.call(
        "test_words",
        test="at_least",
        value=value,
        subject=subject,
        language=compiler.call("language_data"),
    )
    assert words == {
        "en": f"Trend at least {written_as}",
        "ko": f"추세 {written_as} 이상",
    }


def audience(**changes: Any) -> dict[str, Any]:
    """A complete audience; None takes a key away."""
    whole = {
        "name": "tried",
        "label": {"en": "Tried", "ko": "시험"},
        "channel": "email",
        "message_class": "ad",
        "campaign": "c1",
        "segments": {"any_of": ["women"]},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def test_names_of_channels_and_destinations_are_texts(compiler: Compiler) -> None:
    """Somebody's own rows of the seeds may be called anything."""
    columns = {"channels": "channel", "destinations": "destination"}
    tables = {
        seed: compiler.nodes[f"seed.customer_segments.{seed}"]["relation_name"]
        for seed in columns
    }
    meta = {AUDIENCES: {"audiences": [audience(channel="it's", destination="it's")]}}
    with compiler.adapter.connection_named("seeds"):
        for seed, column in columns.items():
            kind = "email" if seed == "channels" else "files"
            compiler.adapter.execute(
                f"insert into {tables[seed]} select * replace ('it''s' as {column})"
                f" from {tables[seed]} where {column} = '{kind}'"
            )
    try:
        text = compiler.sql(AUDIENCES, meta)
    finally:
        with compiler.adapter.connection_named("seeds"):
            for seed, column in columns.items():
                compiler.adapter.execute(
                    f"delete from {tables[seed]} where {column} = 'it''s'"
                )
    assert text.count("'it''s'") == 2 and "'it's'" not in text


def test_the_rules_that_ship_compile(compiler: Compiler) -> None:
    assert compiler.error(FAMILY, {"segments": [segment(WHOLE)]}) == ""
