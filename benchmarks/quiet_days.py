"""Replay the judgement of quiet days over histories: how often it is wrong, and right.

Each day is judged by the days before it. Whole days that are stopped are accepted, as
a person would; then every third day with rows is judged again as if its file had not
come, or 30 % of it. Real histories are read where they lie beside the repository; the
warehouse gives the sample's. It takes several minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from customer_segments.holiday_seed import holidays_of
from customer_segments.places import ROOT, database
from customer_segments.quiet_days import FROM_DAYS, History
from customer_segments.terminal import console, table

REAL = ROOT.parent / "shared" / "data"
RETAIL = REAL / "online_retail" / "online_retail_2010_2011.parquet"
CDNOW = REAL / "cdnow" / "cdnow_sample.csv"
# name, country, file or nothing for the warehouse, and rows a day
HISTORIES = (
    (
        *("online retail, orders", "GB", RETAIL),
        "select invoice_ts::date, count(distinct invoice_no) from '{file}' group by 1",
    ),
    (
        *("online retail, lines", "GB", RETAIL),
        "select invoice_ts::date, count(*) from '{file}' group by 1",
    ),
    (
        *("cdnow, orders", "US", CDNOW),
        "select date::date, count(*) from '{file}' group by 1",
    ),
    *(
        (
            *(f"sample, {what} of {share}", "KR", None),
            f"select {day}, count(*) from main_staging.stg_{what}"
            " where row_state = 'kept' and customer_id is not null"
            f" and {day} >= (select min(occurred_on) from main_staging.stg_events)"
            f" and substr(sha256(customer_id), 1, {digits}) = '{'0' * digits}'"
            " group by 1",
        )
        for what, day in (("orders", "ordered_on"), ("events", "occurred_on"))
        for share, digits in (("all", 0), ("a 16th", 1), ("a 256th", 2))
    ),
)
WEEKS, YEARS, CUT = 12, 2, 0.3


def near_holidays(country: str, first: date, last: date) -> frozenset[date]:
    """Holidays of a country between two days, and the days beside them."""
    return frozenset(
        day + timedelta(days=away)
        for _, day, _, _ in holidays_of(country)
        if first <= day <= last
        for away in (-1, 0, 1)
    )


def replayed(
    counts: Mapping[date, int], holidays: frozenset[date]
) -> Iterator[Sequence[bool]]:
    """Of each day whether it is stopped, and odd; of some also emptied, and cut."""
    first, last = min(counts), max(counts)
    accepted: frozenset[date] = frozenset()
    for number in range(FROM_DAYS, (last - first).days + 1):
        day = first + timedelta(days=number)
        found: list[bool] = []
        is_altered = number % 3 == 0 and day in counts
        for share in (1.0, 0.0, CUT) if is_altered else (1.0,):
            known = {**counts, day: int(share * counts.get(day, 0))}
            judgement = History(known, holidays, accepted, WEEKS, YEARS).judged(day)
            assert judgement is not None
            found += [judgement.missing, judgement.is_odd]
        yield found
        if found[0]:
            accepted |= {day}


def percent(part: int, whole: int) -> str:
    """A share of days."""
    return f"{100 * part / whole:.2f} %" if whole else "–"


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line a history; 0 done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=database())
    options = parser.parse_args(argv)
    lines = []
    with duckdb.connect(str(options.database), read_only=True) as connection:
        for name, country, file, query in HISTORIES:
            if file is not None and not file.is_file():
                continue
            rows = connection.sql(query.format(file=file)).fetchall()
            counts = {day: count for day, count in rows if day is not None}
            days = list(
                replayed(counts, near_holidays(country, min(counts), max(counts)))
            )
            altered = [day for day in days if len(day) > 2]
            lines.append(
                (
                    *(name, len(days), round(sum(counts.values()) / len(days), 1)),
                    percent(sum(day[0] for day in days), len(days)),
                    percent(sum(day[1] for day in days), len(days)),
                    *(
                        percent(sum(day[part] for day in altered), len(altered))
                        for part in (2, 4, 5)
                    ),
                )
            )
    heads = ["history", "days", "rows a day", "whole days stopped", "told"]
    heads += ["emptied: stopped", "cut to 30 %: stopped", "cut: told"]
    console().print(table("Quiet days, replayed", heads, lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
