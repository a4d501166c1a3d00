"""What the shop never gave is unknown: no 0, no segment, nobody new in an audience."""

from __future__ import annotations

import csv
import json
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest

from customer_segments.exporting import export_audiences
from customer_segments.missing import what_to_load
from customer_segments.pages import segment_pages
from customer_segments.rules import preview_segment
from customer_segments.why import main as why
from tests.python.compiler import Compiler, only
from tests.python.test_rules import segment
from tests.python.warehouse import AS_OF, UNTESTED, Warehouse, failures

DAY_AFTER = "2026-07-01"
CARTS = "hesitating"
AUDIENCE = "hesitating_cart_coupon"
PEOPLE = ("ann", "bob", "cho", "dan", "eve")


def shop(wishing: tuple[str, ...] = ()) -> dict[str, str]:
    """Five customers who left a cart; some of them opt out at noon of the day after."""
    consents = "customer_id,channel,purpose,status,changed_at\n" + "".join(
        f"{who},push,ad,granted,2026-01-02T00:00:00Z\n" for who in PEOPLE
    )
    consents += "".join(
        f"{who},push,ad,withdrawn,{DAY_AFTER}T03:00:00Z\n" for who in wishing
    )
    return {
        "customers": "customer_id,created_at,push_token,push_enabled,gender\n"
        + "".join(f"{who},2026-01-01T00:00:00Z,token-{who},true,\n" for who in PEOPLE),
        "orders": "order_id,customer_id,ordered_at,status,gross_amount\n"
        + "".join(f"o-{who},{who},2026-03-01T00:00:00Z,paid,1000\n" for who in PEOPLE),
        "consents": consents,
    }


EVENTS = "event_id,customer_id,event_name,occurred_at,product_id\n" + "".join(
    f"e-{who},{who},cart_add,2026-06-28T03:00:00Z,p1\n" for who in PEOPLE
)


@dataclass
class Morning:
    """A shop, its warehouse, and what was there after the first day."""

    warehouse: Warehouse
    file: list[str] = field(default_factory=list)
    members: list[tuple[Any, ...]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    said: str = ""

    @property
    def out(self) -> Path:
        """Where audiences go."""
        return self.warehouse.folder / "audiences"

    def export(self) -> None:
        """Export everything, and remember the code and what was said."""
        self.warehouse.vouch()
        said = StringIO()
        with redirect_stdout(said):
            self.codes.append(
                export_audiences.main(
                    [
                        *("run", "--database", str(self.warehouse.database)),
                        *("--out", str(self.out), "--max-age-days", "any"),
                        *("--format", "json"),
                    ]
                )
            )
        self.said = said.getvalue()

    def exported(self) -> list[str]:
        """Who is in the file of the audience."""
        with (self.out / f"{AUDIENCE}.csv").open(encoding="utf-8-sig") as file:
            return sorted(row["customer_id"] for row in csv.DictReader(file))

    def who(self) -> list[tuple[Any, ...]]:
        """Who is in the segment, since when, and whether that is known."""
        return self.warehouse.query(
            "select customer_id, entered_on::varchar, is_stale from segment_members"
            f" where segment = '{CARTS}' order by 1"
        )


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """A day with events; on the next one they are gone, and one more has opted out."""
    warehouse = Warehouse(tmp_path_factory.mktemp("missing"))
    warehouse.write({**shop(), "events": EVENTS})
    warehouse.load("--time-zone", "UTC")
    warehouse.build(AS_OF, *UNTESTED)
    made = Morning(warehouse)
    made.export()
    made.file, made.members = made.exported(), made.who()
    for path in (warehouse.landing / "events").glob("*.parquet"):
        path.unlink()
    (warehouse.raw / "events" / "rows.csv").unlink()
    warehouse.write(shop(wishing=("bob",)))
    warehouse.load("--time-zone", "UTC", loaded_at="2026-07-02T00:00:00+00:00")
    warehouse.build(DAY_AFTER, variables={"accept_missing": 2})
    made.export()
    return made


def test_what_the_shop_gave_is_told(morning: Morning) -> None:
    told = morning.warehouse.query(
        "select source, is_present, row_count, first_on::varchar, last_on::varchar"
        " from data_sources where source in ('orders', 'events', 'customers.gender',"
        " 'customers.push_token', 'orders.discount_amount') order by source"
    )
    assert told == [
        ("customers.gender", False, 0, None, None),
        ("customers.push_token", True, 5, "2026-01-01", "2026-01-01"),
        ("events", False, 0, None, None),
        ("orders", True, 5, "2026-03-01", "2026-03-01"),
        ("orders.discount_amount", False, 0, None, None),
    ]


def test_a_trait_without_its_source_is_unknown(morning: Morning) -> None:
    """And money without discounts is known: who tells of none gave none."""
    assert morning.warehouse.query(
        "select distinct gender, open_cart_items, is_power_user, messages_opened_90,"
        " discounted_order_count, order_count, net_revenue, activity_state"
        " from customers"
    ) == [(None, None, None, None, None, 1, 1000, "dormant")]
    assert morning.warehouse.query(
        "select distinct engaged_minutes, opened_message_count, order_count is null"
        f" from segment_kpis where as_of_date = '{DAY_AFTER}'"
    ) == [(None, None, False)]


def test_a_segment_without_data_has_no_size_and_keeps_its_members(
    morning: Morning,
) -> None:
    warehouse = morning.warehouse
    assert [row[0] for row in morning.members] == sorted(PEOPLE)
    assert morning.who() == [(who, None, True) for who in sorted(PEOPLE)]
    assert warehouse.query(
        'select customer_count, entered, "left" from segment_sizes'
        f" where segment = '{CARTS}' order by as_of_date"
    ) == [
        (5, 5, 0),
        (None, None, None),
    ]
    assert warehouse.query(
        "select data_state, missing_data, customer_count from segments"
        f" where segment in ('{CARTS}', 'gender_unknown', 'one_purchase')"
        " order by segment"
    ) == [
        ("no_data", "customers.gender", None),
        ("no_data", "events", None),
        ("known", None, 5),
    ]
    assert warehouse.query(
        f"select met_count, remaining_count from segment_waterfall"
        f" where segment = '{CARTS}'"
    ) == [(None, None), (None, None)]


def test_an_audience_without_data_lets_only_wishes_change_it(morning: Morning) -> None:
    """Others are exported, and the command ends with 3 and says what to load."""
    assert morning.codes == [3, 3]
    assert "bob" in morning.file and len(morning.file) > 2
    assert morning.exported() == [who for who in morning.file if who != "bob"]
    told = json.loads(morning.said)
    assert [line for line in told["stopped"] if line.startswith(AUDIENCE)] == [
        f"{AUDIENCE}: stopped, since a segment that it names has no data:"
        f" {CARTS} (events). Nobody was added, and nobody removed but by their own"
        " wish. Load it, or take the segment out of"
        " models/marts/audiences/audience_definitions.yml; then run dbt build."
    ]
    syncs = morning.warehouse.query(
        "select customer_id, change_type from audience_syncs"
        f" where audience = '{AUDIENCE}' order by customer_id"
    )
    assert dict(syncs) == {
        who: "removed" if who == "bob" else "unchanged" for who in morning.file
    }


def test_every_place_that_shows_it_says_what_to_load(
    morning: Morning, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = ("--database", str(morning.warehouse.database))
    assert segment_pages.main([*database, "--out", str(tmp_path)]) == 0
    page = (tmp_path / f"segment-{CARTS}.html").read_text("utf-8")
    index = (tmp_path / "index.html").read_text("utf-8")
    for shown in (page, index):
        assert "No data: load events." in shown
        assert "데이터 없음: events 데이터를 불러오세요." in shown
    capsys.readouterr()
    assert why([*database, "ann"]) == 0
    said = [
        line.split() for line in capsys.readouterr().out.splitlines() if CARTS in line
    ]
    assert ["hesitating", "Hesitating", "No", "data:", "load", "events."] in said
    rule = tmp_path / "rule.yml"
    rule.write_text(json.dumps(segment({"all": [{"trait": "gender", "is": "male"}]})))
    assert preview_segment.main([*database, "--lang", "ko", str(rule)]) == 0
    said_of_rule = capsys.readouterr().out
    assert "데이터 없음: customers.gender 데이터를 불러오세요." in said_of_rule
    assert "0명" not in said_of_rule


def test_what_to_load_reads_in_both_languages() -> None:
    missing = "events or orders, orders from 2026-01-01 on"
    assert what_to_load(missing, "en") == f"No data: load {missing}."
    assert what_to_load(missing, "ko") == (
        "데이터 없음: events 또는 orders, orders(2026-01-01부터) 데이터를 불러오세요."
    )


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        ({"trait": "order_count", "at_least": 1}, "orders"),
        ({"event": "search", "within_days": 30, "at_least": 2}, "events"),
        ({"event": "search", "within_days": 30, "never": True}, "events events:30"),
        ({"event": "search", "within_days": 30, "at_most": 3}, "events events:30"),
        ({"event": "purchase", "never": True}, "orders"),
        (
            {"event": "purchase", "between_days": [10, 19], "below": 1},
            "orders orders:20",
        ),
        ({"none": [{"event": "search", "within_days": 7}]}, "events events:7"),
        ({"none": [{"event": "search", "within_days": 7, "never": True}]}, "events"),
        ({"trait": "is_power_user", "is": True}, "events"),
        ({"trait": "is_power_user", "is": False}, "events events:28"),
        ({"trait": "active_days_28", "between": [1, 2]}, "events events:28"),
        ({"trait": "net_revenue_90", "above": 0}, "orders"),
        ({"event": "review", "where": {"rating": [1]}}, "events events.properties"),
        (
            {"event": "purchase", "where": {"category": "food"}},
            "orders products.category",
        ),
        ({"activity": "dormant"}, "events or orders"),
        ({"rank": {"by": "net_revenue", "top": 9}}, "orders"),
        ({"sequence": ["search", "purchase"]}, "events orders"),
        (
            {"any": [{"trait": "gender", "is": "male"}, {"event": "purchase"}]},
            "customers.gender orders",
        ),
        ({"trait": "days_since_sign_up", "at_most": 3}, ""),
    ],
)
def test_a_rule_needs_what_it_asks_for(
    compiler: Compiler, rule: dict[str, Any], needs: str
) -> None:
    """Where it asks what was not done, the source must be as old as the window."""
    compiler.sql("int_segment_definitions", only([segment({"all": [rule]})]))
    [tried] = [
        one for one in compiler.call("resolved_segments") if one["name"] == "tried"
    ]
    assert " ".join(compiler.call("rule_needs", rule=tried["rule"])) == needs


@pytest.mark.parametrize(
    ("first_on", "state"), [("2026-06-01", "known"), ("2026-06-02", "no_data")]
)
def test_a_window_must_not_reach_before_the_beginning(
    compiler: Compiler, first_on: str, state: str
) -> None:
    """Thirty days that end with the as-of day."""
    rule = {"event": "search", "within_days": 30, "never": True}
    meta = only([segment({"all": [rule]})])
    with compiler.tables() as connection:
        connection.execute(
            f"update {compiler.relation('data_sources')} set first_on = ?", [first_on]
        )
        found = connection.execute(
            "select data_state, missing_data from"
            f" ({compiler.sql('int_segment_definitions', meta)})"
            " where segment = 'tried'"
        ).fetchall()
    missing = None if state == "known" else "events from 2026-06-01 on"
    assert found == [(state, missing)]


def test_a_table_that_had_rows_and_is_empty_stops_the_build(empty: Warehouse) -> None:
    empty.write(shop())
    empty.load("--time-zone", "UTC")
    chosen = ("--select", "+data_sources", *UNTESTED)
    given = {"as_of_date": AS_OF, "raw_tables": {"events": "build.main.events"}}
    with duckdb.connect(str(empty.database)) as connection:
        connection.execute(
            "create table events as select 'e' as event_id, 'ann' as customer_id,"
            " 'search' as event_name, timestamp '2026-06-01' as occurred_at"
        )
    empty.build(AS_OF, *chosen, variables=given)
    with duckdb.connect(str(empty.database)) as connection:
        connection.execute("delete from events")
    result = empty.dbt("build", *chosen, variables=given)
    assert not result.success
    assert "A source had rows and is gone: events (1 rows)" in failures(result)
    empty.build(AS_OF, *chosen, variables={**given, "accept_missing": 2})
