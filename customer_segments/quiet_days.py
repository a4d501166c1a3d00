"""Whether so few rows on a day mean that a file did not come.

A count is held against the table's own past: the level of its weekday over some weeks,
and how far counts fell below their level on all weekdays, as a negative binomial.
Holidays and the days beside them are held against such days. Judged missing is what is
expected less than once in some years; a table in which a day without rows is nothing
special is watched over days in a row instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import exp
from statistics import median

# How old a table must be to be judged, in days.
FROM_DAYS = 28
# Of days not stopped, what is told: so few are expected once in so many days.
TOLD_ONCE_IN = 60
# A quiet day that was accepted may go on for so many days.
GOES_ON_DAYS = 7
# The trend of so many days lowers what is expected, down to this share of the level.
TREND_DAYS, TREND_LEAST = 14, 0.25
# Holidays of so many days count; with fewer than two, a quarter of a usual day is
# expected, else half of what the quietest had.
HOLIDAYS_OF_DAYS, HOLIDAY_SHARE, QUIETEST_SHARE = 740, 0.25, 0.5
# What a median of a few weeks does not know, as more dispersion.
UNKNOWN_TIMES, UNKNOWN_MORE = 1.4, 0.005


def chance_of_so_few(count: int, level: float, dispersion: float) -> float:
    """P(X <= count) of a negative binomial with variance level + dispersion x level².

    1 where nothing is expected.
    """
    if level <= 0:
        return 1.0
    # the import takes a quarter of a second, and few commands judge
    from scipy.special import betainc

    shape = 1 / dispersion
    return float(betainc(shape, count + 1, shape / (shape + level)))


@dataclass(frozen=True)
class Expected:
    """What is usual on a day, and how far counts vary around what is."""

    level: float
    dispersion: float

    def chance(self, count: int) -> float:
        """The chance of so few rows or fewer."""
        return chance_of_so_few(count, self.level, self.dispersion)


@dataclass(frozen=True)
class Judgement:
    """`missing`: the day should stop a build; `is_odd`: it should be looked at.

    `run` days in a row are empty, the day included, and `longest` were before; that is
    what decides where a day without rows is nothing special (`by_run`).
    """

    missing: bool
    is_odd: bool
    expected: Expected
    count: int
    by_run: bool
    run: int
    longest: int


@dataclass(frozen=True)
class History:
    """Rows a day of a table, its first day with rows among them.

    `holidays` are days that are held against each other; `accepted` those of which a
    person said that they were whole; `weeks` and `years` as in the variables.
    """

    counts: Mapping[date, int]
    holidays: Collection[date]
    accepted: Collection[date]
    weeks: int
    years: float

    @cached_property
    def first(self) -> date:
        """The first day with rows; ValueError without any."""
        return min(self.counts)

    @property
    def once(self) -> float:
        """The chance below which a day stops a build."""
        return 1 / (365 * self.years)

    def judged(self, day: date) -> Judgement | None:
        """The judgement of a day; None for a table that is too young."""
        if day < self.first + timedelta(days=FROM_DAYS):
            return None
        return self.held_against(day, self.missing_before(day))

    def missing_before(self, day: date) -> frozenset[date]:
        """Days of the weeks before that are judged missing themselves."""
        found: frozenset[date] = frozenset()
        begins = self.first + timedelta(days=FROM_DAYS)
        for past in (day - timedelta(days=ago) for ago in range(7 * self.weeks, 0, -1)):
            # of each day with half of what its weekday has, or more, that is clear
            if past < begins or past in self.accepted or not self.is_low(past, found):
                continue
            if self.held_against(past, found).missing:
                found |= {past}
        return found

    def is_low(self, day: date, left_out: Collection[date]) -> bool:
        """Whether a day has less than half of what its weekday has."""
        of_weekday = [
            count
            for past, count in self.past(day, left_out)
            if past.weekday() == day.weekday()
        ]
        return bool(of_weekday) and (
            2 * self.counts.get(day, 0) < median(of_weekday) or not median(of_weekday)
        )

    def held_against(self, day: date, left_out: Collection[date]) -> Judgement:
        """A day against the days before it, but for those that are left out."""
        count = self.counts.get(day, 0)
        expected = self.expected(day, left_out)
        if day in self.holidays:
            share = self.holiday_share(day, left_out)
            expected = Expected(expected.level * share, expected.dispersion)
        run, longest = self.empty_days(day, left_out)
        chance = expected.chance(count)
        by_run = expected.chance(0) >= self.once
        if by_run:
            # nothing on one day says nothing; on many in a row it does
            missing = run > max(longest, 1) and self.chance_of_run(day, run) < self.once
        else:
            missing = chance < self.once
        return Judgement(
            missing=missing and not self.goes_on(day, left_out),
            is_odd=missing or chance < 1 / TOLD_ONCE_IN,
            expected=expected,
            count=count,
            by_run=by_run,
            run=run,
            longest=longest,
        )

    def chance_of_run(self, day: date, run: int) -> float:
        """The chance of so many days without rows, at the rate of the weeks before."""
        last = day - timedelta(days=run)
        begins = max(self.first, last - timedelta(days=7 * self.weeks - 1))
        rows = sum(
            count for past, count in self.counts.items() if begins <= past <= last
        )
        return exp(-run * rows / ((last - begins).days + 1))

    def goes_on(self, day: date, left_out: Collection[date]) -> bool:
        """Whether a day just before was as quiet, and accepted."""
        for ago in range(1, GOES_ON_DAYS + 1):
            past = day - timedelta(days=ago)
            if past in self.accepted:
                level = self.expected(past, left_out).level
                quiet = 2 * self.counts.get(past, 0) <= level
                if quiet and 2 * self.counts.get(day, 0) <= max(level, 1):
                    return True
        return False

    def past(self, day: date, left_out: Collection[date]) -> Sequence[tuple[date, int]]:
        """Counts of the weeks before a day, but for holidays and what is left out."""
        days = (day - timedelta(days=ago) for ago in range(1, 7 * self.weeks + 1))
        return [
            (past, self.counts.get(past, 0))
            for past in days
            if past >= self.first and past not in left_out and past not in self.holidays
        ]

    def expected(self, day: date, left_out: Collection[date]) -> Expected:
        """What is usual: medians by weekday, what fell below them, the last days."""
        past = self.past(day, left_out)
        by_weekday: dict[int, list[int]] = {}
        for one, count in past:
            by_weekday.setdefault(one.weekday(), []).append(count)
        levels = {weekday: median(counts) for weekday, counts in by_weekday.items()}
        falls = squares = total = lately = usual = 0.0
        for one, count in past:
            level = levels[one.weekday()]
            falls += min(0.0, count - level) ** 2
            squares += level**2
            total += level
            if (day - one).days <= TREND_DAYS:
                lately += count
                usual += level
        trend = min(1.0, max(TREND_LEAST, lately / usual)) if usual else 1.0
        dispersion = 0.0
        if squares:
            # as far above as below, one degree of freedom a weekday
            spread = 2 * falls * len(past) / max(1, len(past) - len(levels))
            dispersion = max(0.0, (spread - total) / squares)
        return Expected(
            levels.get(day.weekday(), 0.0) * trend,
            UNKNOWN_TIMES * dispersion + UNKNOWN_MORE,
        )

    def holiday_share(self, day: date, left_out: Collection[date]) -> float:
        """What a holiday has at the least, as a share of a usual day."""
        begins = max(
            self.first + timedelta(days=FROM_DAYS),
            day - timedelta(days=HOLIDAYS_OF_DAYS),
        )
        shares = [
            min(1.0, self.counts.get(past, 0) / level)
            for past in self.holidays
            if begins <= past < day and past not in left_out
            for level in [self.expected(past, left_out).level]
            if level > 0
        ]
        return QUIETEST_SHARE * min(shares) if len(shares) > 1 else HOLIDAY_SHARE

    def empty_days(self, day: date, left_out: Collection[date]) -> tuple[int, int]:
        """Days in a row without rows that end with a day, and the most before them."""
        run = 0
        while day - timedelta(days=run) > self.first and not self.counts.get(
            day - timedelta(days=run)
        ):
            run += 1
        longest = current = 0
        for ahead in range((day - self.first).days - run + 1):
            past = self.first + timedelta(days=ahead)
            is_empty = not self.counts.get(past) and past not in left_out
            current = current + 1 if is_empty else 0
            longest = max(longest, current)
        return run, longest

    def times_before(self, judgement: Judgement, day: date) -> tuple[int, int]:
        """How many days had as small a share of what is usual, of how many."""
        level = judgement.expected.level
        share = judgement.count / level if level else 0.0
        begins = self.first + timedelta(days=FROM_DAYS)
        days = [begins + timedelta(days=n) for n in range((day - begins).days)]
        days = days[-int(365 * self.years) :]
        times = 0
        for past in days:
            usual = self.expected(past, ()).level
            times += usual > 0 and self.counts.get(past, 0) / usual <= share
        return times, len(days)


def told(table: str, day: date, history: History) -> tuple[str, str]:
    """(`missing`, `odd` or nothing, and what to say of a day) of a table."""
    judgement = history.judged(day)
    if judgement is None or not judgement.is_odd:
        return "", ""
    times, days = history.times_before(judgement, day)
    level = judgement.expected.level
    usual = f"about {level:,.0f}" if level >= 1 else "few"
    if judgement.by_run and judgement.run:
        why = (
            f"so have {judgement.run} days in a row, of which there were"
            f" {judgement.longest} at most before"
        )
    else:
        why = (
            f"{usual} are usual on such a day (its weekday, or holidays, over"
            f" {history.weeks} weeks)"
        )
    said = (
        f"{table}: {day} has {judgement.count:,} rows, and {why}. So small a share of"
        f" what is usual came on {times:,} of {days:,} days before"
    )
    if not judgement.missing:
        return "odd", f"{said}."
    before = max((past for past in history.counts if past < day), default=None)
    return "missing", (
        f"{said}; so few are expected less than once in {history.years:g} years. A day"
        " that is not all there would age every customer. The latest day before it"
        f" that has rows is {before}. Load the missing file; or build the latest full"
        f" day: AS_OF_DATE={before} dbt build; or, if it really was that quiet (closed,"
        " say): dbt build --vars '{accept_quiet_day: true}'"
    )


def judged_day(
    table: str,
    days: Sequence[date],
    counts: Sequence[int],
    day: date,
    holidays: Sequence[date],
    accepted: Sequence[date],
    weeks: int,
    years: float,
) -> str:
    """What stops a build, empty = nothing; what is only odd is printed.

    As a function of DuckDB: rows a day up to `day`, in any order.
    """
    known = {
        past: count for past, count in zip(days, counts, strict=True) if past <= day
    }
    if not known:
        return ""
    history = History(
        known, frozenset(holidays), frozenset(accepted), int(weeks), float(years)
    )
    state, said = told(table, day, history)
    if state == "odd":
        print(f"Look twice. {said}", flush=True)
    return said if state == "missing" else ""
