"""Hand-worked examples of the definitions, against the oracle itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.python.oracle import (
    Audience,
    Candidate,
    ConsentRow,
    Order,
    RawOrder,
    Refund,
    RfmProfile,
    activity_spells,
    activity_state_on,
    arm_of,
    attribute_values,
    audience_decisions,
    average_order_value,
    best_hour,
    bucket,
    business_day,
    canonical_region,
    consent_granted,
    destination_identifier,
    discount_share,
    end_of_day,
    engaged_minutes,
    favourite_category,
    growth_accounting,
    known_since,
    most_used,
    net_revenue,
    order_valid,
    price_in_force,
    purchase_cadence,
    rfm,
    rfm_name,
)
from tests.python.rule_oracle import (
    Action,
    Customer,
    Held,
    Record,
    RuleError,
    Segment,
    Shop,
    evaluate,
    is_member,
)
from tests.python.stage_oracle import (
    Settings,
    calibrate,
    churns_on,
    deadlines,
    purchase_stage_spells,
    slips_on,
)

JAN_1 = date(2025, 1, 1)
AS_OF = date(2025, 6, 30)
AS_OF_END = end_of_day(AS_OF)


def day(number: int) -> date:
    """Return the day `number` days after 1 January 2025."""
    return JAN_1 + timedelta(days=number)


def orders_of(customer_id: str, *days_and_amounts: tuple[date, int]) -> list[Order]:
    """Return valid orders of a customer."""
    return [
        Order(f"{customer_id}-{number}", customer_id, ordered_on, amount)
        for number, (ordered_on, amount) in enumerate(days_and_amounts)
    ]


def test_a_business_day_ends_at_midnight_in_seoul() -> None:
    # Seoul is UTC + 9: 14:59 UTC is 23:59 there, 15:00 UTC is 00:00 of the next day.
    assert business_day(datetime(2025, 6, 30, 14, 59, tzinfo=UTC)) == AS_OF
    assert business_day(datetime(2025, 6, 30, 15, 0, tzinfo=UTC)) == date(2025, 7, 1)
    assert datetime(2025, 6, 30, 15, 0, tzinfo=UTC) == AS_OF_END


LAST_MOMENT = AS_OF_END - timedelta(microseconds=1)


def raw_order(
    status: str = "paid",
    customer_id: str | None = "known",
    gross: str = "100",
    discount: str = "10",
    ordered_at: datetime = LAST_MOMENT,
    cancelled_at: datetime | None = None,
) -> RawOrder:
    """Return an order in won."""
    return RawOrder(
        "o",
        customer_id,
        ordered_at,
        status,
        "KRW",
        Decimal(gross),
        Decimal(discount),
        cancelled_at,
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (raw_order(), True),
        (raw_order(status="returned"), True),
        (raw_order(status="pending"), False),
        (raw_order(status="cancelled"), False),
        (raw_order(status="cancelled", cancelled_at=LAST_MOMENT), False),
        (raw_order(status="cancelled", cancelled_at=AS_OF_END), True),
        (raw_order(status="pending", cancelled_at=AS_OF_END), False),
        (raw_order(status="paid", cancelled_at=LAST_MOMENT), False),
        (raw_order(ordered_at=AS_OF_END), False),
        (raw_order(customer_id=None), False),
        (raw_order(customer_id="nobody"), False),
        (raw_order(customer_id="tester"), False),
        (raw_order(gross="10"), True),
        (raw_order(gross="9"), False),
    ],
)
def test_order_validity_follows_the_text(order: RawOrder, expected: bool) -> None:
    # 10 - 10 = 0 is an order; 9 - 10 = -1 is not. Everything else is read off.
    assert (
        order_valid(order, [], {"known": False, "tester": True}, AS_OF_END) is expected
    )


@pytest.mark.parametrize(
    ("amounts", "refunded_at", "expected_valid", "expected_net"),
    [
        (["89"], LAST_MOMENT, True, 1),
        (["40", "50"], LAST_MOMENT, False, 0),
        (["90"], AS_OF_END, True, 90),
    ],
)
def test_a_full_refund_so_far_makes_an_order_invalid(
    amounts: list[str], refunded_at: datetime, expected_valid: bool, expected_net: int
) -> None:
    # Worth 100 - 10 = 90. 89 < 90; 40 + 50 = 90 >= 90; a refund of tomorrow is 0.
    refunds = [
        Refund(str(number), "o", refunded_at, Decimal(amount))
        for number, amount in enumerate(amounts)
    ]
    order = raw_order()
    assert order_valid(order, refunds, {"known": False}, AS_OF_END) is expected_valid
    assert net_revenue(order, refunds, {}, AS_OF_END) == expected_net


def test_an_order_worth_nothing_is_refunded_only_by_a_refund() -> None:
    # Worth 10 - 10 = 0. Refunds 0 is not > 0; refunds 1 > 0 and 1 >= 0.
    order = raw_order(gross="10")
    refund = Refund("r", "o", LAST_MOMENT, Decimal(1))
    assert order_valid(order, [], {"known": False}, AS_OF_END)
    assert not order_valid(order, [refund], {"known": False}, AS_OF_END)


def test_revenue_uses_the_latest_rate_on_or_before_the_day() -> None:
    # 10.01 - 0.01 - 0.50 = 9.50 dollars; x 1000.1 = 9500.95 won, rounds to 9501.
    order = RawOrder(
        "o", "c", LAST_MOMENT, "paid", "USD", Decimal("10.01"), Decimal("0.01")
    )
    refunds = [Refund("r", "o", LAST_MOMENT, Decimal("0.50"))]
    tomorrow = AS_OF + timedelta(days=1)
    rates = {"USD": {JAN_1: Decimal("1000.1"), tomorrow: Decimal(2000)}}
    assert net_revenue(order, refunds, rates, AS_OF_END) == 9501
    later = {"USD": {tomorrow: Decimal(2000)}}
    assert net_revenue(order, refunds, later, AS_OF_END) is None


def test_money_has_the_scale_of_the_reporting_currency() -> None:
    # 1000 won x 0.00075 = 0.75 dollars = 75 cents; 1020 x 0.00075 = 0.765 -> 77 cents;
    # 1000 - 1020 is no sale and makes no revenue negative;
    # 10 won x 0.00075 = 0.0075 dollars -> 1 cent.
    rates = {"KRW": {AS_OF: Decimal("0.00075")}}
    cents = [
        net_revenue(
            raw_order(gross=gross, discount=discount), [], rates, AS_OF_END, "USD", 2
        )
        for gross, discount in (
            ("1000", "0"),
            ("1020", "0"),
            ("1000", "1020"),
            ("10", "0"),
        )
    ]
    assert cents == [75, 77, 0, 1]


def test_recency_ranks_the_epoch_day_of_the_last_order() -> None:
    # 1 January 2025 is day 20089: 55 years x 365 = 20075, 14 leap days (1972 … 2024).
    # Five customers, one a fifth: thresholds are the first four days.
    orders = [o for n in range(5) for o in orders_of(f"c{n}", (JAN_1, 1), (day(n), 1))]
    result = rfm(orders, AS_OF)
    assert result.thresholds.recency.values == (20089, 20090, 20091, 20092)
    assert [c.r_score for c in result.customers.values()] == [1, 2, 3, 4, 5]
    # 1 January to 30 June: 31 + 28 + 31 + 30 + 31 + 29 = 180 days.
    assert result.customers["c0"].recency_days == 180


def test_fifths_of_ten_customers_and_equal_values_get_equal_scores() -> None:
    # Money 10, 20 … 100. k fifths of 10 = 2k customers: thresholds 20, 40, 60, 80.
    # Strictly below 20: none -> 1; below 21…40: 20 -> 2; 100: four -> 5.
    orders = [
        order for n in range(1, 11) for order in orders_of(f"c{n:02}", (AS_OF, 10 * n))
    ]
    result = rfm(orders, AS_OF)
    assert result.thresholds.monetary.values == (20, 40, 60, 80)
    scores = [customer.m_score for customer in result.customers.values()]
    assert scores == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # All bought on the same day: every threshold is that day, none strictly below.
    assert {customer.r_score for customer in result.customers.values()} == {1}
    assert len(set(result.thresholds.recency.values)) == 1
    assert result.thresholds.recency.score_reliability == "low"


def test_fifths_of_three_customers_are_rounded_up_to_whole_customers() -> None:
    # k/5 of 3 = 0.6, 1.2, 1.8, 2.4 -> 1, 2, 2, 3 customers: thresholds 5, 6, 6, 7.
    orders = [
        *orders_of("a", (AS_OF, 5)),
        *orders_of("b", (AS_OF, 6)),
        *orders_of("c", (AS_OF, 7)),
    ]
    result = rfm(orders, AS_OF)
    assert result.thresholds.monetary.values == (5, 6, 6, 7)
    # 5: none below -> 1; 6: 5 -> 2; 7: 5, 6, 6 -> 4.
    assert [c.m_score for c in result.customers.values()] == [1, 2, 4]


@pytest.mark.parametrize(("customers", "expected"), [(99, "low"), (100, "ok")])
def test_a_hundred_ranked_customers_are_reliable(customers: int, expected: str) -> None:
    # All money differs, so only the number ranked decides: 99 < 100.
    orders = [
        order for n in range(customers) for order in orders_of(f"c{n}", (AS_OF, n))
    ]
    assert rfm(orders, AS_OF).thresholds.monetary.score_reliability == expected


def test_frequency_ranks_repeat_buyers_among_themselves() -> None:
    # Repeat buyers have 2, 3, 4, 5 orders. Quarters of 4 = 1, 2, 3 customers: 2, 3, 4.
    # 2: none below -> 2; 3: 2 -> 3; 4: 2, 3 -> 4; 5: 2, 3, 4 -> 5; one order -> 1.
    orders = [
        order
        for count in range(1, 6)
        for order in orders_of(f"c{count}", *[(AS_OF, 1)] * count)
    ]
    result = rfm(orders, AS_OF)
    assert result.thresholds.frequency.values == (2, 3, 4)
    assert result.thresholds.frequency.ranked == 4
    assert [c.f_score for c in result.customers.values()] == [1, 2, 3, 4, 5]


def test_a_window_counts_its_orders_and_ranks_only_its_customers() -> None:
    # 10 days to 30 June begin on 21 June; 20 June is outside.
    inside, outside = date(2025, 6, 21), date(2025, 6, 20)
    orders = [
        *orders_of("gone", (outside, 900), (outside, 900)),
        *orders_of("half", (outside, 900), (inside, 10)),
        *orders_of("once", (inside, 20)),
        *orders_of("twice", (inside, 30), (AS_OF, 40)),
    ]
    result = rfm(orders, AS_OF, RfmProfile(window_days=10))
    # Ranked money 10, 20, 70 -> fifths at customers 1, 2, 2, 3.
    assert result.thresholds.monetary.values == (10, 20, 20, 70)
    # Ranked repeat buyers: half 1, twice 2. Quarters of 2 = 0.5, 1, 1.5 -> 1, 1, 2.
    assert result.thresholds.frequency.values == (1, 1, 2)
    gone = result.customers["gone"]
    assert (gone.frequency, gone.monetary) == (0, 0)
    assert (gone.recency_days, gone.r_score, gone.f_score, gone.m_score) == (
        10,
        1,
        1,
        1,
    )
    # half: one in the window -> F 2. once: one lifetime -> F 1.
    # twice: frequency 2, below it 1 and 1 -> F 2 + 2 = 4.
    assert [c.f_score for c in result.customers.values()] == [1, 2, 1, 4]


def test_what_is_not_counted_is_not_scored() -> None:
    # A guest, an invalid order and an order of tomorrow: nobody has a valid order.
    orders = [
        Order("1", None, AS_OF, 1),
        Order("2", "invalid", AS_OF, 1, is_valid=False),
        Order("3", "later", AS_OF + timedelta(days=1), 1),
    ]
    assert rfm(orders, AS_OF).customers == {}


def test_frozen_thresholds_score_without_what_the_others_did_since() -> None:
    # On 20 June money is 10, 20 … 100: thresholds 20, 40, 60, 80. Since then all but
    # the seventh spent 1000 more: the first fifth ends at 1010, and 70 scores 1.
    # Against the frozen ones 70 is above 20, 40 and 60 -> 4.
    frozen_on = date(2025, 6, 20)
    orders = [
        order
        for n in range(1, 11)
        for order in orders_of(
            f"c{n:02}", (frozen_on, 10 * n), *([(AS_OF, 1000)] if n != 7 else [])
        )
    ]
    frozen = rfm(orders, AS_OF, RfmProfile(frozen_on=frozen_on))
    assert frozen.thresholds.monetary.values == (20, 40, 60, 80)
    assert frozen.ranked_on == frozen_on
    assert frozen.customers["c07"].m_score == 4
    assert rfm(orders, AS_OF).customers["c07"].m_score == 1
    # All were 0 days ago on 20 June, which is 30 June on today's calendar: 10 days ago
    # is not above it.
    assert set(frozen.thresholds.recency.values) == {20089 + 180}
    assert frozen.customers["c07"].recency_days == 10


def test_gaps_are_between_days_and_fewer_days_are_better() -> None:
    # 1, 2 and 6 January, twice on the 6th: 5 days in 2 gaps are 2.50 days. Two orders
    # on one day are no gap: a repeat buyer without one scores 2.
    orders = [
        *orders_of("often", (JAN_1, 1), (day(1), 1), (day(5), 1), (day(5), 1)),
        *orders_of("rare", (JAN_1, 1), (day(100), 1)),
        *orders_of("one_day", (JAN_1, 1), (JAN_1, 1)),
        *orders_of("once", (JAN_1, 1)),
    ]
    result = rfm(orders, AS_OF, RfmProfile(frequency_of="cadence"))
    gaps = {who: one.gap_hundredths for who, one in result.customers.items()}
    assert gaps == {"often": 250, "rare": 10_000, "one_day": None, "once": None}
    # Ranked -10000 and -250; quarters of 2 = 0.5, 1, 1.5 -> 1, 1, 2.
    assert result.thresholds.frequency.values == (-10_000, -10_000, -250)
    scores = {who: one.f_score for who, one in result.customers.items()}
    assert scores == {"often": 4, "rare": 2, "one_day": 2, "once": 1}


def test_a_visit_counts_for_recency_and_an_average_for_money() -> None:
    # Last order 180 days ago, last visit 3; 5 and 6 on average are 5.5 -> 6.
    orders = orders_of("a", (JAN_1, 5), (JAN_1, 6))
    profile = RfmProfile(recency_of="visit", monetary_of="average")
    result = rfm(orders, AS_OF, profile, {"a": [day(177)], "stranger": [AS_OF]})
    assert list(result.customers) == ["a"]
    assert result.customers["a"].recency_days == 3
    assert result.customers["a"].last_order_on == JAN_1
    assert result.customers["a"].monetary == 6


def test_three_bins_are_thirds_and_halves_of_repeat_buyers() -> None:
    # Money 10, 20, 30: thirds 10, 20. Repeat buyers have 2, 3: half is 2.
    orders = [
        order for n in range(1, 4) for order in orders_of(f"c{n}", *[(AS_OF, 10)] * n)
    ]
    result = rfm(orders, AS_OF, RfmProfile(bins=3))
    assert result.thresholds.monetary.values == (10, 20)
    assert result.thresholds.frequency.values == (2,)
    assert [c.m_score for c in result.customers.values()] == [1, 2, 3]
    assert [c.f_score for c in result.customers.values()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("naming_map", "cell", "name"),
    [
        # R × average of F and M: 1 and 2 are 1.5 -> 2, no longer new.
        ("r_x_fm_11", (4, 1, 1), "new"),
        ("r_x_fm_11", (5, 1, 2), "potential_loyalist"),
        ("r_x_fm_11", (3, 1, 1), "promising"),
        ("r_x_fm_11", (1, 3, 4), "cant_lose"),
        ("r_x_fm_11", (1, 1, 1), "lost"),
        ("r_x_fm_11", (2, 3, 4), "at_risk"),
        ("braze_like_10", (5, 5, 1), "loyal"),
        ("braze_like_10", (1, 1, 5), "hibernating"),
        ("braze_like_10", (1, 5, 1), "at_risk"),
        ("braze_like_10", (4, 1, 5), "potential_loyalist"),
        ("rf_grid_10", (1, 5, 1), "cant_lose"),
        ("rf_grid_10", (5, 4, 1), "champions"),
        ("three_bin_6", (3, 1, 3), "promising"),
        ("three_bin_6", (2, 2, 1), "need_attention"),
    ],
)
def test_other_maps_name_their_cells(
    naming_map: str, cell: tuple[int, int, int], name: str
) -> None:
    assert rfm_name(*cell, naming_map) == name


@pytest.mark.parametrize(
    ("r_score", "names_by_f"),
    [
        (5, "new potential_loyalist potential_loyalist top top"),
        (4, "promising potential_loyalist potential_loyalist loyal loyal"),
        (3, "about_to_sleep about_to_sleep need_attention loyal loyal"),
        (2, "hibernating hibernating at_risk slipping slipping"),
        (1, "lost lost at_risk slipping slipping"),
    ],
)
def test_names_are_read_off_the_table(r_score: int, names_by_f: str) -> None:
    # Only where F is 4 or 5 and R is 5 or at most 2 does M decide, at 4.
    for f_score, name in enumerate(names_by_f.split(), start=1):
        low = {"top": "loyal", "slipping": "at_risk"}.get(name, name)
        high = {"top": "champions", "slipping": "cant_lose"}.get(name, name)
        names = [rfm_name(r_score, f_score, m_score) for m_score in range(1, 6)]
        assert names == [low, low, low, high, high]


@pytest.mark.parametrize(
    "cell", [(0, 1, 1), (6, 4, 4), (5, 6, 4), (5, 4, 6), (2, 4, 0)]
)
def test_a_score_outside_one_to_five_has_no_name(cell: tuple[int, int, int]) -> None:
    # Scores are 1 to 5; 0 and 6 are in no row.
    with pytest.raises(ValueError, match="no name"):
        rfm_name(*cell)


def test_each_of_125_cells_has_a_name_and_each_name_a_cell() -> None:
    # 5 x 5 x 5 = 125 cells, 11 names; an unnamed cell raises.
    scores = range(1, 6)
    names = [rfm_name(r, f, m) for r in scores for f in scores for m in scores]
    assert len(names) == 125
    assert len(set(names)) == 11


# Enough to calibrate by hand: a curve is followed to its last gap, 10 days count.
SMALL = Settings(
    population_minimum=99,
    longest=40,
    horizon=10,
    calibrated_from_gaps=2,
    calibrated_from_days=20,
    followed_gaps=1,
)


def first_buyers(*second_days: int | None) -> dict[str, list[date]]:
    """Customers who bought on 1 January, and once more on that day if at all."""
    return {
        str(number): [JAN_1] if second is None else [JAN_1, day(second)]
        for number, second in enumerate(second_days)
    }


def test_a_class_is_late_when_most_have_come_and_few_will() -> None:
    # 8 of 10 come back on day 10, 2 are away on day 60: S(10) = 0.2. Until day 9 the
    # chance is 1 - S(t + 10) = 0.8, from day 10 on 0. All returns have come on day 10.
    told = calibrate(first_buyers(*[10] * 8, None, None), day(60), SMALL)
    found = told["one_time"]
    assert (found.risk_days, found.churn_days) == (10, 10)
    assert found.risk_lateness == found.churn_lateness == Fraction(10)
    assert (found.gaps, found.ended, found.followed) == (10, 8, 40)
    # At risk the day after day 10, churned not before day 30.
    assert deadlines([JAN_1], told, SMALL) == (11, 30)
    # The 8 second purchases are still open: nothing ended.
    assert not told["repeat"].is_calibrated


def test_whom_everybody_comes_back_from_is_never_late() -> None:
    # One of 30 a day: of those still away at least a third comes within 10 days.
    told = calibrate(first_buyers(*range(1, 31)), day(60), SMALL)
    assert told["one_time"].is_calibrated
    assert told["one_time"].churn_days is None
    assert deadlines([JAN_1], told, SMALL)[1] is None


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # n = 0: g = 45, the default. At risk after one, churned not before day 180.
        ([0], (46, 180)),
        # n = 1: g = (11 + 3 x 45) / 4 = 36.5: 2.5 g = 91.25, 6 g = 219.
        ([0, 11], (92, 220)),
        # n = 3 daily purchases: g = (3 + 135) / 6 = 23: 57.5, 138 -> 180.
        ([0, 1, 2, 3], (58, 180)),
        # n = 1: g = (731 + 135) / 4 = 216.5 -> 180: 450 -> 364, 1080 -> 365.
        ([-731, 0], (364, 365)),
    ],
)
def test_a_shop_that_cannot_be_calibrated_supposes(
    days: Sequence[int], expected: tuple[int, int]
) -> None:
    told = calibrate({}, AS_OF)
    assert deadlines([day(number) for number in days], told, Settings()) == expected


def test_spells_follow_from_deadlines() -> None:
    # g = 45 after the first purchase, churned from day 180; bought on the first churned
    # day the stage is existing, a day later the customer is won back.
    told = calibrate({}, AS_OF)
    spells = purchase_stage_spells(
        day(-2), [JAN_1, day(181)], told, day(190), Settings()
    )
    assert [(s.stage, s.valid_from, s.valid_to, s.previous_stage) for s in spells] == [
        ("prospect", day(-2), day(0), None),
        ("first_purchase", day(0), day(46), "prospect"),
        ("at_risk", day(46), day(180), "first_purchase"),
        ("churned", day(180), day(181), "at_risk"),
        ("reactivated", day(181), None, "churned"),
    ]
    stages = purchase_stage_spells(JAN_1, [JAN_1, day(180)], told, day(190), Settings())
    assert [spell.stage for spell in stages] == [
        "first_purchase",
        "at_risk",
        "existing",
    ]
    told_of = (JAN_1, [JAN_1], told, Settings())
    assert slips_on(day(45), *told_of) == day(46)
    assert slips_on(day(46), *told_of) is None
    assert churns_on(day(179), *told_of) == day(180)
    assert churns_on(day(180), *told_of) is None


def test_a_customer_is_known_since_the_earlier_day() -> None:
    # Sign-up on day 5, purchases on days 3 and 9: known since day 3.
    assert known_since(day(5), [day(9), day(3)]) == day(3)
    assert known_since(day(5), []) == day(5)


@pytest.mark.parametrize(
    ("number", "active", "state"),
    [
        (0, [1], "never_active"),
        (0, [0], "new"),
        (6, [0, 6], "current"),
        (7, [0, 7], "reactivated"),
        (29, [0, 29], "reactivated"),
        (30, [0, 30], "resurrected"),
        (6, [0], "at_risk_wau"),
        (7, [0], "at_risk_mau"),
        (29, [0], "at_risk_mau"),
        (30, [0], "dormant"),
    ],
)
def test_activity_states_change_after_6_and_29_days(
    number: int, active: list[int], state: str
) -> None:
    # Days since the last active day before: 6 -> week, 7 and 29 -> month, 30 -> over.
    assert activity_state_on(day(number), [day(n) for n in active]) == state


def test_activity_spells_merge_equal_days() -> None:
    # Active on days 0, 1, 2; days 3…8 are at most 6 after day 2; day 9 is 7 after it.
    spells = activity_spells([day(0), day(1), day(2), day(20)], day(9))
    assert [(s.state, s.valid_from, s.valid_to, s.previous_state) for s in spells] == [
        ("new", day(0), day(1), None),
        ("current", day(1), day(3), "new"),
        ("at_risk_wau", day(3), day(9), "current"),
        ("at_risk_mau", day(9), None, "at_risk_wau"),
    ]
    # Up to its first active day there is one spell; before it there is none.
    assert [spell.state for spell in activity_spells([day(0)], day(0))] == ["new"]
    assert activity_spells([day(1)], day(0)) == []


def test_growth_accounting_counts_every_state() -> None:
    # On day 40: a new, b current, c reactivated, d resurrected (40 - 10 = 30),
    # e at_risk_wau (6), f at_risk_mau (29), g dormant (30), h never yet.
    active = {
        "a": [day(40)],
        "b": [day(34), day(40)],
        "c": [day(33), day(40)],
        "d": [day(10), day(40)],
        "e": [day(34)],
        "f": [day(11)],
        "g": [day(10)],
        "h": [day(41)],
    }
    before, on_the_day = growth_accounting(active, day(39), day(40))
    # 1 of each; DAU 4, WAU 4 + 1 = 5, MAU 5 + 1 = 6.
    assert (on_the_day.new, on_the_day.current, on_the_day.reactivated) == (1, 1, 1)
    assert (on_the_day.resurrected, on_the_day.at_risk_wau) == (1, 1)
    assert (on_the_day.at_risk_mau, on_the_day.dormant) == (1, 1)
    assert (on_the_day.dau, on_the_day.wau, on_the_day.mau) == (4, 5, 6)
    # Day 39: b and e 5 days ago, c 6 -> week; d and g 29, f 28 -> month; a, h never.
    assert (before.dau, before.wau, before.mau, before.dormant) == (0, 3, 6, 0)


TYPES = {
    "gender": "text",
    "is_member": "boolean",
    "age": "integer",
    "spent": "decimal",
    "born_on": "date",
    "likes": "list",
}
TRAITS: Mapping[str, object] = {
    "gender": "female",
    "is_member": False,
    "age": 30,
    "spent": Decimal("0.10"),
    "born_on": date(1995, 1, 1),
    "likes": "tea|green tea",
}
# Bought on the 24th (7 days with the 30th), twice on the 23rd, once after as_of.
EVENTS = {
    "purchase": {
        date(2025, 6, 24): 1,
        date(2025, 6, 23): 2,
        date(2025, 7, 1): 9,
    },
    "share": {AS_OF: 1},
}


def done(event: str, number: int, hour: int, **values: str | None) -> Action:
    """Return something done at an hour of the day so many days before as_of."""
    on = AS_OF - timedelta(days=number)
    at = datetime.combine(on, time(hour))
    properties = values.pop("properties", None)
    return Action(event, f"{event}-{number}-{hour}", at, on, values, properties)


# Five days ago tea was viewed, put in the cart and bought, at three moments. Two days
# ago coffee was viewed and put in the cart at one moment. Today: a search.
ACTIONS = (
    done("product_view", 5, 9, product_id="tea", category="drinks"),
    done("cart_add", 5, 10, product_id="tea", category="drinks"),
    done("purchase", 5, 11, product_id="tea", category="drinks", coupon_code="MAY"),
    done("purchase", 5, 11, product_id="cup", category="kitchen", coupon_code="MAY"),
    done("product_view", 2, 9, product_id="coffee", category=None),
    done("cart_add", 2, 9, product_id="coffee", category=None),
    done(
        *("search", 0, 9),
        search_term="mug",
        properties='{"hits": 3, "sorted": true, "by": "price", "page": 7, "no": null, '
        '"size": "42"}',
    ),
)


def decide(
    rule: Mapping[str, object],
    traits: Mapping[str, object] = TRAITS,
    segments: Mapping[str, Segment] | None = None,
    records: Sequence[Record] = (),
    as_of: date = AS_OF,
) -> bool:
    """Decide a rule about the customer of this section."""
    stage = Held("at_risk", date(2025, 6, 28))
    activity = Held("dormant")
    customer = Customer("c", traits, EVENTS, ACTIONS, stage, activity)
    shop = Shop(as_of, TYPES, segments or {}, [customer], records)
    return evaluate(rule, customer, shop)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"trait": "gender", "is": "female"}, True),
        ({"trait": "gender", "is_not": "female"}, False),
        ({"trait": "gender", "in": ["male", "female"]}, True),
        ({"trait": "gender", "not_in": ["male"]}, True),
        ({"trait": "is_member", "is": False}, True),
        ({"trait": "age", "at_least": 30}, True),
        ({"trait": "age", "above": 30}, False),
        ({"trait": "age", "at_most": 30}, True),
        ({"trait": "age", "below": 30}, False),
        ({"trait": "age", "between": [30, 39]}, True),
        ({"trait": "age", "between": [31, 39]}, False),
        ({"trait": "spent", "at_most": 0.1}, True),
        ({"trait": "born_on", "below": "1995-01-02"}, True),
        ({"trait": "born_on", "between": [date(1995, 1, 1), "1995-01-01"]}, True),
        ({"trait": "likes", "has": "tea"}, True),
        ({"trait": "likes", "has": "green"}, False),
        ({"trait": "likes", "has_any": ["green", "green tea"]}, True),
        ({"trait": "likes", "has_all": ["tea", "green"]}, False),
        ({"trait": "likes", "has_all": ["green tea", "tea"]}, True),
        ({"trait": "likes", "known": True}, True),
    ],
)
def test_trait_conditions(rule: Mapping[str, object], expected: bool) -> None:
    # Age 30, spent 0.10 = 0.1 exactly, likes are the two items tea and green tea.
    assert decide(rule) is expected


@pytest.mark.parametrize(
    "condition",
    [
        {"trait": "gender", "is": "female"},
        {"trait": "gender", "is_not": "female"},
        {"trait": "gender", "not_in": ["female"]},
        {"trait": "age", "at_most": 200},
        {"trait": "age", "between": [0, 200]},
        {"trait": "likes", "has_any": ["tea"]},
        {"trait": "gender", "known": True},
    ],
)
def test_an_unknown_value_matches_nothing_but_the_complement_does(
    condition: Mapping[str, object],
) -> None:
    # Unknown -> the condition is false; none: not false = true.
    unknown = {"gender": None, "likes": None}
    assert not decide(condition, unknown)
    assert decide({"none": [condition]}, unknown)
    assert decide({"trait": condition["trait"], "known": False}, unknown)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"event": "purchase"}, True),
        ({"event": "search"}, False),
        ({"event": "share"}, True),
        ({"event": "share", "within_days": 1}, True),
        ({"event": "search", "never": True}, True),
        ({"event": "purchase", "never": True}, False),
        ({"event": "purchase", "between": [3, 3]}, True),
        ({"event": "purchase", "within_days": 7, "at_most": 1}, True),
        ({"event": "purchase", "within_days": 8, "at_least": 3}, True),
        ({"event": "purchase", "within_days": 6}, False),
        ({"event": "purchase", "within_days": 6, "never": True}, True),
        ({"event": "purchase", "between_days": [7, 7], "between": [2, 2]}, True),
        ({"event": "purchase", "between_days": [0, 5], "never": True}, True),
        ({"event": "purchase", "between_days": [0, 6], "between": [1, 1]}, True),
        ({"event": "share", "between_days": [0, 0]}, True),
        ({"event": "share", "between_days": [1, 3650]}, False),
    ],
)
def test_event_conditions(rule: Mapping[str, object], expected: bool) -> None:
    # Ever 1 + 2 = 3; 7 days begin on the 24th -> 1; 8 on the 23rd -> 3; 6 -> 0.
    # Shared once, on as_of itself.
    assert decide(rule) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"stage": "at_risk"}, True),
        ({"stage": "churned"}, False),
        ({"stage": "at_risk", "for_days": 3}, True),
        ({"stage": "at_risk", "for_days": 4}, False),
        ({"stage": "at_risk", "entered_within_days": 3}, True),
        ({"stage": "at_risk", "entered_within_days": 2}, False),
        ({"activity": "dormant"}, True),
        ({"activity": "dormant", "for_days": 1}, False),
    ],
)
def test_stage_and_activity_conditions(
    rule: Mapping[str, object], expected: bool
) -> None:
    # At risk since the 28th: the 28th, 29th, 30th are 3 days. Dormant since unknown.
    assert decide(rule) is expected


@pytest.mark.parametrize(
    ("event", "where", "expected"),
    [
        ("purchase", {"category": "drinks"}, 1),
        ("purchase", {"category": ["drinks", "kitchen"]}, 1),
        ("purchase", {"category": "drinks", "product_id": "cup"}, 0),
        ("purchase", {"coupon_code": ["JUNE", "MAY"], "product_id": "cup"}, 1),
        ("cart_add", {"product_id": ["tea", "coffee"]}, 2),
        ("cart_add", {"category": ["drinks", ""]}, 1),
        ("search", {"search_term": "mug", "hits": 3}, 1),
        ("search", {"hits": 3.0}, 1),
        ("search", {"hits": "3"}, 1),
        ("search", {"hits": ["3.0", " 3"]}, 0),
        ("search", {"hits": True}, 0),
        ("search", {"size": 42}, 1),
        ("search", {"size": "042"}, 0),
        ("search", {"sorted": True}, 1),
        ("search", {"sorted": "true"}, 1),
        ("search", {"sorted": [False, "True", 1]}, 0),
        ("search", {"by": [0, True]}, 0),
        ("search", {"by": ["name", "price"]}, 1),
        ("search", {"no": "null"}, 0),
        ("search", {"missing": "null"}, 0),
        ("search", {"page": "7"}, 0),
    ],
)
def test_where_counts_actions_that_fit_every_key(
    event: str, where: Mapping[str, object], expected: int
) -> None:
    # The order of tea and cup counts once; `page` is a column, whatever the JSON says;
    # a number and its text are told alike.
    rule = {"event": event, "where": where, "between": [expected, expected]}
    assert decide(rule)


def test_where_has_a_window() -> None:
    # Tea was bought five days ago: within 6 days, as as_of is the first of them.
    rule = {"event": "purchase", "where": {"product_id": "tea"}}
    assert decide({**rule, "within_days": 6})
    assert decide({**rule, "within_days": 5, "never": True})
    assert decide({**rule, "between_days": [5, 5]})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"sequence": ["product_view", "cart_add"]}, True),
        ({"sequence": ["product_view", "cart_add", "purchase"]}, True),
        ({"sequence": ["cart_add", "product_view", "search"]}, True),
        ({"sequence": ["search", "purchase"]}, False),
        ({"sequence": ["purchase", "purchase"]}, False),
        ({"sequence": ["cart_add", "cart_add"]}, True),
        ({"sequence": ["cart_add", "cart_add"], "same": "product_id"}, False),
        ({"sequence": ["cart_add", "purchase"], "same": "product_id"}, True),
        ({"sequence": ["product_view", "cart_add"], "within_days": 5}, False),
        ({"sequence": ["product_view", "cart_add"], "within_days": 6}, True),
        ({"sequence": ["product_view", "search"], "within_days": 5}, True),
        ({"sequence": ["product_view", "search"], "same": "product_id"}, False),
        ({"sequence": ["product_view", "cart_add"], "then_not": "purchase"}, True),
        (
            {
                "sequence": ["product_view", "cart_add"],
                "then_not": "purchase",
                "same": "product_id",
            },
            False,
        ),
        ({"sequence": ["cart_add", "purchase"], "then_not": "cart_add"}, False),
        (
            {
                "sequence": ["cart_add", "purchase"],
                "then_not": "cart_add",
                "same": "product_id",
            },
            True,
        ),
        ({"sequence": ["cart_add", "search"], "then_not": "search"}, True),
    ],
)
def test_sequences_are_strictly_later(
    rule: Mapping[str, object], expected: bool
) -> None:
    # Viewed coffee and put it in the cart at one moment: no sequence. Nothing was
    # bought after coffee; tea was bought after it was put in the cart.
    assert decide(rule) is expected


def test_ranks_are_stable_and_whole() -> None:
    # Ages of c0 to c4: 30, 40, 40, unknown, 20; ranked c1, c2, c0, c4.
    ages = (30, 40, 40, None, 20)
    customers = [
        Customer(f"c{number}", {"age": age}) for number, age in enumerate(ages)
    ]
    shop = Shop(AS_OF, TYPES, {}, customers)

    def ranked(**rank: object) -> str:
        rule = {"rank": {"by": "age", **rank}}
        return "".join(
            one.customer_id[1:] for one in customers if evaluate(rule, one, shop)
        )

    assert (ranked(top=1), ranked(top=2), ranked(top=9)) == ("1", "12", "0124")
    # (k - 1) * 100 < p * 4: one place for p up to 25, two up to 50.
    assert (ranked(top_percent=0.01), ranked(top_percent=25)) == ("1", "1")
    assert (ranked(top_percent=25.1), ranked(top_percent=100)) == ("12", "0124")


def test_members_of_a_recorded_segment_have_been_so_since_they_entered() -> None:
    # Entered on the 26th, as runs 1 and 2 said; run 3 of the 24th overrides both and
    # lets them enter then, so that the exit of the 27th (run 2) is dead.
    rule = {"trait": "gender", "is": "female"}
    segments = {"women": Segment(rule)}
    runs = [
        Record(1, date(2025, 6, 26), "entered", "women", "c"),
        Record(1, date(2025, 6, 26), "run"),
        Record(2, date(2025, 6, 27), "left", "women", "c"),
        Record(2, date(2025, 6, 27), "run"),
    ]
    again = [
        Record(3, date(2025, 6, 24), "entered", "women", "c"),
        Record(3, date(2025, 6, 24), "run"),
    ]

    def held(records: Sequence[Record], **days: int) -> bool:
        return decide({"segment": "women", **days}, TRAITS, segments, records)

    # The 26th to the 30th are 5 days.
    assert held(runs[:2], for_days=5)
    assert not held(runs[:2], for_days=6)
    # Left since: they enter today.
    assert held(runs, entered_within_days=1)
    assert not held(runs, for_days=2)
    # The 24th to the 30th are 7 days.
    assert held([*runs, *again], for_days=7, entered_within_days=7)
    assert not held([*runs, *again], entered_within_days=6)
    # What is recorded of as_of itself is not known yet.
    today = [Record(1, AS_OF, "entered", "women", "c"), Record(1, AS_OF, "run")]
    assert held(today, for_days=1, entered_within_days=1)
    assert not decide({"segment": "women", "for_days": 1}, {}, segments, runs)


def test_a_frozen_segment_is_the_rule_on_its_day_and_the_record_after_it() -> None:
    woman = {"trait": "gender", "is": "female"}
    frozen_on = date(2025, 6, 26)
    segments = {"women": Segment(woman, freeze=frozen_on)}
    cohort = {"segment": "women_20250626"}
    records = [
        Record(1, frozen_on, "entered", "women", "c"),
        Record(1, frozen_on, "run"),
        Record(2, date(2025, 6, 27), "left", "women", "c"),
        Record(2, date(2025, 6, 27), "run"),
    ]
    # Who left on the 27th was a member at the end of the 26th.
    assert decide(cohort, {}, segments, records)
    assert not decide(cohort, TRAITS, segments)
    assert decide(cohort, TRAITS, segments, (), frozen_on)
    assert not decide(cohort, {}, segments, records, frozen_on)
    assert not decide(cohort, TRAITS, segments, records, date(2025, 6, 25))


def test_a_child_is_its_parent_and_more() -> None:
    segments = {
        "adults": Segment({"trait": "age", "at_least": 19}),
        "women": Segment({"trait": "gender", "is": "female"}, parent="adults"),
        "buyers": Segment({"event": "purchase"}, parent="women"),
        "a": Segment({"event": "purchase"}, parent="b"),
        "b": Segment({"segment": "a"}),
    }
    shop = Shop(AS_OF, TYPES, segments)
    for traits, expected in (
        ({"age": 19, "gender": "female"}, True),
        ({"age": 18, "gender": "female"}, False),
        ({"age": 19, "gender": "male"}, False),
    ):
        customer = Customer("c", traits, EVENTS)
        assert is_member("buyers", customer, shop) is expected
    with pytest.raises(RuleError, match="cycle: a -> b -> a"):
        is_member("a", Customer(), shop)


def test_groups_and_segments_nest() -> None:
    # adult true, man false: all(true, none(false)) true; any(false, none(true)) false.
    segments = {
        "adult": Segment({"all": [{"trait": "age", "at_least": 19}]}),
        "man": Segment({"any": [{"trait": "gender", "is": "male"}]}),
        "round": Segment({"all": [{"segment": "and_round"}]}),
        "and_round": Segment({"none": [{"segment": "round"}]}),
    }
    adult, man = {"segment": "adult"}, {"segment": "man"}
    assert decide({"all": [adult, {"none": [man]}]}, segments=segments)
    assert not decide({"any": [man, {"none": [adult]}]}, segments=segments)
    assert decide({"none": [man, man]}, segments=segments)
    with pytest.raises(RuleError, match="cycle: round -> and_round -> round"):
        decide({"all": [{"segment": "round"}]}, segments=segments)


@pytest.mark.parametrize(
    "rule",
    [
        {"all": []},
        {"all": [{"trait": "age", "at_least": 1}], "any": []},
        {"trait": "height", "at_least": 1},
        {"trait": "age", "is": 30},
        {"trait": "age", "at_least": "30"},
        {"trait": "gender", "is": 1},
        {"trait": "gender", "in": []},
        {"trait": "gender", "in": "male"},
        {"trait": "born_on", "above": 1995},
        {"trait": "gender"},
        {"trait": "age", "at_least": 1, "at_most": 2},
        {"event": "purchase", "within_days": 0},
        {"event": "purchase", "within_days": 3651},
        {"event": "purchase", "within_days": 2, "between_days": [0, 1]},
        {"event": "purchase", "between_days": [2, 1]},
        {"event": "purchase", "between_days": [-1, 1]},
        {"event": "purchase", "where": {}},
        {"event": "purchase", "where": {"category": []}},
        {"event": "purchase", "where": {"page": "home"}},
        {"event": "purchase", "where": {"category": 1}},
        {"event": "search", "where": {"search_term": True}},
        {"event": "search", "where": {"a'b": "c"}},
        {"event": "search", "where": {"hits": None}},
        {"sequence": ["search"]},
        {"sequence": ["search"] * 6},
        {"sequence": ["search", "purchase"], "same": "category"},
        {"sequence": ["search", "purchase"], "never": True},
        {"rank": {"by": "age"}},
        {"rank": {"by": "gender", "top": 1}},
        {"rank": {"by": "age", "top": 0}},
        {"rank": {"by": "age", "top": 1, "top_percent": 1}},
        {"rank": {"by": "age", "top_percent": 100.1}},
        {"stage": "at_risk", "for_days": 0},
        {"segment": "nobody_wrote_it"},
    ],
)
def test_a_rule_that_does_not_compile_is_an_error(rule: Mapping[str, object]) -> None:
    # Read off the language: one subject, one test of its type, no empty group.
    with pytest.raises(RuleError, match=r"."):
        decide(rule)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], False),
        ([("granted", -1)], True),
        ([("granted", 0)], False),
        ([("granted", -2), ("withdrawn", -1)], False),
        ([("withdrawn", -2), ("granted", -1)], True),
        ([("granted", -1), ("withdrawn", -1)], False),
        ([("granted", -1), ("withdrawn", 9)], False),
        ([("withdrawn", 1), ("granted", 2)], False),
    ],
)
def test_the_latest_consent_counts_and_withdrawals_early(
    rows: list[tuple[str, int]], expected: bool
) -> None:
    # Hours from the end of as_of: a grant at 0 or later is not known yet.
    consents = [
        ConsentRow(status, AS_OF_END + timedelta(hours=hours)) for status, hours in rows
    ]
    assert consent_granted(consents, AS_OF_END) is expected


def test_a_bucket_is_the_sha256_of_salt_and_id() -> None:
    # printf '%s' 'salt|c1' | sha256sum begins dfe70d90 = 3756461456; mod 10 000 = 1456.
    assert bucket("salt", "c1") == 1456


def reasons_of(audience: Audience, *candidates: Candidate) -> list[str | None]:
    """Return the reasons of one audience, in the order of customer_id."""
    decisions = audience_decisions([audience], {audience.name: candidates}, "global")
    return [decision.reason for decision in decisions]


NIGHT_SMS = Audience(
    "night",
    "sms",
    "ad",
    "salt",
    holdout_share=Fraction(1),
    send_to=time(21, 1),
    shares_with_third_party=True,
)
REASONS_AND_FACTS: list[tuple[str, dict[str, object]]] = [
    ("test_account", {"is_test": True}),
    ("no_identifier", {"identifier": None}),
    ("invalid_identifier", {"has_valid_identifier": False}),
    ("suppressed", {"is_suppressed": True}),
    ("no_consent", {"has_consent": False}),
    ("no_night_consent", {"has_night_consent": False}),
    ("no_third_party_consent", {"has_third_party_consent": False}),
    ("recent_purchase", {"has_recent_purchase": True}),
    ("frequency_cap", {"is_at_frequency_cap": True}),
]


@pytest.mark.parametrize("first", range(len(REASONS_AND_FACTS)))
def test_the_first_reason_counts(first: int) -> None:
    # Every fact from `first` on speaks against her, and the holdout takes everybody.
    facts: dict[str, object] = {"identifier": "010"}
    for _, fact in REASONS_AND_FACTS[first:]:
        facts.update(fact)
    candidate = Candidate("c", **facts)  # type: ignore[arg-type]
    assert reasons_of(NIGHT_SMS, candidate) == [REASONS_AND_FACTS[first][0]]


def test_who_passes_every_filter_meets_the_holdout() -> None:
    # Share 1: every bucket 0…9999 < 10000. Share 0: no bucket < 0.
    assert reasons_of(NIGHT_SMS, Candidate("c", "010")) == ["holdout"]
    # "default [09:00, 20:00)"
    open_to_all = Audience("day", "sms", "ad", "salt")
    assert (open_to_all.send_from, open_to_all.send_to) == (time(9), time(20))
    assert reasons_of(open_to_all, Candidate("c", "010")) == [None]


@pytest.mark.parametrize(
    ("channel", "message_class", "send_from", "send_to", "expected"),
    [
        ("sms", "ad", time(8), time(21), None),
        ("sms", "ad", time(7, 59), time(21), "no_night_consent"),
        ("sms", "ad", time(8), time(21, 1), "no_night_consent"),
        ("sms", "ad", time(20), time(9), "no_night_consent"),
        ("sms", "ad", time(12), time(12), "no_night_consent"),
        ("sms", "ad", time(8, 30), time(9), None),
        ("email", "ad", time(8), time(21, 1), None),
        ("sms", "info", time(8), time(21, 1), None),
    ],
)
def test_night_consent_is_needed_for_advertising_at_night(
    channel: str,
    message_class: str,
    send_from: time,
    send_to: time,
    expected: str | None,
) -> None:
    # [08:00, 21:00) ends before the night begins; one minute either way touches it.
    # 12:00 to 12:00 is a whole day.
    audience = Audience(
        "a", channel, message_class, "salt", send_from=send_from, send_to=send_to
    )
    candidate = Candidate("c", "010", has_night_consent=False)
    assert reasons_of(audience, candidate) == [expected]


def test_information_needs_no_advertising_consent() -> None:
    # The same person: refused as advertising, allowed as information.
    candidate = Candidate("c", "010", has_consent=False)
    assert reasons_of(Audience("a", "sms", "ad", "s"), candidate) == ["no_consent"]
    assert reasons_of(Audience("a", "sms", "info", "s"), candidate) == [None]


def test_the_lowest_passing_customer_keeps_a_shared_identifier() -> None:
    # Text order: "1" < "10" < "9" < "B" < "a". "1" is suppressed, so "10" keeps it.
    candidates = [
        Candidate("a", "010"),
        Candidate("B", "010"),
        Candidate("9", "010"),
        Candidate("10", "010"),
        Candidate("1", "010", is_suppressed=True),
    ]
    reasons = reasons_of(Audience("a", "sms", "ad", "s"), *candidates)
    assert reasons == ["suppressed", None, *["duplicate_identifier"] * 3]


def test_a_list_gives_each_customer_to_the_first_audience_they_pass() -> None:
    # x passes first -> lost to second. y is capped in first -> second.
    # z is a duplicate of x in first: passed every earlier reason, so lost to second.
    # Another list does not know about this one.
    first = Audience("first", "sms", "ad", "s", priority_list="june")
    second = Audience("second", "sms", "ad", "s", priority_list="june")
    other = Audience("other", "sms", "ad", "s", priority_list="july")
    x, y, z = Candidate("x", "1"), Candidate("y", "2"), Candidate("z", "1")
    capped = Candidate("y", "2", is_at_frequency_cap=True)
    decisions = audience_decisions(
        [first, second, other],
        {"first": [z, x, capped], "second": [x, y, z], "other": [x, y]},
        "global",
    )
    assert [(d.audience, d.customer_id, d.reason) for d in decisions] == [
        ("first", "x", None),
        ("first", "y", "frequency_cap"),
        ("first", "z", "duplicate_identifier"),
        ("second", "x", "lower_priority"),
        ("second", "y", None),
        ("second", "z", "lower_priority"),
        ("other", "x", None),
        ("other", "y", None),
    ]


def test_a_limit_takes_the_first_by_hash_and_the_holdout_some_of_them() -> None:
    # printf '%s' 'limit|a|x' | sha256sum: 10ad…; of y: 85d3….
    audience = Audience("a", "sms", "ad", "s", limit=1)
    candidates = [Candidate("x", "1"), Candidate("y", "2"), Candidate("z", "2")]
    assert reasons_of(audience, *candidates) == [
        None,
        "over_limit",
        "duplicate_identifier",
    ]
    everybody = replace(audience, holdout_share=Fraction(1))
    assert reasons_of(everybody, *candidates) == [
        "holdout",
        "over_limit",
        "duplicate_identifier",
    ]


def test_consents_that_an_audience_asks_for_are_needed_beside_those_of_its_class() -> (
    None
):
    # Information at noon needs none by itself.
    info = Audience("a", "sms", "info", "s")
    lacking = Candidate(
        "c",
        "1",
        has_consent=False,
        has_night_consent=False,
        has_third_party_consent=False,
    )
    assert reasons_of(info, lacking) == [None]
    for purpose, reason in (
        ("ad", "no_consent"),
        ("night_ad", "no_night_consent"),
        ("third_party", "no_third_party_consent"),
    ):
        asking = replace(info, required_consents=frozenset({purpose}))
        assert reasons_of(asking, lacking) == [reason]


def test_what_a_destination_calls_somebody() -> None:
    # printf '%s' 821012345678 | sha256sum, and so on.
    called = destination_identifier
    assert called("customer_id", "+821012345678", "c1") == "c1"
    assert called("local_phone", "+821012345678", "c1") == "01012345678"
    assert called("local_phone", "+12125550100", "c1") is None
    assert called("sha256_meta", "+821012345678", "c1") == (
        "5d639079300bfabb1fa81139c823d324b2a67e9dd4157475190a31fb17528bc0"
    )
    assert called("sha256", "+821012345678", "c1") == (
        "2efdd01fdf56e3f07de56acd9d40beb256d5983aec5f6d597c2c48354f35f9e0"
    )
    assert called("sha256_google", "ki.m@gmail.com", "c1") == (
        "4a7798c6b39118d1e03df1ff1896dd6093f24ecd91f7ded7ca9f167f452adbd4"
    )
    assert called("sha256_google", "ki.m@gmail.com.kr", "c1") == called(
        "sha256", "ki.m@gmail.com.kr", "c1"
    )
    assert called("sha256", "aB" * 32, "c1") is None
    # An address that two spellings share reaches one person once.
    audience = Audience("a", "email", "ad", "s", identifier_form="sha256_google")
    twins = [Candidate("x", "ki.m@gmail.com"), Candidate("y", "kim@gmail.com")]
    assert reasons_of(audience, *twins) == [None, "duplicate_identifier"]


def test_an_arm_has_the_buckets_up_to_the_sum_of_shares() -> None:
    # Bucket of salt|c1 is 1456.
    shares = {"a": Fraction(1456, 10_000), "b": Fraction(8544, 10_000)}
    assert arm_of("salt", shares, "c1") == "b"
    shares = {"a": Fraction(1457, 10_000), "b": Fraction(8543, 10_000)}
    assert arm_of("salt", shares, "c1") == "a"


def test_the_global_holdout_comes_before_the_own_and_only_for_advertising() -> None:
    # Both shares 1: everybody is in both; information has no global holdout.
    candidates = {"a": [Candidate("c", "010")]}
    for message_class, expected in (("ad", "global_holdout"), ("info", "holdout")):
        audience = Audience("a", "sms", message_class, "s", holdout_share=Fraction(1))
        (decision,) = audience_decisions([audience], candidates, "g", Fraction(1))
        assert decision.reason == expected


def test_held_out_is_strictly_below_the_share() -> None:
    # Bucket of salt|c1 is 1456: 1456 < 1456 is false, 1456 < 1457 is true.
    for extra, expected in ((0, None), (1, "holdout")):
        share = Fraction(1456 + extra, 10_000)
        audience = Audience("a", "sms", "ad", "salt", holdout_share=share)
        assert reasons_of(audience, Candidate("c1", "010")) == [expected]


def test_minutes_are_whole_and_of_the_last_days() -> None:
    # Day 6 is the first of the 7 that end with day 12: 59 + 60 = 119 s, 1 whole minute.
    seconds = {day(5): 6000, day(6): 59, day(12): 60, day(13): 6000}
    assert engaged_minutes(seconds, day(12), 7) == 1
    assert engaged_minutes(seconds, day(12), 8) == (6000 + 119) // 60 == 101


def test_of_equal_habits_the_last_counts_and_then_the_first_by_name() -> None:
    # b and c twice each; c last at 2 h, b at 3 h. At the same hour, b before c.
    hour = [datetime(2025, 1, 1, number, tzinfo=UTC) for number in range(4)]
    uses = [("b", hour[0]), ("c", hour[1]), ("c", hour[2]), (None, hour[3])]
    assert most_used([*uses, ("b", hour[3])]) == "b"
    assert most_used([*uses, ("b", hour[2])]) == "b"
    assert most_used([*uses, ("b", hour[1])]) == "c"
    assert most_used([(None, hour[0])]) is None
    # 0 h UTC is 9 h in Seoul; one event in each of 9, 10, 11, 12 h: the earliest.
    assert best_hour(hour, "Asia/Seoul") == 9
    assert best_hour([*hour, hour[2]], "Asia/Seoul") == 11
    assert best_hour([], "Asia/Seoul") is None


def test_averages_of_purchases() -> None:
    # 100 of 1000; (1000 + 0 + 1) / 3 = 333.67 -> 334; 1/2 -> 1; gaps 5 and 2 -> 3.5.
    amounts = [Decimal(900), Decimal(100)]
    assert discount_share(amounts, [Decimal(0), Decimal(100)]) == Fraction(1, 10)
    assert discount_share([Decimal(0)], [Decimal(0)]) is None
    assert average_order_value([1000, 0, 1]) == 334
    assert (average_order_value([1, 0]), average_order_value([])) == (1, None)
    assert purchase_cadence([day(7), day(0), day(5), day(0)]) == Fraction(7, 2)
    assert purchase_cadence([day(7), day(7)]) is None


def test_the_favourite_category_has_most_lines_then_money_then_the_first_name() -> None:
    food, home = ("food", 2, Decimal(10)), ("home", 2, Decimal(11))
    assert favourite_category([food, home]) == "home"
    assert favourite_category([food, home, ("food", 1, Decimal(0))]) == "food"
    assert favourite_category([("home", 2, Decimal(10)), food]) == "food"
    assert favourite_category([(None, 9, Decimal(9))]) is None


def test_the_price_in_force_began_before_the_end_of_the_day() -> None:
    prices = {
        AS_OF_END - timedelta(days=9): Decimal(1),
        AS_OF_END - timedelta(seconds=1): Decimal(2),
        AS_OF_END: Decimal(3),
    }
    assert price_in_force(prices, AS_OF_END) == 2
    assert price_in_force({}, AS_OF_END) is None


@pytest.mark.parametrize(
    ("entered", "country", "on", "expected"),
    [
        ("서울시", None, AS_OF, "seoul"),
        (" 서울특별시", "KR", AS_OF, "seoul"),
        ("서울", "JP", AS_OF, "서울"),
        ("Bavaria ", None, AS_OF, "Bavaria"),
        ("강원특별자치도", "KR", date(2023, 6, 10), "강원특별자치도"),
        ("강원특별자치도", "KR", date(2023, 6, 11), "gangwon"),
        ("강원도", "KR", date(2030, 1, 1), "gangwon"),
        ("광주", "KR", date(2026, 6, 30), "gwangju"),
        ("광주", "KR", date(2026, 7, 1), "jeonnam_gwangju"),
        (" ", "KR", AS_OF, None),
    ],
)
def test_a_region_is_what_its_spelling_means_on_the_day(
    entered: str, country: str | None, on: date, expected: str | None
) -> None:
    assert canonical_region(entered, country, on) == expected


def test_of_a_value_the_declared_and_then_the_latest_row_is_left() -> None:
    # tea is declared at 1 h and inferred later; coffee is declared at 1 and 2 h.
    early, late = (datetime(2025, 1, 1, hour, tzinfo=UTC) for hour in (1, 2))
    assert attribute_values(
        [
            ("likes", "declared", " tea |coffee", early),
            ("likes", "inferred", "tea|wine", late),
            ("likes", "declared", "coffee||", late),
        ]
    ) == [
        ("likes", "coffee", "declared", late),
        ("likes", "tea", "declared", early),
        ("likes", "wine", "inferred", late),
    ]
