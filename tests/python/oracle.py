"""The written definitions once more, slowly and literally, to check the SQL against.

Written from design/definitions.md and design/segment-rules.md alone. Quotations in
docstrings are from there. Every result is exact: integers and fractions, no floats.
"""

import hashlib
import itertools
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
BUSINESS_TIMEZONE = "Asia/Seoul"


def business_day(moment: datetime, timezone: str = BUSINESS_TIMEZONE) -> date:
    """Return the day of an aware moment: "the business day it falls on there"."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; pass an aware timestamp")
    return moment.astimezone(ZoneInfo(timezone)).date()


def end_of_day(day: date, timezone: str = BUSINESS_TIMEZONE) -> datetime:
    """Return the first moment after the business day (windows are half-open)."""
    return datetime.combine(day + ONE_DAY, time(0), tzinfo=ZoneInfo(timezone))


def is_within(day: date, as_of: date, days: int) -> bool:
    """Tell "the n business days that end with `as_of_date`, that day included"."""
    return as_of - timedelta(days=days) < day <= as_of


VALID_STATUSES = ("paid", "shipped", "delivered", "returned")


@dataclass(frozen=True)
class RawOrder:
    """One order as the shop wrote it; amounts in whole units of its currency."""

    order_id: str
    customer_id: str | None
    ordered_at: datetime
    status: str
    currency: str
    gross_amount: Decimal
    discount_amount: Decimal
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class Refund:
    """One refund, in the currency of its order."""

    refund_id: str
    order_id: str
    refunded_at: datetime
    amount: Decimal


@dataclass(frozen=True)
class Order:
    """One judged order; net revenue in minor units of the reporting currency."""

    order_id: str
    customer_id: str | None
    ordered_on: date
    net_revenue_minor: int
    is_valid: bool = True


def refunded_amount(
    order_id: str, refunds: Iterable[Refund], as_of_end: datetime
) -> Decimal:
    """Sum the refunds so far: a later refund "has not happened yet"."""
    total = Decimal(0)
    for refund in refunds:
        if refund.order_id == order_id and refund.refunded_at < as_of_end:
            total += refund.amount
    return total


def order_valid(
    order: RawOrder,
    refunds: Iterable[Refund],
    is_test_by_customer: Mapping[str, bool],
    as_of_end: datetime,
    valid_statuses: Sequence[str] = VALID_STATUSES,
) -> bool:
    """Judge "status in valid_statuses, not cancelled, of a known customer …".

    A customer missing from `is_test_by_customer` is unknown; None is a guest.
    """
    if order.ordered_at >= as_of_end:
        return False
    # "a `cancelled` order with a later `cancelled_at` counts as paid"
    status = order.status
    if order.cancelled_at is not None:
        if order.cancelled_at < as_of_end:
            return False
        if status == "cancelled":
            status = "paid"
    # A cancelled order without a time is cancelled whatever the shop calls valid.
    if status == "cancelled" or status not in valid_statuses:
        return False
    if order.customer_id is None:
        return False
    if order.customer_id not in is_test_by_customer:
        return False
    if is_test_by_customer[order.customer_id]:
        return False
    worth = order.gross_amount - order.discount_amount
    if worth < 0:
        return False
    # "fully refunded (sum of refunds > 0 and >= gross - discount as of the date)"
    refunded = refunded_amount(order.order_id, refunds, as_of_end)
    return not (refunded > 0 and refunded >= worth)


def net_revenue(
    order: RawOrder,
    refunds: Iterable[Refund],
    rates: Mapping[str, Mapping[date, Decimal]],
    as_of_end: datetime,
    reporting_currency: str = "KRW",
    reporting_scale: int = 0,
    timezone: str = BUSINESS_TIMEZONE,
) -> int | None:
    """Return "gross - discount - refunds so far" in minor units, None for no rate.

    Refunds beyond it are delivery or goodwill "and never make revenue negative".

    `rates[currency][day]` is what one unit of it is worth in the reporting currency:
    "the latest rate on or before the order's day". Half a minor unit rounds away
    from zero.
    """
    refunded = refunded_amount(order.order_id, refunds, as_of_end)
    worth = order.gross_amount - order.discount_amount
    net = Fraction(max(worth - refunded, Decimal(0)))
    if order.currency != reporting_currency:
        ordered_on = business_day(order.ordered_at, timezone)
        by_day = rates.get(order.currency, {})
        rate_days = [day for day in by_day if day <= ordered_on]
        if not rate_days:
            return None
        net = net * Fraction(by_day[max(rate_days)])
    minor = net * Fraction(10) ** reporting_scale
    rounded = math.floor(abs(minor) + Fraction(1, 2))
    return rounded if minor >= 0 else -rounded


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of one measure, k ascending, and whether they can be relied on."""

    values: tuple[int, ...]
    ranked: int
    score_reliability: str


@dataclass(frozen=True)
class RfmThresholds:
    """Recency in epoch days, frequency in rank values, money in minor units."""

    recency: Thresholds
    frequency: Thresholds
    monetary: Thresholds


@dataclass(frozen=True)
class RfmProfile:
    """A way to score: what is measured, over which days, in how many bins."""

    recency_of: str = "purchase"
    frequency_of: str = "count"
    monetary_of: str = "sum"
    window_days: int | None = None
    bins: int = 5
    frozen_on: date | None = None


@dataclass(frozen=True)
class RfmMeasures:
    """One buyer on one day; money in minor units, the gap in hundredths of days."""

    last_order_on: date
    last_seen_on: date
    lifetime_orders: int
    frequency: int
    gap_hundredths: int | None
    monetary: int


@dataclass(frozen=True)
class RfmCustomer:
    """One scored customer; monetary in minor units."""

    customer_id: str
    last_order_on: date
    recency_days: int
    lifetime_orders: int
    frequency: int
    gap_hundredths: int | None
    monetary: int
    r_score: int
    f_score: int
    m_score: int


@dataclass(frozen=True)
class Rfm:
    """The thresholds in force, the day they are of, and every scored customer by id.

    Without `is_telling`, all of them are `unranked`.
    """

    thresholds: RfmThresholds
    ranked_on: date
    customers: dict[str, RfmCustomer]
    is_telling: bool


def epoch_day(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


def smallest_value(values: Iterable[int], part: int, parts: int) -> int:
    """Return "the smallest value with at least k fifths … at or below it"."""
    ordered = sorted(values)
    for position, value in enumerate(ordered, start=1):
        if position * parts >= part * len(ordered):
            return value
    raise ValueError("no values: a threshold needs at least one")


def thresholds_of(values: Sequence[int], parts: int, minimum_ranked: int) -> Thresholds:
    """Return the inner thresholds; `low` "when two coincide or fewer than 100"."""
    found: list[int] = []
    if values:
        for part in range(1, parts):
            found.append(smallest_value(values, part, parts))
    coincide = len(set(found)) < len(found)
    low = coincide or len(values) < minimum_ranked
    return Thresholds(tuple(found), len(values), "low" if low else "ok")


def thresholds_below(value: int, thresholds: Thresholds) -> int:
    """Count "the number of thresholds strictly below the value"."""
    return len([threshold for threshold in thresholds.values if threshold < value])


def rounded_half_up(value: Fraction) -> int:
    """Round to a whole number, a half upwards."""
    return math.floor(value + Fraction(1, 2))


def rfm_measures(
    orders: Sequence[Order],
    visits: Mapping[str, Iterable[date]],
    day: date,
    profile: RfmProfile,
) -> dict[str, RfmMeasures]:
    """Measure everybody with a valid order up to a day, as if it were the last one."""
    by_customer: dict[str, list[Order]] = {}
    for order in orders:
        is_counted = order.is_valid and order.ordered_on <= day
        if is_counted and order.customer_id is not None:
            by_customer.setdefault(order.customer_id, []).append(order)

    measures: dict[str, RfmMeasures] = {}
    for who, own in by_customer.items():
        counted = [
            order
            for order in own
            if profile.window_days is None
            or is_within(order.ordered_on, day, profile.window_days)
        ]
        last_order_on = max(order.ordered_on for order in own)
        last_seen_on = last_order_on
        if profile.recency_of == "visit":
            # "Active on a day = any event or valid order by the customer."
            earlier = [visit for visit in visits.get(who, ()) if visit <= day]
            last_seen_on = max([last_order_on, *earlier])
        purchase_days = sorted({order.ordered_on for order in counted})
        gaps = [
            (later - before).days for before, later in itertools.pairwise(purchase_days)
        ]
        gap = rounded_half_up(Fraction(100 * sum(gaps), len(gaps))) if gaps else None
        monetary = sum(order.net_revenue_minor for order in counted)
        if profile.monetary_of == "average" and counted:
            monetary = rounded_half_up(Fraction(monetary, len(counted)))
        measures[who] = RfmMeasures(
            last_order_on, last_seen_on, len(own), len(counted), gap, monetary
        )
    return measures


def frequency_value(measures: RfmMeasures, profile: RfmProfile) -> int | None:
    """What frequency is ranked by: orders, or the gap, of which less is better."""
    if profile.frequency_of == "count":
        return measures.frequency
    return None if measures.gap_hundredths is None else -measures.gap_hundredths


def rfm(
    orders: Sequence[Order],
    as_of: date,
    profile: RfmProfile | None = None,
    visits: Mapping[str, Iterable[date]] | None = None,
    minimum_ranked: int = 100,
) -> Rfm:
    """Score "customers with at least one valid order as of the date".

    With a frozen day, scores are taken against the thresholds as of it, and days are
    counted back from each day. A frozen day still to come is the as-of day.
    ValueError when an order_id comes twice.
    """
    profile = profile or RfmProfile()
    visits = visits or {}
    order_ids = [order.order_id for order in orders]
    if len(set(order_ids)) < len(order_ids):
        raise ValueError("an order_id comes twice; pass only its newest version")

    ranked_on = as_of if profile.frozen_on is None else min(profile.frozen_on, as_of)
    # "customers without one … are left out of the thresholds"
    ranked = [
        one
        for one in rfm_measures(orders, visits, ranked_on, profile).values()
        if one.frequency >= 1
    ]
    # "repeat buyers are ranked among themselves"
    repeat = [
        value
        for one in ranked
        for value in [frequency_value(one, profile)]
        if one.lifetime_orders >= 2 and value is not None
    ]
    recency_days = [(ranked_on - one.last_seen_on).days for one in ranked]
    bins = profile.bins
    thresholds = RfmThresholds(
        recency=thresholds_of(
            [epoch_day(as_of - timedelta(days=ago)) for ago in recency_days],
            bins,
            minimum_ranked,
        ),
        frequency=thresholds_of(repeat, bins - 1, minimum_ranked),
        monetary=thresholds_of([one.monetary for one in ranked], bins, minimum_ranked),
    )

    customers: dict[str, RfmCustomer] = {}
    for who, own in sorted(rfm_measures(orders, visits, as_of, profile).items()):
        r_score = 1 + thresholds_below(epoch_day(own.last_seen_on), thresholds.recency)
        value = frequency_value(own, profile)
        if own.frequency == 0:
            # "customers without one keep frequency 0, score F = 1 and M = 1"
            f_score = 1
            m_score = 1
        else:
            m_score = 1 + thresholds_below(own.monetary, thresholds.monetary)
            if own.lifetime_orders == 1:
                # "F = 1 is exactly one lifetime order"
                f_score = 1
            elif own.frequency == 1 or value is None:
                # "a repeat buyer with at most one order in the window scores 2", and
                # so does one without a gap to be ranked by
                f_score = 2
            else:
                f_score = 2 + thresholds_below(value, thresholds.frequency)
        customers[who] = RfmCustomer(
            customer_id=who,
            last_order_on=own.last_order_on,
            recency_days=(as_of - own.last_seen_on).days,
            lifetime_orders=own.lifetime_orders,
            frequency=own.frequency,
            gap_hundredths=own.gap_hundredths,
            monetary=own.monetary,
            r_score=r_score,
            f_score=f_score,
            m_score=m_score,
        )
    # "when fewer than 100 buyers are ranked or all recency thresholds coincide"
    distinct, found = set(thresholds.recency.values), thresholds.recency.values
    is_telling = len(ranked) >= minimum_ranked and (
        len(distinct) > 1 or len(found) == 1
    )
    return Rfm(thresholds, ranked_on, customers, is_telling)


ANY_SCORE = (1, 2, 3, 4, 5)
RFM_NAMES: tuple[tuple[str, Sequence[int], Sequence[int], Sequence[int]], ...] = (
    ("champions", (5,), (4, 5), (4, 5)),
    ("loyal", (3, 4, 5), (4, 5), ANY_SCORE),
    ("cant_lose", (1, 2), (4, 5), (4, 5)),
    ("new", (5,), (1,), ANY_SCORE),
    ("promising", (4,), (1,), ANY_SCORE),
    ("potential_loyalist", (4, 5), (2, 3), ANY_SCORE),
    ("need_attention", (3,), (3,), ANY_SCORE),
    ("about_to_sleep", (3,), (1, 2), ANY_SCORE),
    ("at_risk", (1, 2), (3, 4, 5), ANY_SCORE),
    ("hibernating", (2,), (1, 2), ANY_SCORE),
    ("lost", (1,), (1, 2), ANY_SCORE),
)
# A row for recency 5 to 1, a word for frequency 1 to 5.
RF_GRID_10 = (
    "new potential_loyalist potential_loyalist champions champions",
    "promising potential_loyalist potential_loyalist loyal loyal",
    "about_to_sleep about_to_sleep need_attention loyal loyal",
    "hibernating hibernating at_risk at_risk cant_lose",
    "hibernating hibernating at_risk at_risk cant_lose",
)
# A row for recency 3 to 1, a word for frequency 1 to 3.
THREE_BIN_6 = (
    "promising loyal champions",
    "need_attention need_attention loyal",
    "lost at_risk at_risk",
)
# Ranges of recency and of frequency and money as printed, 0 to 5, in printed order.
PRINTED_RANGES = (
    ("champions", (4, 5), (4, 5)),
    ("loyal", (2, 5), (3, 5)),
    ("potential_loyalist", (3, 5), (1, 3)),
    ("new", (4, 5), (0, 1)),
    ("promising", (3, 4), (0, 1)),
    ("need_attention", (2, 3), (2, 3)),
    ("about_to_sleep", (2, 3), (0, 2)),
    ("at_risk", (0, 2), (2, 5)),
    ("cant_lose", (0, 1), (4, 5)),
    ("hibernating", (1, 2), (1, 2)),
    ("lost", (0, 2), (0, 2)),
)
NAMING_MAPS = ("rfm_11", "rf_grid_10", "r_x_fm_11", "braze_like_10", "three_bin_6")


def from_one(range_of_scores: tuple[int, int]) -> range:
    """Return the scores of a printed range: "0 is read as 1"."""
    return range(max(1, range_of_scores[0]), range_of_scores[1] + 1)


def narrowest_first() -> list[tuple[str, range, range]]:
    """Return the printed ranges, those with fewer cells first; `lost` is one cell."""
    ranges = [
        (name, from_one(recency), from_one(other))
        for name, recency, other in PRINTED_RANGES
        if name != "lost"
    ]
    return [
        ("lost", range(1, 2), range(1, 2)),
        *sorted(ranges, key=lambda one: len(one[1]) * len(one[2])),
    ]


def rfm_name(
    r_score: int, f_score: int, m_score: int, naming_map: str = "rfm_11"
) -> str:
    """Return the name of a cell: "first match wins"; ValueError where there is none."""
    cell = (r_score, f_score, m_score)
    bins = 3 if naming_map == "three_bin_6" else 5
    if not all(1 <= score <= bins for score in cell):
        raise ValueError(f"no name for R{r_score} F{f_score} M{m_score}")
    if naming_map == "rf_grid_10":
        return RF_GRID_10[5 - r_score].split()[f_score - 1]
    if naming_map == "three_bin_6":
        return THREE_BIN_6[3 - r_score].split()[f_score - 1]
    if naming_map == "r_x_fm_11":
        average = rounded_half_up(Fraction(f_score + m_score, 2))
        for name, recency, other in narrowest_first():
            if r_score in recency and average in other:
                return name
    if naming_map == "braze_like_10":
        for name, recency, other in narrowest_first()[1:]:
            if r_score in recency and f_score in other and m_score in other:
                return name
        if r_score >= 3:
            return "potential_loyalist" if f_score <= 3 else "loyal"
        return "hibernating" if f_score == 1 else "at_risk"
    for name, r_scores, f_scores, m_scores in RFM_NAMES:
        if r_score in r_scores and f_score in f_scores and m_score in m_scores:
            return name
    raise ValueError(f"no name for R{r_score} F{f_score} M{m_score} in {naming_map}")


@dataclass(frozen=True)
class StageSpell:
    """One purchase stage held from a day to an exclusive day (None = open)."""

    stage: str
    valid_from: date
    valid_to: date | None
    previous_stage: str | None


def known_since(signed_up_on: date | None, purchase_days: Iterable[date]) -> date:
    """Return "the earlier of the sign-up day and the first valid order's day"."""
    days = list(purchase_days)
    if signed_up_on is not None:
        days.append(signed_up_on)
    if not days:
        raise ValueError("neither sign-up nor purchase: the customer is not known")
    return min(days)


def merge_days(
    named_days: Iterable[tuple[date, str]],
) -> list[tuple[str, date, date | None, str | None]]:
    """Merge equal neighbours of a gapless spine to (name, from, to, previous)."""
    starts: list[tuple[str, date]] = []
    for day, name in named_days:
        if not starts or starts[-1][0] != name:
            starts.append((name, day))
    spells: list[tuple[str, date, date | None, str | None]] = []
    for number, (name, valid_from) in enumerate(starts):
        is_last = number == len(starts) - 1
        valid_to = None if is_last else starts[number + 1][1]
        previous = None if number == 0 else starts[number - 1][0]
        spells.append((name, valid_from, valid_to, previous))
    return spells


def days_between(first: date, last: date) -> list[date]:
    """Return every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


DAILY_STATES = ("new", "current", "reactivated", "resurrected")
ACTIVITY_STATES = (*DAILY_STATES, "at_risk_wau", "at_risk_mau", "dormant")


@dataclass(frozen=True)
class ActivitySpell:
    """One activity state held from a day to an exclusive day (None = open)."""

    state: str
    valid_from: date
    valid_to: date | None
    previous_state: str | None


@dataclass(frozen=True)
class GrowthDay:
    """One day of growth accounting, in customers."""

    day: date
    new: int
    current: int
    reactivated: int
    resurrected: int
    at_risk_wau: int
    at_risk_mau: int
    dormant: int
    dau: int
    wau: int
    mau: int


def activity_state_on(day: date, active_days: Iterable[date]) -> str:
    """Return the state of a day; "before it `never_active`"."""
    so_far = {active for active in active_days if active <= day}
    before = {active for active in so_far if active < day}
    if not so_far:
        return "never_active"
    if not before:
        return "new"
    days_since_active_before = (day - max(before)).days
    if day in so_far:
        if days_since_active_before <= 6:
            return "current"
        if days_since_active_before <= 29:
            return "reactivated"
        return "resurrected"
    if days_since_active_before <= 6:
        return "at_risk_wau"
    if days_since_active_before <= 29:
        return "at_risk_mau"
    return "dormant"


def activity_spells(active_days: Iterable[date], as_of: date) -> list[ActivitySpell]:
    """Walk "one per customer and day since the first active day" up to as_of."""
    active = {day for day in active_days if day <= as_of}
    if not active:
        return []
    spine = [
        (day, activity_state_on(day, active))
        for day in days_between(min(active), as_of)
    ]
    return [ActivitySpell(*spell) for spell in merge_days(spine)]


def growth_accounting(
    active_days_by_customer: Mapping[str, Iterable[date]], from_day: date, to_day: date
) -> list[GrowthDay]:
    """Count per day, both ends included: "DAU = the first four; WAU adds …"."""
    active_by_customer = {
        customer_id: set(active_days)
        for customer_id, active_days in active_days_by_customer.items()
    }
    rows: list[GrowthDay] = []
    for day in days_between(from_day, to_day):
        counts = dict.fromkeys((*ACTIVITY_STATES, "never_active"), 0)
        for active_days in active_by_customer.values():
            counts[activity_state_on(day, active_days)] += 1
        del counts["never_active"]
        dau = sum(counts[state] for state in DAILY_STATES)
        wau = dau + counts["at_risk_wau"]
        mau = wau + counts["at_risk_mau"]
        rows.append(GrowthDay(day=day, **counts, dau=dau, wau=wau, mau=mau))
    return rows


@dataclass(frozen=True)
class ConsentRow:
    """One consent of one customer, channel and purpose."""

    status: str
    changed_at: datetime


@dataclass(frozen=True)
class Audience:
    """What decides about an audience; give a list's audiences in its order."""

    name: str
    channel: str
    message_class: str
    holdout_salt: str
    holdout_share: Fraction = Fraction(0)
    send_from: time = time(9)
    send_to: time = time(20)
    shares_with_third_party: bool = False
    priority_list: str | None = None
    required_consents: frozenset[str] = frozenset()
    identifier_form: str = "plain"
    limit: int | None = None


@dataclass(frozen=True)
class Candidate:
    """The facts about one member of an audience's segments, filled by the caller.

    The identifier is normalised for the channel; consents are those of the channel.
    """

    customer_id: str
    identifier: str | None
    is_test: bool = False
    has_valid_identifier: bool = True
    is_suppressed: bool = False
    has_consent: bool = True
    has_night_consent: bool = True
    has_third_party_consent: bool = True
    has_recent_purchase: bool = False
    is_at_frequency_cap: bool = False


@dataclass(frozen=True)
class Decision:
    """Whether a customer gets an audience's message; reason None = included."""

    audience: str
    customer_id: str
    reason: str | None


def consent_granted(rows: Iterable[ConsentRow], as_of_end: datetime) -> bool:
    """Decide by the latest row: "At equal times withdrawn wins".

    "withdrawals … count as soon as they are loaded, whatever their time; grants
    count as of the date." "No consent row means no consent."
    """
    counted = [
        row for row in rows if row.status == "withdrawn" or row.changed_at < as_of_end
    ]
    if not counted:
        return False
    latest = max(row.changed_at for row in counted)
    return all(row.status == "granted" for row in counted if row.changed_at == latest)


def bucket(salt: str, customer_id: str) -> int:
    """Return "first 8 hex digits of sha256(salt | '|' | customer_id) mod 10 000"."""
    digest = hashlib.sha256(f"{salt}|{customer_id}".encode()).hexdigest()
    return int(digest[:8], 16) % 10_000


def arm_of(salt: str, shares: Mapping[str, Fraction], customer_id: str) -> str | None:
    """Return the first arm whose share, and those before it, are above the bucket."""
    reached = Fraction(0)
    for arm, share in shares.items():
        reached += share
        if bucket(salt, customer_id) < reached * 10_000:
            return arm
    return None


def destination_identifier(form: str, identifier: str, customer_id: str) -> str | None:
    """Return what a destination calls somebody; None = it cannot. Korean numbers."""
    is_number = identifier.startswith("+") and identifier[1:].isdecimal()
    if form == "customer_id":
        return customer_id
    if form == "local_phone":
        is_korean = is_number and identifier.startswith("+82")
        return "0" + identifier[3:] if is_korean else None
    if form == "plain":
        return identifier
    if len(identifier) == 64 and set(identifier.lower()) <= set("0123456789abcdef"):
        return None
    if form == "sha256_meta" and is_number:
        identifier = identifier[1:]
    mailbox, _, host = identifier.partition("@")
    if form == "sha256_google" and host in ("gmail.com", "googlemail.com"):
        identifier = f"{mailbox.replace('.', '')}@{host}"
    return hashlib.sha256(identifier.encode()).hexdigest()


def limit_place(audience: str, customer_id: str) -> tuple[str, str]:
    """Return the place of a customer in "the first n": "by full sha256"."""
    digest = hashlib.sha256(f"limit|{audience}|{customer_id}".encode()).hexdigest()
    return digest, customer_id


def is_held_out(salt: str, customer_id: str, share: Fraction) -> bool:
    """Decide "held out when bucket < share x 10 000"."""
    return bucket(salt, customer_id) < share * 10_000


def touches_night(send_from: time, send_to: time) -> bool:
    """Tell whether a minute of [from, to) lies in 21:00-08:00.

    A window that ends at or before its start goes on past midnight. Whole minutes.
    """
    first = send_from.hour * 60 + send_from.minute
    end = send_to.hour * 60 + send_to.minute
    if end <= first:
        end = end + 24 * 60
    for minute in range(first, end):
        minute_of_day = minute % (24 * 60)
        if minute_of_day >= 21 * 60 or minute_of_day < 8 * 60:
            return True
    return False


def own_reason(audience: Audience, candidate: Candidate) -> str | None:
    """Return the first reason before `lower_priority`: "in order, first one counts"."""
    is_advertising = audience.message_class == "ad"
    # "advertising when the audience's `send_window` … touches … (e-mail exempt)"
    needs_night_consent = (
        is_advertising
        and audience.channel != "email"
        and touches_night(audience.send_from, audience.send_to)
    )
    if candidate.is_test:
        return "test_account"
    if candidate.identifier is None or candidate.identifier == "":
        return "no_identifier"
    form = audience.identifier_form
    called = destination_identifier(form, candidate.identifier, candidate.customer_id)
    if not candidate.has_valid_identifier or called is None:
        return "invalid_identifier"
    if candidate.is_suppressed:
        return "suppressed"
    # "`info` messages need no advertising consent."
    required = audience.required_consents
    if (is_advertising or "ad" in required) and not candidate.has_consent:
        return "no_consent"
    if (
        needs_night_consent or "night_ad" in required
    ) and not candidate.has_night_consent:
        return "no_night_consent"
    if (
        audience.shares_with_third_party or "third_party" in required
    ) and not candidate.has_third_party_consent:
        return "no_third_party_consent"
    if candidate.has_recent_purchase:
        return "recent_purchase"
    if candidate.is_at_frequency_cap:
        return "frequency_cap"
    return None


def audience_decisions(
    audiences: Sequence[Audience],
    candidates: Mapping[str, Sequence[Candidate]],
    global_holdout_salt: str,
    global_holdout_share: Fraction = Fraction(0),
) -> list[Decision]:
    """Return one decision per audience (given order) and customer (id order).

    "Holdouts come last, so that treated and held-out people passed the same filters."
    ValueError when a customer comes twice in an audience.
    """
    decisions: list[Decision] = []
    # (list, customer) of every audience of the list that the customer qualified for
    taken: set[tuple[str, str]] = set()
    for audience in audiences:
        rows = sorted(candidates.get(audience.name, ()), key=lambda c: c.customer_id)
        ids = [candidate.customer_id for candidate in rows]
        if len(set(ids)) < len(ids):
            raise ValueError(f"a customer comes twice in audience {audience.name}")

        reasons: dict[str, str | None] = {}
        for candidate in rows:
            reason = own_reason(audience, candidate)
            # "the first for which they pass every earlier reason"
            if reason is None and audience.priority_list is not None:
                place = (audience.priority_list, candidate.customer_id)
                if place in taken:
                    reason = "lower_priority"
                taken.add(place)
            reasons[candidate.customer_id] = reason

        # "Duplicate identifiers: the lowest customer_id keeps it."; rows are sorted.
        seen_identifiers: set[str | None] = set()
        for candidate in rows:
            who = candidate.customer_id
            if reasons[who] is None:
                reached = candidate.identifier
                if reached is not None and audience.identifier_form != "customer_id":
                    reached = destination_identifier(
                        audience.identifier_form, reached, who
                    )
                if reached in seen_identifiers:
                    reasons[who] = "duplicate_identifier"
                seen_identifiers.add(reached)

        # Before the holdouts: those held out are a part of whom the limit lets in.
        if audience.limit is not None:
            passing = [who for who in ids if reasons[who] is None]
            passing.sort(key=lambda who: limit_place(audience.name, who))
            for who in passing[audience.limit :]:
                reasons[who] = "over_limit"

        for candidate in rows:
            who = candidate.customer_id
            if reasons[who] is None:
                if audience.message_class == "ad" and is_held_out(
                    global_holdout_salt, who, global_holdout_share
                ):
                    reasons[who] = "global_holdout"
                elif is_held_out(audience.holdout_salt, who, audience.holdout_share):
                    reasons[who] = "holdout"
            decisions.append(Decision(audience.name, who, reasons[who]))
    return decisions


def engaged_minutes(seconds_by_day: Mapping[date, int], as_of: date, days: int) -> int:
    """Return whole minutes of "the n business days that end with `as_of_date`"."""
    seconds = 0
    for day, spent in seconds_by_day.items():
        if is_within(day, as_of, days):
            seconds += spent
    return seconds // 60


def most_used(uses: Iterable[tuple[str | None, datetime]]) -> str | None:
    """Return the name of most uses; "ties: the most recently used, then …"."""
    moments: dict[str, list[datetime]] = {}
    for name, moment in uses:
        if name is not None:
            moments.setdefault(name, []).append(moment)
    if not moments:
        return None
    best = max((len(own), max(own)) for own in moments.values())
    return min(n for n, own in moments.items() if (len(own), max(own)) == best)


def best_hour(moments: Iterable[datetime], timezone: str) -> int | None:
    """Return the hour of day with most events, in business time, "ties: earliest"."""
    hours = [moment.astimezone(ZoneInfo(timezone)).hour for moment in moments]
    if not hours:
        return None
    most = max(hours.count(hour) for hour in range(24))
    return next(hour for hour in range(24) if hours.count(hour) == most)


def discount_share(
    gross: Iterable[Decimal], discount: Iterable[Decimal]
) -> Fraction | None:
    """Return discounts over gross, "null without a valid order or with gross 0"."""
    whole = Fraction(sum(gross, Decimal(0)))
    return Fraction(sum(discount, Decimal(0))) / whole if whole else None


def average_order_value(net_minor: Sequence[int]) -> int | None:
    """Return "net revenue / valid orders" in minor units; half rounds away from 0."""
    if not net_minor:
        return None
    average = Fraction(sum(net_minor), len(net_minor))
    rounded = math.floor(abs(average) + Fraction(1, 2))
    return rounded if average >= 0 else -rounded


def favourite_category(
    lines: Iterable[tuple[str | None, int, Decimal]],
) -> str | None:
    """Return the category of "most lines; ties: more money, then name".

    A line is category, quantity, amount; what is weighed says nothing of loyalty.
    """
    counted: dict[str, int] = {}
    money: dict[str, Decimal] = {}
    for category, _, amount in lines:
        if category is not None:
            counted[category] = counted.get(category, 0) + 1
            money[category] = money.get(category, Decimal(0)) + amount
    ranked = sorted(counted, key=lambda name: (-counted[name], -money[name], name))
    return ranked[0] if ranked else None


def purchase_cadence(purchase_days: Iterable[date]) -> Fraction | None:
    """Return the average own gap, "null with fewer than two purchase days"."""
    days = sorted(set(purchase_days))
    gaps = [(later - day).days for day, later in itertools.pairwise(days)]
    return Fraction(sum(gaps), len(gaps)) if gaps else None


def price_in_force(
    prices: Mapping[datetime, Decimal], as_of_end: datetime
) -> Decimal | None:
    """Return the price of the latest day it began on before the end of as_of."""
    begun = [moment for moment in prices if moment < as_of_end]
    return prices[max(begun)] if begun else None


# What "서울, 서울시, 서울특별시 are one" means, with the first day of a new name.
GWANGJU_AND_JEONNAM_JOIN = date(2026, 7, 1)
REGIONS: Mapping[str, tuple[str, date | None]] = {
    "서울": ("seoul", None),
    "서울시": ("seoul", None),
    "서울특별시": ("seoul", None),
    "seoul": ("seoul", None),
    "경기": ("gyeonggi", None),
    "경기도": ("gyeonggi", None),
    "gyeonggi-do": ("gyeonggi", None),
    "강원": ("gangwon", None),
    "강원도": ("gangwon", None),
    "강원특별자치도": ("gangwon", date(2023, 6, 11)),
    "전북": ("jeonbuk", None),
    "전라북도": ("jeonbuk", None),
    "전북특별자치도": ("jeonbuk", date(2024, 1, 18)),
    "광주": ("gwangju", None),
    "전라남도": ("jeonnam", None),
    "전남광주통합특별시": ("jeonnam_gwangju", GWANGJU_AND_JEONNAM_JOIN),
}


def canonical_region(
    entered: str | None, country: str | None, as_of: date
) -> str | None:
    """Return the region "only for country KR or null", else as entered, trimmed."""
    if entered is None or not entered.strip():
        return None
    known = REGIONS.get(unicodedata.normalize("NFC", entered).strip().lower())
    if country not in (None, "KR") or known is None:
        return entered.strip()
    region, since = known
    if since is not None and as_of < since:
        return entered.strip()
    if region in ("gwangju", "jeonnam") and as_of >= GWANGJU_AND_JEONNAM_JOIN:
        return "jeonnam_gwangju"
    return region


def attribute_values(
    lists: Iterable[tuple[str, str, str, datetime]],
) -> list[tuple[str, str, str, datetime]]:
    """Split lists of (attribute, source, values, when) to one row per value.

    Of several the declared one is left, then the latest; sorted.
    """
    found: dict[tuple[str, str], tuple[str, datetime]] = {}
    for attribute, source, values, when in lists:
        for value in values.split("|"):
            if value.strip():
                key = (attribute, value.strip())
                other = found.get(key)
                if (
                    other is None
                    or (source == "declared" and other[0] == "inferred")
                    or (source == other[0] and when > other[1])
                ):
                    found[key] = (source, when)
    return sorted(
        (attribute, value, source, when)
        for (attribute, value), (source, when) in found.items()
    )


@dataclass(frozen=True)
class Move:
    """Something a customer did: an event by its name, or an `order`."""

    at: datetime
    name: str
    product: str = ""
    coupon: str = ""


def in_time(moves: Iterable[Move]) -> list[Move]:
    """Sort moves; "what was removed or bought in the same instant is gone"."""
    exits = ("cart_remove", "wishlist_remove", "order")
    return sorted(moves, key=lambda move: (move.at, move.name in exits))


def on_since(moves: Iterable[Move], place: str) -> dict[str, datetime]:
    """Return since when which product is in a place, `cart` or `wishlist`."""
    since: dict[str, datetime] = {}
    for move in in_time(moves):
        if move.name == f"{place}_add":
            since.setdefault(move.product, move.at)
        elif move.name in (f"{place}_remove", "order"):
            since.pop(move.product, None)
    return since


def carts_left(
    moves: Iterable[Move], orders: Iterable[datetime], as_of_end: datetime
) -> int:
    """Return carts "left for 24 hours with something in them", walking through time."""
    day = timedelta(hours=24)
    left = pieces = 0
    last: datetime | None = None
    bought = [Move(at, "order") for at in orders]
    for move in in_time([*moves, *bought]):
        if last is not None and move.at - last >= day:
            left += pieces > 0
            pieces = 0
        if move.name == "order":
            pieces = 0
        else:
            pieces += 1 if move.name == "cart_add" else -1
        last = move.at
        if move.name == "order":
            last = None
    if last is not None and as_of_end - last >= day:
        left += pieces > 0
    return left


def open_coupons(
    downloads: Iterable[Move], orders: Iterable[tuple[datetime, str]]
) -> int:
    """Return coupons not used since; "a coupon without a name is used by any"."""
    used = list(orders)
    latest: dict[str, datetime] = {}
    for move in in_time(downloads):
        latest[move.coupon] = move.at
    return sum(
        not any(at >= since and code and coupon in ("", code) for at, code in used)
        for coupon, since in latest.items()
    )


def days_to_refill(days_by_product: Mapping[str, set[date]], as_of: date) -> int | None:
    """Return days until the first refill; "overdue by more than its own gap is given
    up".
    """
    left = []
    for days in days_by_product.values():
        gap = purchase_cadence(days)
        if gap is not None:
            whole = math.floor(gap)
            wait = (max(days) - as_of).days + whole
            if wait >= -whole:
                left.append(wait)
    return min(left, default=None)


def price_sensitivity(discounted: int, orders: int, percent: tuple[int, int]) -> str:
    """Return low, medium or high by the share of discounted orders, of two or more."""
    if orders < 2:
        return "unknown"
    share = Fraction(100 * discounted, orders)
    return "low" if share < percent[0] else "medium" if share < percent[1] else "high"
