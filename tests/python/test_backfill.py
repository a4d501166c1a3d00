"""Which past days are recorded, in which order, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from customer_segments import backfill
from customer_segments.backfill import Recorded, chosen_days, parse_arguments, schedule

TODAY = date(2026, 6, 30)


def ago(days: int) -> date:
    """A day before today."""
    return TODAY - timedelta(days=days)


def chosen(recorded: Recorded, *options: str) -> list[int]:
    """How many days before today each day to record is."""
    days = chosen_days(parse_arguments(options), TODAY, recorded)
    return [(TODAY - day).days for day in days]


def test_the_last_days_are_recorded_each_and_one_in_seven_before() -> None:
    """With today fourteen days, and thirteen weeks to the ninetieth day."""
    ages = [(TODAY - day).days for day in schedule(ago(90), ago(1), TODAY)]
    assert ages == [*range(90, 13, -7), *range(13, 0, -1)]
    assert chosen(Recorded((), ())) == ages


def test_a_run_that_was_cut_short_goes_on_where_it_stopped() -> None:
    """What an ordinary run recorded stays: days end before the first of it."""
    assert chosen(Recorded((TODAY,), (ago(90), ago(83)))) == [
        *range(76, 13, -7),
        *range(13, 0, -1),
    ]
    assert chosen(Recorded((ago(10), TODAY), ()), "--daily", "90")[-1] == 11


def test_days_that_are_recorded_are_restated_only_if_that_is_said() -> None:
    """With the recorded days after them, which would be out of force else."""
    recorded = Recorded((ago(10), ago(3), TODAY), (ago(20),))
    with pytest.raises(ValueError, match=r"2026-06-20 on are recorded.*--restate"):
        chosen(recorded, "--to", str(ago(10)))
    assert chosen(recorded, "--to", str(ago(11)), "--from", str(ago(12))) == [12, 11]
    options = ("--from", str(ago(12)), "--to", str(ago(9)), "--restate")
    assert chosen(recorded, *options) == [12, 11, 10, 9, 3]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", str(ago(1)), "--to", str(ago(2))), "is after"),
        (("--to", "2026-07-01"), "is after 2026-06-30, the day"),
    ],
)
def test_no_day_is_recorded_that_is_none(options: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen(Recorded((), ()), *options)


def test_a_command_that_may_not_record_says_why_and_ends_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "build.duckdb"
    monkeypatch.setenv("WAREHOUSE_PATH", str(database))
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            create table segment_records as
            select 1 as run_number, date '2026-06-20' as as_of_date, 'run' as change;
            create table segment_runs as
            select run_number, as_of_date, true as is_in_force from segment_records
            """
        )
    assert backfill.recorded_days(database) == Recorded((ago(10),), ())
    assert backfill.main(["--from", "2026-06-20", "--to", "2026-06-21"]) == 2
    assert "is after 2026-06-20" in capsys.readouterr().err
    assert backfill.main(["--from", "June"]) == 2
    database.write_text("no database" * 1000)
    assert backfill.main([]) == 2
    assert "cannot be opened" in capsys.readouterr().err
