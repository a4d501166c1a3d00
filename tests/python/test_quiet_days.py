"""A day that is not all there stops the build before anybody is aged by it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from customer_segments.holiday_seed import UnknownRegion, holidays_of, seed_text
from customer_segments.quiet_days import (
    History,
    chance_of_so_few,
    judged_day,
)
from tests.python.warehouse import AS_OF, ROOT, UNTESTED, Warehouse, failures

DAY = date(2026, 6, 30)
WEEKDAYS = (60, 62, 58, 60, 70, 40, 0)


def ago(days: int) -> date:
    """So many days before the day that is judged."""
    return DAY - timedelta(days=days)


def shop(
    level: Callable[[date], float], days: int = 400, spread: float = 0.1
) -> dict[date, int]:
    """Counts up to the day before, around what is usual."""
    drawn = random.Random(1)
    counts = {
        past: round(max(0.0, drawn.gauss(1, spread)) * level(past))
        for past in map(ago, range(days, 0, -1))
    }
    return {past: count for past, count in counts.items() if count}


def by_weekday(past: date) -> float:
    """A shop that is closed on Sundays and strong on Fridays."""
    return WEEKDAYS[past.weekday()]


def judged(
    counts: dict[date, int],
    today: int,
    holidays: frozenset[date] = frozenset(),
    accepted: frozenset[date] = frozenset(),
) -> str:
    """`missing`, `odd` or `usual` with so many rows on the day."""
    history = History({**counts, DAY: today}, holidays, accepted, 12, 2)
    judgement = history.judged(DAY)
    assert judgement is not None
    return "missing" if judgement.missing else "odd" if judgement.is_odd else "usual"


@pytest.mark.parametrize(
    ("today", "state"),
    [(0, "missing"), (18, "missing"), (40, "odd"), (52, "usual"), (200, "usual")],
)
def test_a_count_is_held_against_its_weekday(today: int, state: str) -> None:
    """A Tuesday of about 62, of which a tenth is usual up and down."""
    assert judged(shop(by_weekday), today) == state


def test_a_closed_weekday_is_no_missing_day() -> None:
    closed = ago(2)
    assert closed.weekday() == 6
    history = History(shop(by_weekday), frozenset(), frozenset(), 12, 2)
    judgement = history.judged(closed)
    assert judgement is not None and not judgement.missing


def test_a_table_is_not_judged_in_its_first_four_weeks() -> None:
    for days, is_judged in ((27, False), (28, True)):
        history = History(
            shop(lambda _: 60, days=days), frozenset(), frozenset(), 12, 2
        )
        assert (history.judged(DAY) is not None) == is_judged


def test_a_small_shop_may_sell_nothing_on_a_tuesday() -> None:
    """And not for longer than ever before, when that is no chance either."""
    counts = {ago(days): 1 for days in range(1, 400) if days % 3}
    assert judged(counts, 0) == "usual"
    for run, state in ((4, "usual"), (14, "missing")):
        thin = {past: n for past, n in counts.items() if past < ago(run)}
        assert judged(thin, 0) == state


def test_an_export_that_ended_long_ago_is_missing() -> None:
    """However few rows it had, and though the weeks before hold none any more."""
    for spacing in (1, 12):
        ended = {ago(days): 2 for days in range(150, 330, spacing)}
        assert judged(ended, 0) == "missing"
        assert judged(ended, 0, accepted=frozenset({ago(7)})) != "missing"


def test_holidays_are_held_against_holidays() -> None:
    """A shop that sells a tenth on them; on another day that is a file cut short."""
    holidays = frozenset(ago(30 * n) for n in range(13))
    counts = shop(lambda past: 6 if past in holidays else 60)
    assert judged(counts, 6, holidays) == "usual"
    assert judged(counts, 6) == "missing"


def test_the_first_holidays_are_not_taken_for_missing_days() -> None:
    assert judged(shop(lambda _: 60), 20, frozenset({DAY})) == "usual"


def test_a_missing_day_does_not_become_usual() -> None:
    """Nor does the next one; where somebody accepted it, it may go on for a week."""
    counts = shop(lambda _: 60)
    lost = {past: n for past, n in counts.items() if past not in map(ago, (7, 14, 21))}
    assert judged(lost, 3) == "missing"
    yesterday = {past: n for past, n in counts.items() if past != ago(1)}
    assert judged(yesterday, 0) == "missing"
    assert judged(yesterday, 0, accepted=frozenset({ago(1)})) != "missing"
    closed = {past: n for past, n in counts.items() if past < ago(7)}
    assert judged(closed, 0, accepted=frozenset({ago(7)})) != "missing"
    assert judged(closed, 0, accepted=frozenset({ago(8)})) == "missing"


def test_a_shop_that_shrinks_is_believed() -> None:
    """Down by half over the last two weeks, each day a little."""
    counts = shop(lambda past: 60 * min(1.0, 0.5 + (DAY - past).days / 28))
    assert judged(counts, 28) != "missing"


@pytest.mark.parametrize(
    ("count", "level", "dispersion", "chance"),
    [
        # of a Poisson nearly: exp(-2), and 5 exp(-2)
        (0, 2, 1e-9, 0.1353352832),
        (2, 2, 1e-9, 0.6766764162),
        # geometric with p = 1/3: 1/3, and 1 - (2/3)^3
        (0, 2, 1, 1 / 3),
        (2, 2, 1, 1 - (2 / 3) ** 3),
        (5, 0, 0.1, 1),
    ],
)
def test_the_chance_is_that_of_the_distribution(
    count: int, level: float, dispersion: float, chance: float
) -> None:
    assert chance_of_so_few(count, level, dispersion) == pytest.approx(chance, rel=1e-6)


def said(
    counts: dict[date, int], capsys: pytest.CaptureFixture[str]
) -> tuple[str, str]:
    """What stops a build, and what is only told."""
    stops = judged_day(
        *("orders", list(counts), list(counts.values()), DAY, [], [], 12, 2.0)
    )
    return stops, capsys.readouterr().out


def test_the_message_says_what_was_expected_and_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message, told = said(shop(by_weekday), capsys)
    for part in (
        *("orders: 2026-06-30 has 0 rows, and about 6", "are usual on such a day"),
        "So small a share of what is usual came on 0 of 372 days before",
        "less than once in 2 years",
        *("before it that has rows is 2026-06-29", "AS_OF_DATE=2026-06-29 dbt build"),
        *("Load the missing file", "dbt build --vars '{accept_quiet_day: true}'"),
    ):
        assert part in message, message
    assert told == ""


def test_days_in_a_row_are_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    thin = {ago(days): 1 for days in range(20, 400) if days % 3}
    message, _ = said(thin, capsys)
    assert "and so have 20 days in a row, of which there were 1 at most" in message


def test_a_day_that_is_only_odd_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    message, told = said({**shop(by_weekday), DAY: 40}, capsys)
    assert message == ""
    assert told.startswith("Look twice. orders: 2026-06-30 has 40 rows, and about 6")


def test_a_table_without_rows_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert said({}, capsys) == ("", "")
    assert said({DAY + timedelta(days=1): 5}, capsys) == ("", "")


@pytest.fixture
def shop_without_today(empty: Warehouse) -> Warehouse:
    """A shop with an order a day up to the day before, and no events at all."""
    raw = {
        "customers": "customer_id,created_at\nanna,2026-01-01T00:00:00Z\n",
        "orders": "order_id,customer_id,ordered_at,status,gross_amount\n"
        + "".join(
            f"o{day}-{n},anna,{day}T03:00:00Z,paid,1000\n"
            for day in map(ago, range(1, 60))
            for n in range(20)
        ),
    }
    empty.write(raw)
    empty.load()
    return empty


def test_nobody_is_aged_by_a_missing_day(shop_without_today: Warehouse) -> None:
    """The build says why it stops, and nothing is recorded; accepted, it goes on."""
    shop = shop_without_today
    strict = {"as_of_date": AS_OF, "accept_quiet_day": False}
    result = shop.dbt("build", "--select", "+segment_records", variables=strict)
    assert not result.success
    assert "orders: 2026-06-30 has 0 rows, and about 20 are usual" in failures(result)
    assert "events:" not in failures(result)
    built = "select * from information_schema.tables where table_schema = 'main'"
    downstream = "table_name in ('segment_records', 'customers')"
    assert shop.query(f"{built} and {downstream}") == []
    guarded = ("--select", "+stg_orders", "--indirect-selection", "buildable")
    shop.build(AS_OF, "--select", "+customers", *UNTESTED)
    assert shop.query("select days_since_last_order from customers") == [(1,)]
    assert shop.query("select * from landing.accepted_days") == [(DAY,)]
    yesterday = (DAY - timedelta(days=1)).isoformat()
    shop.build(yesterday, *guarded, variables={"accept_quiet_day": False})
    after = {"as_of_date": (DAY + timedelta(days=1)).isoformat()}
    shop.build(AS_OF, *guarded, variables={**after, "accept_quiet_day": False})


def test_the_seed_is_what_the_package_knows() -> None:
    seed = (ROOT / "seeds" / "holidays.csv").read_text("utf-8")
    assert seed == seed_text("KR")
    assert {day for _, day, _, name in holidays_of("KR") if name == "설날"} >= {
        date(2025, 1, 29),
        date(2026, 2, 17),
        date(2027, 2, 7),
    }


def test_a_country_has_its_own_holidays_beside_those_of_korea() -> None:
    text = seed_text("DE", "BY")
    assert text.startswith(seed_text("KR"))
    assert "DE,2026-01-06,Epiphany," in text
    assert "DE,2026-01-06" not in seed_text("DE")
    assert seed_text("XX") == seed_text("KR")
    with pytest.raises(UnknownRegion, match=r"no region of DE .* BB, BE, BW, BY"):
        seed_text("DE", "XX")


def test_the_calendar_is_that_of_python(empty: Warehouse) -> None:
    """Weeks by ISO 8601, paypaydays that would be days off come before."""
    empty.build(AS_OF, "--select", "calendar", "holidays", *UNTESTED)
    days = empty.query(
        "select day, iso_year, iso_week, iso_weekday, week_start, month_start,"
        " is_weekend, is_payday, korean_holiday_ko from calendar order by day"
    )
    assert (days[0][0], days[-1][0]) == (date(1995, 1, 1), date(2027, 12, 31))
    off = {day for _, day, _, _ in holidays_of("KR")}
    for day, *iso, week, month, is_weekend, is_payday, name in days:
        assert tuple(iso) == day.isocalendar()
        assert week == day - timedelta(days=day.weekday())
        assert month == day.replace(day=1)
        assert is_weekend == (day.weekday() > 4)
        assert (name is not None) == (day in off)
        working = [
            day.replace(day=n)
            for n in range(1, 26)
            if day.replace(day=n).weekday() < 5 and day.replace(day=n) not in off
        ]
        assert is_payday == (day == working[-1])
