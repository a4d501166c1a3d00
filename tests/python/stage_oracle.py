"""Purchase stages once more, slowly and literally, to check the SQL against.

Written from the definition alone; quotations in docstrings are from there. Days, gaps
and multiples of a gap are exact; only the curve, which has exp and ln, is in floats.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import NormalDist

from tests.python.oracle import (
    ONE_DAY,
    StageSpell,
    days_between,
    merge_days,
    smallest_value,
)

BUYER_CLASSES = ("one_time", "repeat")
LAPSED_STAGES = ("at_risk", "churned")
TOLERANCE = 1e-9
# The curve of repeat buyers goes by twentieths of their expected gap.
PARTS_OF_GAP = 20


@dataclass(frozen=True)
class Settings:
    """What a shop may set; days, numbers of gaps and shares; pairs are risk, churn."""

    shortest_gap: int = 7
    longest_gap: int = 180
    weight: int = 3
    population_minimum: int = 30
    population_default: int = 45
    longest: int = 365
    horizon: int = 90
    chances: tuple[float, float] = (0.60, 0.25)
    shares: tuple[float, float] = (0.80, 0.95)
    soonest_churn: int = 30
    calibrated_from_gaps: int = 100
    calibrated_from_days: int = 180
    followed_gaps: int = 20

    def __post_init__(self) -> None:
        """Refuse "settings that turn the order round" with a ValueError."""
        if self.chances[0] <= self.chances[1]:
            raise ValueError(f"risk chance must be above churn chance: {self.chances}")
        if self.shares[0] >= self.shares[1]:
            raise ValueError(f"risk share must be below churn share: {self.shares}")


DEFAULTS = Settings()


@dataclass(frozen=True)
class Calibration:
    """How late is late for a class; lateness in days, or for `repeat` in times g.

    Days and lateness are None when not calibrated, days also when unknown.
    """

    calibrated_on: date
    buyer_class: str
    is_calibrated: bool
    risk_days: int | None
    churn_days: int | None
    risk_lateness: Fraction | None
    churn_lateness: Fraction | None
    population_gap: int
    first_gap: int
    gaps: int
    ended: int
    followed: int


@dataclass(frozen=True)
class SeenGap:
    """A gap as seen on a day: its days, whether it ended, its g; cut at the longest."""

    days: int
    has_ended: bool
    g: Fraction


@dataclass(frozen=True)
class Backtest:
    """Spells of a class begun in the month after a month's end, and who bought.

    Numbers of buyers are None until they can be known.
    """

    calibrated_on: date
    buyer_class: str
    purchase_stage: str
    is_calibrated: bool
    spells: int
    bought_30: int | None
    bought_90: int | None


def month_end_before(as_of: date) -> date:
    """Return "the last day of the month before the as-of day's month"."""
    return as_of.replace(day=1) - ONE_DAY


def class_after(days: Sequence[date]) -> str:
    """Return the class: "`one_time`: the gap after the first purchase day"."""
    return "one_time" if len(days) == 1 else "repeat"


def sorted_days(purchase_days: Iterable[date], last: date) -> list[date]:
    """Return the days up to one: "several orders on a day are one purchase day"."""
    return sorted({day for day in purchase_days if day <= last})


def gap_or_default(
    gaps: Sequence[int], part: int, parts: int, settings: Settings
) -> int:
    """Return `percentile_disc` of gaps, "each ⟨45⟩ below ⟨30⟩ such gaps"."""
    if len(gaps) < settings.population_minimum:
        return settings.population_default
    return smallest_value(gaps, part, parts)


def held_gap(
    days: Sequence[date], population_gap: int, first_gap: int, settings: Settings
) -> Fraction:
    """Return "g = (Σ own gaps + 3 × population gap) ÷ (n + 3)", held within bounds."""
    own_gaps = len(days) - 1
    if own_gaps == 0:
        # "with n = 0 the first gap"
        g = Fraction(first_gap)
    else:
        # "Σ own gaps = last − first purchase day"
        sum_of_own_gaps = (days[-1] - days[0]).days
        g = Fraction(
            sum_of_own_gaps + settings.weight * population_gap,
            own_gaps + settings.weight,
        )
    if g < settings.shortest_gap:
        return Fraction(settings.shortest_gap)
    if g > settings.longest_gap:
        return Fraction(settings.longest_gap)
    return g


def expected_gap(
    days: Sequence[date], calibration: Calibration, settings: Settings = DEFAULTS
) -> Fraction:
    """Return g in days after the last of sorted purchase days."""
    return held_gap(days, calibration.population_gap, calibration.first_gap, settings)


def survival(gaps: Sequence[tuple[int, bool]], followed_gaps: int) -> list[float]:
    """Return S(0), S(1), … of gaps (length, has ended), as far as it is followed.

    "S(t) = Kaplan–Meier share of gaps not ended after day t … The curve is followed as
    long as ⟨20⟩ gaps are still there." A gap is still there on its last day.
    """
    ended_at: dict[int, int] = {}
    last_there_at: dict[int, int] = {}
    for length, has_ended in gaps:
        last_there_at[length] = last_there_at.get(length, 0) + 1
        if has_ended:
            ended_at[length] = ended_at.get(length, 0) + 1

    curve: list[float] = []
    there = len(gaps)
    sum_of_logs = 0.0
    have_all_ended = False
    t = 0
    while there >= followed_gaps:
        ended = ended_at.get(t, 0)
        if ended == there:
            # "0 from the first t where all end"
            have_all_ended = True
        elif ended > 0:
            sum_of_logs = sum_of_logs + math.log(1 - ended / there)
        curve.append(0.0 if have_all_ended else round(math.exp(sum_of_logs), 9))
        there = there - last_there_at.get(t, 0)
        t = t + 1
    return curve


def chance_at(t: int, curve: Sequence[float], horizon: int) -> float | None:
    """Return "1 − S(t + ⟨90⟩) ÷ S(t)", None where it is unknown.

    "unknown when t + 90 is beyond what is followed, or S(t) = 0"
    """
    if t + horizon >= len(curve) or curve[t] == 0:
        return None
    return 1 - curve[t + horizon] / curve[t]


def days_until_below(limit: float, curve: Sequence[float], horizon: int) -> int | None:
    """Return "the first t at which the chance is below", None "when it never is"."""
    for t in range(len(curve)):
        chance = chance_at(t, curve, horizon)
        if chance is not None and chance < limit - TOLERANCE:
            return t
    return None


def lateness_of(share: float, curve: Sequence[float]) -> int | None:
    """Return "the smallest x with (1 − S(x)) ÷ (1 − S(end)) at or above the share".

    None when nobody returns as far as the curve is followed.
    """
    if not curve or curve[-1] == 1:
        return None
    for x, left in enumerate(curve):
        if (1 - left) / (1 - curve[-1]) >= share - TOLERANCE:
            return x
    return None


def twentieths(gap: SeenGap) -> int:
    """Return "ceil(20 × gap ÷ g − 1e-9)"."""
    return math.ceil(PARTS_OF_GAP * gap.days / gap.g - Fraction(1, 10**9))


def calibrate_class(
    buyer_class: str,
    seen: Sequence[SeenGap],
    calibrated_on: date,
    population_gap: int,
    first_gap: int,
    settings: Settings,
) -> Calibration:
    """Learn the thresholds of one class from its gaps, "ended or still open"."""
    curve = survival(
        [(gap.days, gap.has_ended) for gap in seen], settings.followed_gaps
    )
    followed = max(len(curve) - 1, 0)
    ended = len([gap for gap in seen if gap.has_ended])
    # "≥ ⟨100⟩ ended gaps that are followed ≥ ⟨180⟩ days"
    is_calibrated = (
        ended >= settings.calibrated_from_gaps
        and followed >= settings.calibrated_from_days
    )

    found_days: list[int | None] = [None, None]
    found_lateness: list[Fraction | None] = [None, None]
    if is_calibrated:
        late_curve, parts = curve, 1
        if buyer_class == "repeat":
            # "for `repeat` the curve is over gap ÷ g in twentieths"
            late_curve = survival(
                [(twentieths(gap), gap.has_ended) for gap in seen],
                settings.followed_gaps,
            )
            parts = PARTS_OF_GAP
        for number in (0, 1):
            found_days[number] = days_until_below(
                settings.chances[number], curve, settings.horizon
            )
            lateness = lateness_of(settings.shares[number], late_curve)
            if lateness is not None:
                found_lateness[number] = Fraction(lateness, parts)
    return Calibration(
        calibrated_on=calibrated_on,
        buyer_class=buyer_class,
        is_calibrated=is_calibrated,
        risk_days=found_days[0],
        churn_days=found_days[1],
        risk_lateness=found_lateness[0],
        churn_lateness=found_lateness[1],
        population_gap=population_gap,
        first_gap=first_gap,
        gaps=len(seen),
        ended=ended,
        followed=followed,
    )


def calibrate(
    purchase_days: Mapping[str, Iterable[date]],
    calibrated_on: date,
    settings: Settings = DEFAULTS,
) -> dict[str, Calibration]:
    """Learn both classes from what was known at the end of a day."""
    by_customer = [sorted_days(own, calibrated_on) for own in purchase_days.values()]
    gaps: list[int] = []
    first_gaps: list[int] = []
    for days in by_customer:
        for number in range(1, len(days)):
            gap = (days[number] - days[number - 1]).days
            gaps.append(gap)
            if number == 1:
                first_gaps.append(gap)
    # "median over all gaps", "80th percentile of first-to-second gaps"
    population_gap = gap_or_default(gaps, 1, 2, settings)
    first_gap = gap_or_default(first_gaps, 4, 5, settings)

    seen: dict[str, list[SeenGap]] = {name: [] for name in BUYER_CLASSES}
    for days in by_customer:
        for number in range(1, len(days) + 1):
            so_far = days[:number]
            is_open = number == len(days)
            end = calibrated_on if is_open else days[number]
            length = (end - so_far[-1]).days
            # "cut at ⟨365⟩ days (a gap that ends later counts as open)"
            has_ended = not is_open and length <= settings.longest
            # "A spell uses the customer's gaps up to its purchase, never later ones"
            g = held_gap(so_far, population_gap, first_gap, settings)
            seen[class_after(so_far)].append(
                SeenGap(min(length, settings.longest), has_ended, g)
            )
    return {
        name: calibrate_class(
            name, seen[name], calibrated_on, population_gap, first_gap, settings
        )
        for name in BUYER_CLASSES
    }


def uncalibrated_deadlines(buyer_class: str, g: Fraction) -> tuple[int, int]:
    """Return the days at risk and churned begin: "Else, flagged …".

    "at most days 364 and 365"
    """
    if buyer_class == "one_time":
        # "at risk from floor(g) + 1, churned from max(180, floor(2g) + 1)"
        at_risk_from = math.floor(g) + 1
        churned_from = max(180, math.floor(2 * g) + 1)
    else:
        # "from max(30, floor(2.5g) + 1), churned from max(180, floor(6g) + 1)"
        at_risk_from = max(30, math.floor(Fraction(5, 2) * g) + 1)
        churned_from = max(180, math.floor(6 * g) + 1)
    return min(at_risk_from, 364), min(churned_from, 365)


def days_late(lateness: Fraction | None, buyer_class: str, g: Fraction) -> int | None:
    """Return L = "lateness in days for `one_time`, floor(lateness × g) for `repeat`".

    None where lateness is unknown.
    """
    if lateness is None:
        return None
    return math.floor(lateness if buyer_class == "one_time" else lateness * g)


def deadlines(
    days: Sequence[date],
    calibrations: Mapping[str, Calibration],
    settings: Settings = DEFAULTS,
) -> tuple[int | None, int | None]:
    """Return the days after the last purchase day that at risk and churned begin on.

    "After a purchase day (day 0): at risk from day max(`risk_days`, L + 1), churned
    from day max(⟨30⟩, `churn_days`, L + 1)". None for a stage that never comes.
    """
    buyer_class = class_after(days)
    calibration = calibrations[buyer_class]
    g = expected_gap(days, calibration, settings)

    at_risk_from: int | None = None
    churned_from: int | None = None
    if not calibration.is_calibrated:
        at_risk_from, churned_from = uncalibrated_deadlines(buyer_class, g)
    else:
        late = days_late(calibration.risk_lateness, buyer_class, g)
        if calibration.risk_days is not None and late is not None:
            at_risk_from = max(calibration.risk_days, late + 1)
        late = days_late(calibration.churn_lateness, buyer_class, g)
        # "Unknown `risk_days`: nobody of the class is at risk or churned."
        if (
            at_risk_from is not None
            and calibration.churn_days is not None
            and late is not None
        ):
            churned_from = max(settings.soonest_churn, calibration.churn_days, late + 1)
    # "Both on one day: at_risk has no day"
    if at_risk_from == churned_from:
        at_risk_from = None
    return at_risk_from, churned_from


def lapse_on(
    day: date,
    days: Sequence[date],
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> str | None:
    """Return `at_risk` or `churned` when lapsed; `days` sorted, none after `day`."""
    at_risk_from, churned_from = deadlines(days, calibrations, settings)
    days_since_purchase = (day - days[-1]).days
    if churned_from is not None and days_since_purchase >= churned_from:
        return "churned"
    if at_risk_from is not None and days_since_purchase >= at_risk_from:
        return "at_risk"
    return None


def purchase_stage_on(
    day: date,
    known_on: date,
    purchase_days: Iterable[date],
    calibrations: Mapping[str, Calibration],
    settings: Settings = DEFAULTS,
) -> str | None:
    """Return the stage of a day, None before the customer was known.

    "A spell uses the customer's gaps up to its purchase, never later ones; the
    calibration in force at the build holds for all spells".
    """
    if day < known_on:
        return None
    days = sorted_days(purchase_days, day)
    if not days:
        return "prospect"
    # "Lapsing overrides all three."
    lapse = lapse_on(day, days, calibrations, settings)
    if lapse is not None:
        return lapse
    if len(days) == 1:
        return "first_purchase"
    # "the purchase ended a churned spell": the day before it was churned.
    eve = days[-1] - ONE_DAY
    if lapse_on(eve, days[:-1], calibrations, settings) == "churned":
        return "reactivated"
    return "existing"


def purchase_stage_spells(
    known_on: date,
    purchase_days: Iterable[date],
    calibrations: Mapping[str, Calibration],
    as_of: date,
    settings: Settings = DEFAULTS,
) -> list[StageSpell]:
    """Walk every day: "`valid_from`, `valid_to` (exclusive, null = open)"."""
    purchases = list(purchase_days)
    spine: list[tuple[date, str]] = []
    for day in days_between(known_on, as_of):
        stage = purchase_stage_on(day, known_on, purchases, calibrations, settings)
        if stage is not None:
            spine.append((day, stage))
    return [StageSpell(*spell) for spell in merge_days(spine)]


def churns_on(
    as_of: date,
    known_on: date,
    purchase_days: Iterable[date],
    calibrations: Mapping[str, Calibration],
    settings: Settings = DEFAULTS,
) -> date | None:
    """Return the first churned day if no purchase follows as_of, else None.

    None for a prospect, for who has churned already and for who is not yet known.
    "Unknown `churn_days`: at_risk does not end, `churns_on` is null".
    """
    so_far = sorted_days(purchase_days, as_of)
    stage = purchase_stage_on(as_of, known_on, so_far, calibrations, settings)
    if stage is None or stage in ("prospect", "churned"):
        return None
    if deadlines(so_far, calibrations, settings)[1] is None:
        return None
    day = as_of
    while stage != "churned":
        day = day + ONE_DAY
        stage = purchase_stage_on(day, known_on, so_far, calibrations, settings)
    return day


def slips_on(
    as_of: date,
    known_on: date,
    purchase_days: Iterable[date],
    calibrations: Mapping[str, Calibration],
    settings: Settings = DEFAULTS,
) -> date | None:
    """Return the first `at_risk` day if no purchase follows as_of, else None.

    None for a prospect, for who is at risk or has churned, for who is not yet known
    and where nobody is at risk or "at_risk has no day".
    """
    so_far = sorted_days(purchase_days, as_of)
    stage = purchase_stage_on(as_of, known_on, so_far, calibrations, settings)
    if stage is None or stage in ("prospect", *LAPSED_STAGES):
        return None
    if deadlines(so_far, calibrations, settings)[0] is None:
        return None
    day = as_of
    while stage != "at_risk":
        day = day + ONE_DAY
        stage = purchase_stage_on(day, known_on, so_far, calibrations, settings)
    return day


def begun_spells(
    days: Sequence[date],
    calibrations: Mapping[str, Calibration],
    as_of: date,
    settings: Settings,
) -> list[tuple[str, str, date, date | None]]:
    """Return (class, stage, first day, next purchase day) of a customer's lapses.

    `days` sorted, none after as_of. A purchase on the first day or before it forestalls
    the spell.
    """
    begun: list[tuple[str, str, date, date | None]] = []
    for number in range(1, len(days) + 1):
        so_far = days[:number]
        next_purchase = days[number] if number < len(days) else None
        own_deadlines = deadlines(so_far, calibrations, settings)
        for stage, deadline in zip(LAPSED_STAGES, own_deadlines, strict=True):
            if deadline is None:
                continue
            first_day = so_far[-1] + timedelta(days=deadline)
            is_forestalled = next_purchase is not None and next_purchase <= first_day
            if first_day <= as_of and not is_forestalled:
                begun.append((class_after(so_far), stage, first_day, next_purchase))
    return begun


def bought_within(
    spells: Iterable[tuple[date, date | None]], days: int, month_end: date, as_of: date
) -> int | None:
    """Count spells (first day, next purchase day) that bought within so many days.

    "null until the month's end + 30 or 90 days is past"
    """
    if month_end + timedelta(days=days) > as_of:
        return None
    bought = 0
    for first_day, next_purchase in spells:
        if next_purchase is not None and 0 < (next_purchase - first_day).days <= days:
            bought = bought + 1
    return bought


def backtest(
    purchase_days: Mapping[str, Iterable[date]],
    as_of: date,
    settings: Settings = DEFAULTS,
    months: int = 24,
) -> list[Backtest]:
    """Judge each month's calibration by the month after; earliest month first.

    "per month end of the last 24, with the calibration known then, for at_risk and
    churned and each class: spells begun in the month after, and how many bought"
    """
    by_customer = {who: sorted_days(own, as_of) for who, own in purchase_days.items()}
    month_ends = [month_end_before(as_of)]
    while len(month_ends) < months:
        month_ends.append(month_end_before(month_ends[-1]))

    judged: list[Backtest] = []
    for calibrated_on in sorted(month_ends):
        first = calibrated_on + ONE_DAY
        last = month_end_before(first + timedelta(days=31))
        calibrations = calibrate(by_customer, calibrated_on, settings)
        begun = [
            spell
            for days in by_customer.values()
            for spell in begun_spells(days, calibrations, as_of, settings)
        ]
        for buyer_class, stage in itertools.product(BUYER_CLASSES, LAPSED_STAGES):
            calibration = calibrations[buyer_class]
            if calibration.gaps == 0:
                continue
            spells = [
                (first_day, next_purchase)
                for own_class, own_stage, first_day, next_purchase in begun
                if (own_class, own_stage) == (buyer_class, stage)
                and first <= first_day <= last
            ]
            judged.append(
                Backtest(
                    calibrated_on=calibrated_on,
                    buyer_class=buyer_class,
                    purchase_stage=stage,
                    is_calibrated=calibration.is_calibrated,
                    spells=len(spells),
                    bought_30=bought_within(spells, 30, last, as_of),
                    bought_90=bought_within(spells, 90, last, as_of),
                )
            )
    return judged


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; ValueError without any trial."""
    if total == 0:
        raise ValueError("no spells: an interval needs at least one")
    z = NormalDist().inv_cdf(0.975)
    share = hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    spread = math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half = z * spread / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)
