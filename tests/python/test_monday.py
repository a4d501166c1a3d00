"""The Monday questions run as they are; each answer agrees with the rows below it."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from customer_segments import monday
from tests.python.warehouse import AS_OF, HISTORY, Warehouse

TODAY = date.fromisoformat(AS_OF)
BEFORE = date.fromisoformat(HISTORY[-2])
LAST_WEEK = {TODAY - timedelta(days=ago) for ago in range(7)}
WEEK_BEFORE = {day - timedelta(days=7) for day in LAST_WEEK}
COLUMNS = {
    "monday_01_sales": "week_start order_count sales_amount refunded_amount net_revenue"
    " week_end net_revenue_change",
    "monday_02_sign_ups": "signup_channel sign_up_count sign_up_count_week_before"
    " buyer_count buyer_share",
    "monday_03_stage_moves": "previous_stage purchase_stage customer_count",
    "monday_04_about_to_slip": "customer_id slips_on rfm_segment days_since_last_order"
    " order_count net_revenue favourite_category is_reachable_by_email"
    " is_reachable_by_sms is_reachable_by_push",
    "monday_05_segment_sizes": "segment label_en label_ko customer_count_week_before"
    " entered_count left_count missing_data customer_count customer_count_change",
    "monday_06_out_of_reach": "channel customer_count reachable_count no_consent_count"
    " no_identifier_count invalid_identifier_count suppressed_count",
    "monday_07_open_carts": "cart_age customer_count reachable_count product_count"
    " open_cart_amount",
    "monday_08_opt_outs": "channel withdrawn_count withdrawn_count_week_before"
    " by_message by_vendor_list granted_count",
    "monday_09_best_sellers": "age_band place product_id product_name category"
    " piece_count sales_amount",
    "monday_10_quarantine": "raw_table reason row_count what_en what_ko",
    "monday_11_wishes_due": "what channel purpose customer_count overdue_count"
    " first_due_on",
    "monday_12_late_thresholds": "buyer_class purchase_stage before_en before_ko"
    " now_en now_ko customer_count moved_count",
}

Row = dict[str, Any]


@pytest.fixture(scope="module")
def answers(history: Warehouse) -> dict[str, list[Row]]:
    """Rows of each answer, by the name of the question."""
    found = {}
    with duckdb.connect(str(history.database), read_only=True) as connection:
        for question in monday.questions():
            columns, rows = monday.answer(connection, question)
            assert columns == COLUMNS[question.name].split(), question.name
            found[question.name] = [
                dict(zip(columns, row, strict=True)) for row in rows
            ]
    return found


def summed(rows: Iterable[Row], column: str) -> Any:
    """The sum of a column."""
    return sum(row[column] for row in rows)


def test_every_question_is_asked_in_both_languages_and_answered(
    answers: dict[str, list[Row]],
) -> None:
    assert list(answers) == sorted(COLUMNS)
    assert [name for name, rows in answers.items() if not rows] == []
    for question in monday.questions():
        assert {text[-1] for text in question.asked.values()} == {"?"}
        assert set(question.asked) == {"en", "ko"}
        assert "{{" not in question.sql and ";" not in question.sql


def test_sales_are_those_of_the_orders(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    orders = history.query(
        "select ordered_on, gross_amount - discount_amount from orders where is_revenue"
    )
    for row, days in zip(
        answers["monday_01_sales"], (LAST_WEEK, WEEK_BEFORE), strict=True
    ):
        sales = [amount for day, amount in orders if day in days]
        assert (row["week_start"], row["week_end"]) == (min(days), max(days))
        assert (row["order_count"], row["sales_amount"]) == (len(sales), sum(sales))
    last, before = (row["net_revenue"] for row in answers["monday_01_sales"])
    (change, _) = (row["net_revenue_change"] for row in answers["monday_01_sales"])
    assert change == pytest.approx(float(last / before) - 1, abs=0.001)


def test_sign_ups_are_those_of_the_profiles(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    people = history.query(
        "select signup_channel, signed_up_on, customer_id from customers"
        " where not is_test"
    )
    buyers = {
        who for (who,) in history.query("select customer_id from orders where is_valid")
    }
    new = [(channel, who) for channel, day, who in people if day in LAST_WEEK]
    expected = Counter(channel for channel, _ in new)
    found = {
        row["signup_channel"]: row["sign_up_count"]
        for row in answers["monday_02_sign_ups"]
        if row["sign_up_count"]
    }
    assert found == dict(expected) != {}
    assert summed(answers["monday_02_sign_ups"], "buyer_count") == len(
        [who for _, who in new if who in buyers]
    )
    assert summed(answers["monday_02_sign_ups"], "sign_up_count_week_before") == len(
        [day for _, day, _ in people if day in WEEK_BEFORE]
    )


def test_moves_are_the_differences_between_days(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    spells = defaultdict(list)
    for who, stage, since in history.query(
        "select customer_id, purchase_stage, valid_from from purchase_stage_spells"
    ):
        spells[who].append((since, stage))
    expected: Counter[tuple[str, str]] = Counter()
    for own in spells.values():
        stages = sorted(own)
        for (_, before), (since, stage) in pairwise(stages):
            if since in LAST_WEEK:
                expected[before, stage] += 1
    assert {
        (row["previous_stage"], row["purchase_stage"]): row["customer_count"]
        for row in answers["monday_03_stage_moves"]
    } == dict(expected)


def test_who_is_about_to_slip_has_a_deadline_within_a_week(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    expected = {
        who
        for who, slips_on, bought_on, gap in history.query(
            "select customer_id, max_by(at_risk_on, purchased_on),"
            " max(purchased_on), max_by(expected_gap_days, purchased_on)"
            " from main_intermediate.int_purchase_deadlines"
            " inner join customer_rfm using (customer_id)"
            " inner join customers using (customer_id)"
            " where customer_rfm.monetary_score in (4, 5) and age_band <> 'under_14'"
            " group by customer_id"
        )
        if slips_on and TODAY < slips_on <= TODAY + timedelta(days=7)
        if (TODAY - bought_on).days > gap
    }
    found = answers["monday_04_about_to_slip"]
    assert {row["customer_id"] for row in found} == expected
    assert found == sorted(found, key=lambda row: -row["net_revenue"])


def test_who_bought_within_the_usual_gap_is_not_about_to_slip(
    history: Warehouse, answers: dict[str, list[Row]], tmp_path: Path
) -> None:
    """Whatever the thresholds say: who is expected today is on time."""
    first, second = (
        row["customer_id"] for row in answers["monday_04_about_to_slip"][:2]
    )
    database = tmp_path / "build.duckdb"
    shutil.copy(history.database, database)
    [question] = [one for one in monday.questions() if "about_to_slip" in one.name]
    with duckdb.connect(str(database)) as connection:
        for who, days in ((first, 0), (second, -1)):
            connection.execute(
                f"update customers set days_to_expected_order = {days}"
                f" where customer_id = '{who}'"
            )
        _, rows = monday.answer(connection, question)
    listed = {row[0] for row in rows}
    assert first not in listed and second in listed


def test_segments_grew_from_the_members_of_the_run_before(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    members = Counter(
        segment for (segment,) in history.query("select segment from segment_members")
    )
    log = history.query(
        "select segment, change, changed_on from segment_membership_log"
    )
    before: Counter[str] = Counter()
    for segment, change, day in log:
        if day <= BEFORE:
            before[segment] += 1 if change == "entered" else -1
    moved = 0
    for row in answers["monday_05_segment_sizes"]:
        now, then = members[row["segment"]], before[row["segment"]]
        assert row["customer_count"] == now
        assert row["customer_count_week_before"] == then
        assert row["customer_count_change"] == now - then
        assert row["entered_count"] - row["left_count"] == now - then
        moved += row["left_count"]
    assert moved > 0


def test_who_is_out_of_reach_adds_up_and_agrees_with_the_profiles(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    ((people,),) = history.query("select count(*) from customers where not is_test")
    for row in answers["monday_06_out_of_reach"]:
        reasons = [
            value for name, value in row.items() if name.startswith(("no_", "in", "su"))
        ]
        assert row["reachable_count"] + sum(reasons) == row["customer_count"] == people
        if row["channel"] != "ads":
            ((reachable,),) = history.query(
                f"select count(*) from customers where is_reachable_by_{row['channel']}"
            )
            assert row["reachable_count"] == reachable


def test_the_money_in_carts_is_that_of_the_products_in_them(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    prices: dict[str, Decimal] = {}
    for product, price in history.query(
        "select product_id, price from main_staging.stg_product_prices"
        " where row_state = 'kept' order by valid_from"
    ):
        prices[product] = price
    carts = history.query(
        "select customer_id, product_id, pieces_in_cart from customer_products"
        " inner join customers using (customer_id)"
        " where is_in_cart and not is_test"
    )
    found = answers["monday_07_open_carts"]
    assert summed(found, "open_cart_amount") == sum(
        prices.get(product, Decimal(0)) * pieces for _, product, pieces in carts
    )
    assert summed(found, "product_count") == len(carts) > 0
    assert summed(found, "customer_count") == len({who for who, _, _ in carts})


def test_opt_outs_are_wishes_of_last_week_whatever_the_road(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    """Declarations and opt-outs in messages; lists of vendors may add to them."""
    last: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    for who, channel, status, at in history.query(
        "select customer_id, channel, status, coalesce(changed_at, c.loaded_at)"
        " from main_staging.stg_consents as c inner join customers using (customer_id)"
        " where row_state = 'kept' and purpose = 'ad' and not is_test"
        " union all"
        " select customer_id, channel, 'withdrawn', unsubscribed_at"
        " from main_staging.stg_campaign_messages"
        " inner join customers using (customer_id)"
        " where row_state = 'kept' and unsubscribed_at is not null and not is_test"
    ):
        known = last[who, channel]
        known[status] = max(at, known.get(status, at))
    expected: Counter[str] = Counter()
    for (_, channel), known in last.items():
        at = known.get("withdrawn", datetime.min)
        if at >= known.get("granted", datetime.min) and at != datetime.min:
            day = at.replace(tzinfo=UTC).astimezone(ZoneInfo("Asia/Seoul")).date()
            expected[channel] += min(day, TODAY) in LAST_WEEK
    assert sum(expected.values()) > 5
    for row in answers["monday_08_opt_outs"]:
        of_lists = row["by_vendor_list"]
        told = row["withdrawn_count"]
        assert told - of_lists <= expected[row["channel"]] <= told


def test_stages_that_moved_by_thresholds_alone_add_up(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    stages = history.query(
        "select purchase_stage, count(*) from customers"
        " where purchase_stage <> 'prospect' group by 1 order by 1"
    )
    assert (
        history.query(
            "select stage_now, sum(customer_count) from stage_recalibration"
            " group by 1 order by 1"
        )
        == stages
    )
    late = dict(stages).get("at_risk", 0) + dict(stages).get("churned", 0)
    assert summed(answers["monday_12_late_thresholds"], "customer_count") == late > 0


def test_wishes_that_are_due_are_those_of_both_lists(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    ((due,),) = history.query(
        "select (select count(*) from consent_renotifications)"
        " + (select count(*) from consent_change_notices)"
    )
    assert summed(answers["monday_11_wishes_due"], "customer_count") == due > 0


def test_best_sellers_are_those_of_most_pieces(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    pieces: dict[str, Counter[str]] = defaultdict(Counter)
    for band, product, quantity, day in history.query(
        "select age_band, product_id, quantity, ordered_on"
        " from main_staging.stg_order_items"
        " inner join orders using (order_id) inner join customers using (customer_id)"
        " where row_state = 'kept' and is_valid and product_id is not null"
    ):
        if day in LAST_WEEK:
            pieces[band][product] += quantity
    found = answers["monday_09_best_sellers"]
    assert {row["age_band"] for row in found} == set(pieces)
    for band, counted in pieces.items():
        best = [row["piece_count"] for row in found if row["age_band"] == band]
        assert best == sorted(counted.values(), reverse=True)[:3]


def test_quarantine_counts_every_row_of_the_only_load(
    history: Warehouse, answers: dict[str, list[Row]]
) -> None:
    expected = Counter(history.query("select raw_table, reason from quarantined_rows"))
    assert {
        (row["raw_table"], row["reason"]): row["row_count"]
        for row in answers["monday_10_quarantine"]
    } == dict(expected)


def test_the_answers_are_printed_with_their_questions(
    history: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert monday.main(["--database", str(history.database), "--rows", "2"]) == 0
    printed = capsys.readouterr().out
    for question in monday.questions():
        assert question.asked["en"] in printed
    assert not any("가" <= letter <= "힣" for letter in printed.split("9. ")[0])


def test_in_korean_everything_is_korean_and_counted(
    history: Warehouse,
    answers: dict[str, list[Row]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Headings, values and units; what a list leaves out is counted all the same."""
    options = ("--database", str(history.database), "--rows", "2", "--lang", "ko")
    assert monday.main(options) == 0
    printed = capsys.readouterr().out
    parts = printed.split("\n\n")
    for question, part in zip(monday.questions(), parts[1:], strict=True):
        assert question.asked["ko"] in part
        rows = answers[question.name]
        if len(rows) > 2:
            assert f"{len(rows):,}행 중 2행 표시" in part
    slipping = answers["monday_04_about_to_slip"]
    assert f"고객 {len(slipping)}명\n" in f"{parts[4]}\n" and slipping
    sales = answers["monday_01_sales"][0]
    assert f"{sales['sales_amount']:,.0f}원" in parts[1]
    assert f"{100 * sales['net_revenue_change']:+.1f} %" in parts[1]
    moved = summed(answers["monday_03_stage_moves"], "customer_count")
    assert f"단계 변경 {moved:,}건" in parts[3]
    # what the shop named itself is no word of ours
    codes = re.compile(
        r"\b(at_risk|existing|prospect|email|push|loyal|ad|confirm|true|yes|None)\b"
    )
    shown = [part.partition("analyses/")[0] for part in (*parts[3:5], *parts[6:9])]
    assert [codes.findall(part) for part in (*shown, *parts[11:])] == [[]] * 7


def test_without_a_warehouse_it_says_what_to_run(
    empty: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    assert monday.main(["--database", str(empty.database)]) == 2
    assert "run make demo or dbt build" in capsys.readouterr().err
    duckdb.connect(str(empty.database)).close()
    assert monday.main(["--database", str(empty.database)]) == 2
    assert "Run dbt build first" in capsys.readouterr().err
