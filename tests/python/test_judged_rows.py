"""What staging says about single rows of the raw tables, a boundary on each side."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.python.compiled import MODELS, Bench, world

WORLD = world("leap_day")
AS_OF = WORLD.as_of
# Noon in UTC of the second day after the as-of day.
LOADED_AT = datetime(2024, 3, 2, 12)
MONTH = date(2024, 2, 1)
SOME_DAY = date(2024, 1, 31)

# A row of each table with nothing wrong.
GOOD: dict[str, dict[str, Any]] = {
    "customer_attributes": {
        "customer_id": " anna ",
        "attribute": "Likes",
        "value": "tea|coffee",
        "source": "Declared",
        "declared_at": WORLD.moment(AS_OF),
    },
    "identity_links": {
        "from_id": "anna",
        "to_id": "device-1",
        "linked_at": WORLD.moment(AS_OF),
        "method": "login",
    },
    "blocked_ids": {"id": "device-2"},
    "accounts": {
        "account_id": "a1",
        "name": "Hanbit",
        "naics_code": "541511",
        "employees": 0,
        "annual_revenue": Decimal(0),
        "annual_ad_spend": Decimal(0),
        "founded_year": 2024,
    },
    "account_technologies": {
        "account_id": "a1",
        "category": "crm",
        "vendor": "v",
        "product": "p",
        "first_seen_on": SOME_DAY,
        "last_seen_on": SOME_DAY,
    },
    "releases": {
        "release_id": "r1",
        "name": "Faster",
        "kind": "Outage",
        "started_at": WORLD.moment(AS_OF),
        "ended_at": WORLD.moment(AS_OF),
    },
    "acquisition_costs": {
        "signup_channel": "kakao",
        "month": MONTH,
        "cost": Decimal(0),
    },
    "segment_targets": {
        "segment": "women",
        "month": MONTH,
        "metric": "customer_count",
        "target": Decimal(0),
    },
    "plan_prices": {"plan": "Plus", "valid_from": MONTH, "monthly_price": Decimal(0)},
}

END = WORLD.end
SECOND = timedelta(seconds=1)
GRACE = timedelta(minutes=5)
BEFORE_1970 = date(1969, 12, 31)

# Table, what differs from the good row, column and reason (or the state without one).
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("customer_attributes", {"customer_id": " "}, "customer_id:missing_id"),
    ("customer_attributes", {"attribute": None}, "attribute:missing_id"),
    ("customer_attributes", {"value": " "}, "value:missing_value"),
    ("customer_attributes", {"source": "guessed"}, "source:unknown_source"),
    ("customer_attributes", {"source": None}, "source:unknown_source"),
    ("customer_attributes", {"source": "inferred"}, "kept"),
    ("customer_attributes", {"declared_at": None}, "declared_at:missing_time"),
    ("customer_attributes", {"customer_id": "nobody"}, "customer_id:orphan"),
    ("customer_attributes", {"declared_at": END - SECOND}, "kept"),
    ("customer_attributes", {"declared_at": END}, "not_yet"),
    ("customer_attributes", {"customer_id": "tomorrow"}, "not_yet"),
    ("identity_links", {"from_id": None}, "from_id:missing_id"),
    ("identity_links", {"to_id": ""}, "to_id:missing_id"),
    ("identity_links", {"to_id": " anna "}, "to_id:self_link"),
    ("identity_links", {"from_id": "device-9"}, "kept"),
    ("identity_links", {"linked_at": END}, "not_yet"),
    (
        "identity_links",
        {"linked_at": LOADED_AT + GRACE + SECOND},
        "linked_at:future_time",
    ),
    ("identity_links", {"linked_at": LOADED_AT + GRACE}, "not_yet"),
    (
        "identity_links",
        {"linked_at": datetime(1969, 1, 1)},
        "linked_at:time_out_of_range",
    ),
    ("blocked_ids", {"id": " "}, "id:missing_id"),
    ("accounts", {"account_id": None}, "account_id:missing_id"),
    ("accounts", {"parent_account_id": "a1"}, "parent_account_id:self_link"),
    ("accounts", {"parent_account_id": "a2"}, "kept"),
    ("accounts", {"naics_code": "5"}, "naics_code:bad_naics_code"),
    ("accounts", {"naics_code": "54"}, "kept"),
    ("accounts", {"naics_code": "5415111"}, "naics_code:bad_naics_code"),
    ("accounts", {"naics_code": "54A"}, "naics_code:bad_naics_code"),
    ("accounts", {"naics_code": " "}, "kept"),
    ("accounts", {"employees": -1}, "employees:negative_amount"),
    ("accounts", {"annual_revenue": Decimal(-1)}, "annual_revenue:negative_amount"),
    ("accounts", {"annual_ad_spend": Decimal(-1)}, "annual_ad_spend:negative_amount"),
    ("accounts", {"currency": "won"}, "currency:unknown_currency"),
    ("accounts", {"currency": " usd"}, "kept"),
    ("accounts", {"founded_year": 999}, "founded_year:year_out_of_range"),
    ("accounts", {"founded_year": 1000}, "kept"),
    ("accounts", {"founded_year": 2025}, "founded_year:year_out_of_range"),
    ("account_technologies", {"account_id": ""}, "account_id:missing_id"),
    ("account_technologies", {"category": " "}, "category:missing_id"),
    ("account_technologies", {"vendor": None}, "vendor:missing_id"),
    ("account_technologies", {"product": ""}, "product:missing_id"),
    ("account_technologies", {"account_id": "a9"}, "account_id:orphan"),
    ("account_technologies", {"first_seen_on": None}, "first_seen_on:missing_time"),
    (
        "account_technologies",
        {"first_seen_on": BEFORE_1970},
        "first_seen_on:time_out_of_range",
    ),
    (
        "account_technologies",
        {"first_seen_on": date(2024, 3, 3)},
        "first_seen_on:future_time",
    ),
    (
        "account_technologies",
        {"first_seen_on": date(2024, 3, 2), "last_seen_on": None},
        "not_yet",
    ),
    (
        "account_technologies",
        {"first_seen_on": AS_OF, "last_seen_on": date(2024, 3, 2)},
        "kept",
    ),
    (
        "account_technologies",
        {"last_seen_on": SOME_DAY - timedelta(days=1)},
        "last_seen_on:ended_before_started",
    ),
    (
        "account_technologies",
        {"last_seen_on": date(2024, 3, 3)},
        "last_seen_on:future_time",
    ),
    ("releases", {"release_id": ""}, "release_id:missing_id"),
    ("releases", {"kind": "party"}, "kind:unknown_kind"),
    ("releases", {"kind": None}, "kind:unknown_kind"),
    ("releases", {"started_at": None}, "started_at:missing_time"),
    (
        "releases",
        {"ended_at": WORLD.moment(AS_OF) - SECOND},
        "ended_at:ended_before_started",
    ),
    ("releases", {"ended_at": LOADED_AT + GRACE}, "kept"),
    ("releases", {"ended_at": LOADED_AT + GRACE + SECOND}, "ended_at:future_time"),
    ("releases", {"started_at": END, "ended_at": None}, "not_yet"),
    ("acquisition_costs", {"signup_channel": " "}, "signup_channel:missing_id"),
    ("acquisition_costs", {"month": None}, "month:missing_time"),
    ("acquisition_costs", {"month": date(1969, 12, 1)}, "month:time_out_of_range"),
    ("acquisition_costs", {"month": AS_OF}, "month:not_first_of_month"),
    ("acquisition_costs", {"month": date(2024, 3, 1)}, "not_yet"),
    ("acquisition_costs", {"cost": None}, "cost:missing_amount"),
    ("acquisition_costs", {"cost": Decimal("-0.01")}, "cost:negative_amount"),
    ("segment_targets", {"segment": None}, "segment:missing_id"),
    ("segment_targets", {"metric": ""}, "metric:missing_id"),
    ("segment_targets", {"month": date(2030, 1, 1)}, "kept"),
    ("segment_targets", {"month": date(2030, 1, 2)}, "month:not_first_of_month"),
    ("segment_targets", {"target": None}, "target:missing_amount"),
    ("segment_targets", {"target": Decimal(-1)}, "target:negative_amount"),
    ("plan_prices", {"plan": " "}, "plan:missing_id"),
    ("plan_prices", {"valid_from": None}, "valid_from:missing_time"),
    ("plan_prices", {"valid_from": BEFORE_1970}, "valid_from:time_out_of_range"),
    ("plan_prices", {"valid_from": AS_OF}, "kept"),
    ("plan_prices", {"valid_from": date(2024, 3, 1)}, "not_yet"),
    ("plan_prices", {"monthly_price": None}, "monthly_price:missing_amount"),
    ("plan_prices", {"monthly_price": Decimal(-1)}, "monthly_price:negative_amount"),
]


@pytest.fixture(scope="module")
def bench() -> Bench:
    """A customer known today, one known tomorrow, and one erased."""
    bench = Bench(WORLD)
    bench.run(*MODELS[: MODELS.index("stg_events")])
    bench.give(
        "raw.customers",
        [
            {"customer_id": who, "created_at": created_at, "loaded_at": LOADED_AT}
            for who, created_at in (
                ("anna", WORLD.moment(SOME_DAY)),
                ("tomorrow", END),
                ("erased", WORLD.moment(SOME_DAY)),
            )
        ],
    )
    bench.give("raw.deletion_requests", [{"request_id": "d", "customer_id": "erased"}])
    bench.run("stg_deletion_requests", "stg_customers")
    return bench


def judge(bench: Bench, table: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Fault and state of each row, in their order; account a1 is known."""
    bench.give("raw.accounts", [{**GOOD["accounts"], "loaded_at": LOADED_AT}])
    bench.run("stg_accounts")
    placed = [
        {"loaded_at": LOADED_AT, "source_file": "f", "source_row": number, **row}
        for number, row in enumerate(rows, start=1)
    ]
    bench.give(f"raw.{table}", placed)
    bench.run(f"stg_{table}")
    return bench.rows(f"stg_{table}", "fault, row_state, source_row", "source_row")


@pytest.mark.parametrize("table", GOOD)
def test_a_good_row_is_kept(bench: Bench, table: str) -> None:
    assert judge(bench, table, GOOD[table]) == [(None, "kept", 1)]


@pytest.mark.parametrize(("table", "change", "expected"), CASES)
def test_a_row_is_judged(
    bench: Bench, table: str, change: dict[str, Any], expected: str
) -> None:
    ((fault, state, _),) = judge(bench, table, {**GOOD[table], **change})
    if ":" in expected:
        assert (":".join(fault.split(":")[:2]), state) == (expected, "quarantined")
    else:
        assert (fault, state) == (None, expected)


@pytest.mark.parametrize("table", GOOD)
def test_of_two_versions_the_newer_load_counts(bench: Bench, table: str) -> None:
    older = {**GOOD[table], "loaded_at": LOADED_AT - timedelta(hours=1)}
    assert [state for _, state, _ in judge(bench, table, older, GOOD[table])] == [
        "superseded",
        "kept",
    ]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customer_attributes", "customer_id"),
        ("identity_links", "from_id"),
        ("identity_links", "to_id"),
        ("blocked_ids", "id"),
    ],
)
def test_rows_of_the_erased_are_elsewhere(
    bench: Bench, table: str, column: str
) -> None:
    erased = {**GOOD[table], column: " erased"}
    if table == "identity_links":
        erased = {"from_id": "erased", "to_id": "erased", **erased}
    assert judge(bench, table, erased, GOOD[table]) == [(None, "kept", 2)]
    bench.run("stg_erased_rows")
    assert [
        row
        for row in bench.rows("stg_erased_rows", "raw_table, source_row")
        if row[0] == table
    ] == [(table, 1)]
