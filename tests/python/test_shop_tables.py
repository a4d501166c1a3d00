"""Tables that already are in the database stand in for loaded files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.warehouse import AS_OF, UNTESTED, Warehouse, failures, parsed_project

TABLES = (
    "customers",
    "orders",
    "order_items",
    "refunds",
    "products",
    "events",
    "exchange_rates",
)
ANSWERS = """
    select
        (select count(*) from customers),
        (select sum(net_revenue) from orders where is_valid),
        (select count(*) from order_lines),
        (select sum(event_count) from customer_days),
        (select count(*) from purchase_stage_spells)
"""


@pytest.fixture
def shop_tables(shop: Warehouse, tmp_path: Path) -> Warehouse:
    """A warehouse with nothing landed and the sample's tables in the schema `shop`."""
    warehouse = Warehouse(tmp_path)
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("create schema shop")
        for table in TABLES:
            landed = shop.landing / table / "*.parquet"
            connection.execute(
                f"create table shop.{table} as"
                " select * exclude (source_file, source_row)"
                f" from read_parquet('{landed}')"
            )
    return warehouse


def test_they_give_what_loaded_files_give(
    shop: Warehouse, shop_tables: Warehouse
) -> None:
    stand_ins = {table: f"shop.{table}" for table in TABLES}
    compared = ("customers", "order_lines", "customer_days", "purchase_stage_spells")
    shop_tables.build(
        AS_OF,
        *("--select", *(f"+{table}" for table in compared), "+row_fates"),
        *UNTESTED,
        variables={"raw_tables": stand_ins},
    )
    fates = "select rows_in, kept, superseded, not_yet, quarantined from row_fates"
    (counted,) = shop_tables.query(
        f"{fates} where raw_table = 'orders'",
    )
    (rows_in, *rest) = counted
    assert rows_in == sum(rest) > 0
    assert shop_tables.query(
        "select count(*) from orders where status <> 'cancelled'"
    ) == shop.query("select count(*) from orders where status <> 'cancelled'")
    assert shop_tables.query(ANSWERS) == shop.query(ANSWERS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("drop column status", "has no column status"),
        (
            "alter column gross_amount type double",
            "shop.orders.gross_amount is DOUBLE where orders needs decimal(18,4)",
        ),
        ("alter column ordered_at type varchar", "is VARCHAR where orders needs"),
    ],
)
def test_a_table_that_does_not_fit_stops_the_build(
    shop_tables: Warehouse, change: str, words: str
) -> None:
    with duckdb.connect(str(shop_tables.database)) as connection:
        connection.execute(f"alter table shop.orders {change}")
    result = shop_tables.dbt(
        "run",
        *("--select", "stg_orders"),
        variables={"as_of_date": AS_OF, "raw_tables": {"orders": "shop.orders"}},
    )
    assert not result.success
    assert words in str(result.exception)


def test_an_empty_build_refuses_unless_it_is_meant(empty: Warehouse) -> None:
    refused = empty.dbt("build", "--empty")
    assert not refused.success
    assert "empty_on_purpose" in str(refused.exception)
    meant = empty.dbt(
        *("run", "--empty", "--select", "stg_products"),
        variables={"empty_on_purpose": True},
    )
    assert meant.success, failures(meant)


def test_a_shop_that_is_mostly_quarantined_stops_before_memberships_are_recorded(
    shop_tables: Warehouse,
) -> None:
    stand_ins = {table: f"shop.{table}" for table in TABLES}
    with duckdb.connect(str(shop_tables.database)) as connection:
        connection.execute("update shop.orders set status = 'finished'")
    result = shop_tables.dbt(
        *("build", "--select", "+segment_records"),
        variables={"as_of_date": AS_OF, "raw_tables": stand_ins},
    )
    assert not result.success
    assert "mostly_usable_stg_orders_" in failures(result)
    recorded = "select * from information_schema.tables where table_name"
    assert shop_tables.query(f"{recorded} = 'segment_records'") == []


NOT_ALLOWED: tuple[tuple[str, object, str], ...] = (
    ("as_of_date", "20260101", "write it as YYYY-MM-DD"),
    ("as_of_date", "x' or 1=1", "write it as YYYY-MM-DD"),
    ("business_timezone", "Seoul", "is not a zone name such as Asia/Seoul"),
    ("reporting_currency", "won", "is not an ISO 4217 code such as KRW"),
    ("valid_statuses", ["paid", "done"], "done is none of pending, paid"),
    ("revenue_includes", ["tips"], "tips is none of shipping, tax"),
    ("expected_gap_days", [30, 7], "is not [shortest, longest]"),
    ("price_sensitivity_percent", [70, 30], "is not [medium, high]"),
    ("free_delivery_from", 0, "is neither null nor an amount above 0"),
    ("delivery_page_pattern", "", "is no regular expression"),
    ("trial_key_events", ["page_view", "dance"], "dance is none of app_open,"),
    ("trial_days", 0, "is not a whole number above 0"),
    ("global_holdout_share", 2, "is not a share from 0 to 0.5"),
    ("raw_tables", {"orders": "shop; drop"}, "is not a table name"),
    ("raw_tables", {"ordres": "shop.orders"}, "did you mean orders"),
    ("raw_tables", "shop.orders", "is not a mapping"),
    ("valid_statuses", [], "at least one status is needed"),
    ("phone_country_code", "+82", "is not a country code such as 82"),
    ("max_quarantined_share", 0, "is not a share above 0"),
    ("quiet_day_years", 0, "is not a number of years above 0"),
    ("quiet_day_years", True, "is not a number of years above 0"),
    ("quiet_day_weeks", 0.5, "is not a whole number above 0"),
    ("holiday_country", "Korea", "is no country of ISO 3166"),
    ("payday", 32, "is no day from 1 to 31"),
    ("accept_quiet_day", "yes", "is neither true nor false"),
    ("accept_shrink", 1, "is neither true nor false"),
    ("accept_missing", 1, "has to be said twice"),
    ("max_shrink_percent", 0, "is not a whole percentage"),
    ("max_shrunken_segments", 0, "is not a whole number above 0"),
    ("churned_from_days", "30", "is not a whole number above 0"),
)


@pytest.mark.few(12)
@pytest.mark.parametrize(("variable", "value", "words"), NOT_ALLOWED)
def test_a_variable_that_is_not_allowed_stops_the_run(
    empty: Warehouse, variable: str, value: object, words: str
) -> None:
    result = empty.dbt("run", "--select", "stg_products", variables={variable: value})
    assert not result.success
    assert words in str(result.exception)


CLOCK = ("as_of_date", "business_timezone")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param(*case, marks=() if case[0] in CLOCK else pytest.mark.slow)
        for case in NOT_ALLOWED
    ],
)
def test_it_stops_a_run_that_parses_the_project_too(
    empty: Warehouse, variable: str, value: object, words: str
) -> None:
    """The clock is read by models while dbt parses, all else by the check alone."""
    given = {variable: value}
    result = empty.dbt_over(None, "run", "--select", "stg_products", variables=given)
    assert not result.success
    assert words in str(result.exception)


OTHERS = {
    **{"as_of_date": "2024-02-29", "business_timezone": "America/New_York"},
    **{"reporting_currency": "USD", "valid_statuses": ["paid"]},
    **{"revenue_includes": ["tax"], "expected_gap_days": [1, 2]},
    **{"price_sensitivity_percent": [1, 2], "free_delivery_from": None},
    **{"delivery_page_pattern": "x", "trial_key_events": ["like"], "trial_days": 1},
    **{"global_holdout_share": 0.5, "raw_tables": {"orders": "shop.orders"}},
    **{"phone_country_code": "1", "max_quarantined_share": 1, "quiet_day_years": 1},
    **{"quiet_day_weeks": 8, "holiday_country": "DE", "payday": 1},
    **{"accept_quiet_day": False, "churned_from_days": 1, "conversion": "cart"},
    **{"landing_dir": "elsewhere", "empty_on_purpose": True, "k_minimum": 1},
    **{"accept_shrink": True, "accept_missing": 2, "max_shrink_percent": 5},
    **{"max_shrunken_segments": 1, "shrink_from_members": 1},
    **{"kpi_window_days": 9, "kpi_follow_up_days": 1, "removals_shown_days": 1},
}


def test_no_variable_changes_what_dbt_parses(empty: Warehouse) -> None:
    """So what is parsed without any can be shared by all builds of the tests."""
    assert {variable for variable, _, _ in NOT_ALLOWED} <= OTHERS.keys()
    parsed = empty.dbt_over(None, "parse", variables=OTHERS)
    assert parsed.success, failures(parsed)
    assert contents(parsed.result) == contents(parsed_project())
    # and the same again is not parsed again
    assert empty.dbt_over(None, "parse", variables=OTHERS).success
    told = json.loads((empty.folder / "target" / "perf_info.json").read_text("utf-8"))
    assert told["path_count"] > 500 and told["parsed_path_count"] == 0


def contents(manifest: Any) -> dict[str, dict[str, Any]]:
    """All that a manifest tells but when it was written."""
    told = manifest.writable_manifest().to_dict()
    kinds = ("nodes", "sources", "macros", "exposures", "unit_tests", "disabled")
    found = {kind: told[kind] for kind in (*kinds, "parent_map", "child_map")}
    assert len(found["nodes"]) > 150 and found["sources"] and found["macros"]
    for kind in kinds:
        for one in found[kind].values():
            one.pop("created_at", None)
    return found
