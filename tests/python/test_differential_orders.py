"""Validity and net revenue of orders in SQL against the oracle, and money's laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import MODELS, Bench, Suite, World, world

CHAIN = (
    *("stg_deletion_requests", "stg_customers", "stg_exchange_rates", "stg_orders"),
    *("stg_refunds", "int_orders_converted", "int_refunds_converted", "orders"),
    "daily_revenue",
)
# Whose order it is: the two buyers, a test account, a customer of tomorrow, one who
# was erased, one nobody knows, and a guest.
OWNERS = ("c1", "c1", "c2", "c2", "tester", "tomorrow", "erased", "nobody", None, "")
IS_TEST = {"c1": False, "c2": False, "tester": True}
STATUSES = ("pending", "paid", "shipped", "delivered", "returned", "cancelled")
SCALES = {"KRW": 0, "USD": 2, "EUR": 2, "JPY": 0}


@dataclass(frozen=True)
class OrderCase:
    """One order with its shipping, refunds, and whether other versions surround it."""

    order: oracle.RawOrder
    shipping: Decimal
    refunds: Sequence[oracle.Refund]
    has_older_version: bool
    has_later_version: bool


@dataclass(frozen=True)
class ShopCase:
    """Orders and the rates of a case."""

    orders: Sequence[OrderCase]
    rates: Mapping[str, Mapping[date, Decimal]]


def moments(world: World) -> SearchStrategy[datetime]:
    """Return moments at the edges of business days, some after the as-of day."""
    return st.builds(
        lambda days_ago, clock: world.moment(
            world.as_of - timedelta(days=days_ago), clock
        ).replace(tzinfo=UTC),
        st.sampled_from((-2, -1, -1, 0, 0, 0, 1, 2, 30, 200)),
        st.sampled_from((time(0), time(12), time(23, 59, 59, 999999))),
    )


def amounts(scale: int) -> SearchStrategy[Decimal]:
    """Return amounts with the decimals of a currency."""
    minor = st.sampled_from((0, 1, 1, 50, 99, 100, 101)) | st.integers(0, 10**6)
    return minor.map(lambda value: Decimal(value).scaleb(-scale))


@st.composite
def order_cases(draw: DrawFn, world: World, number: int) -> OrderCase:
    """Draw an order whose discount and refunds seek its own worth."""
    currency = draw(st.sampled_from((world.currency, world.currency, *SCALES)))
    scale = SCALES[currency]
    unit = Decimal(1).scaleb(-scale)
    gross = draw(amounts(scale))
    discount = draw(st.sampled_from((Decimal(0), gross, gross + unit)) | amounts(scale))
    if draw(st.sampled_from((True, True, True, False))):
        discount = min(discount, gross)
    worth = gross - discount
    refunded = st.sampled_from((worth, worth - unit, worth + unit, worth / 2, unit))
    refunds = []
    for refund_number in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2, 3)))):
        amount = draw(refunded)
        amount = max(amount.quantize(unit), unit)
        refund_id = f"r{number}-{refund_number}"
        refunds.append(
            oracle.Refund(refund_id, f"o{number}", draw(moments(world)), amount)
        )
    order = oracle.RawOrder(
        f"o{number}",
        draw(st.sampled_from(OWNERS)),
        draw(moments(world)),
        draw(st.sampled_from(STATUSES)),
        currency,
        gross,
        discount,
        draw(st.none() | moments(world) | st.just(world.end.replace(tzinfo=UTC))),
    )
    return OrderCase(
        order,
        draw(amounts(scale)),
        refunds,
        draw(st.booleans()),
        draw(st.booleans()),
    )


@st.composite
def shop_cases(draw: DrawFn, world: World) -> ShopCase:
    """Draw orders and rates, the first rate on some day near the orders."""
    size = draw(st.integers(1, 24))
    orders = [draw(order_cases(world, number)) for number in range(size)]
    rates: dict[str, dict[date, Decimal]] = {}
    for currency in draw(st.lists(st.sampled_from(("USD", "EUR", "KRW")), max_size=3)):
        for days_ago in draw(
            st.lists(
                st.sampled_from((-1, 0, 1, 2, 30, 31, 300)), min_size=1, max_size=3
            )
        ):
            rate = Decimal(draw(st.integers(1, 10**12))).scaleb(-8)
            near = st.sampled_from(
                (Decimal("0.5"), Decimal("1300.25"), Decimal("0.00075"))
            )
            rate = draw(near | st.just(rate))
            rates.setdefault(currency, {})[world.as_of - timedelta(days=days_ago)] = (
                rate
            )
    return ShopCase(orders, rates)


def naive(moment: datetime | None) -> datetime | None:
    """Return a moment as raw tables hold it."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def give_shop(bench: Bench, case: ShopCase) -> None:
    """Write the raw tables of a case."""
    world = bench.world
    loaded_at = world.moment(world.as_of + timedelta(days=9))
    before = world.moment(world.as_of - timedelta(days=500))
    owners = {**IS_TEST, "tomorrow": False, "erased": False}
    bench.give(
        "raw.customers",
        [
            {
                "customer_id": who,
                "created_at": world.end if who == "tomorrow" else before,
                "is_test": is_test,
                "loaded_at": loaded_at,
            }
            for who, is_test in owners.items()
        ],
    )
    bench.give(
        "raw.deletion_requests",
        [{"request_id": "d", "customer_id": "erased", "loaded_at": loaded_at}],
    )
    bench.give(
        "raw.exchange_rates",
        [
            {"currency": currency, "rate_date": day, "rate": rate}
            for currency, by_day in case.rates.items()
            for day, rate in by_day.items()
        ],
    )
    order_rows: list[dict[str, Any]] = []
    refund_rows: list[dict[str, Any]] = []
    for one in case.orders:
        order = one.order
        row = {
            "order_id": order.order_id,
            "customer_id": order.customer_id,
            "ordered_at": naive(order.ordered_at),
            "status": order.status,
            "currency": order.currency,
            "gross_amount": order.gross_amount,
            "discount_amount": order.discount_amount,
            "shipping_amount": one.shipping,
            "cancelled_at": naive(order.cancelled_at),
            "updated_at": naive(order.ordered_at),
            "loaded_at": loaded_at,
        }
        order_rows.append(row)
        wrong = {"status": "paid", "gross_amount": Decimal(777)}
        # Whether an older version stands in for a faulty one is not this test's matter.
        if one.has_older_version and order.gross_amount >= order.discount_amount:
            older = order.ordered_at - timedelta(seconds=1)
            order_rows.append({**row, **wrong, "updated_at": naive(older)})
        if one.has_later_version:
            order_rows.append({**row, **wrong, "updated_at": world.end})
        for refund in one.refunds:
            refund_rows.append(
                {
                    "refund_id": refund.refund_id,
                    "order_id": refund.order_id,
                    "refunded_at": naive(refund.refunded_at),
                    "amount": refund.amount,
                    "loaded_at": loaded_at,
                }
            )
    bench.give("raw.orders", order_rows)
    bench.give("raw.refunds", refund_rows)


@dataclass(frozen=True)
class ExpectedOrder:
    """What the definitions say of an order; money in minor units."""

    is_valid: bool
    is_revenue: bool
    gross: int
    discount: int
    shipping: int
    refunds: Sequence[tuple[date, int, int]]

    @property
    def net(self) -> int:
        """Worth less refunds, each amount with the scale of the currency."""
        return self.gross - self.discount + self.shipping - self.refunded

    @property
    def refunded(self) -> int:
        """The refunds so far, as far as they took back what counts as revenue."""
        return sum(taken for _, taken, _ in self.refunds)

    @property
    def beyond(self) -> int:
        """The rest of the refunds so far."""
        return sum(beyond for _, _, beyond in self.refunds)


def expected_order(
    world: World, one: OrderCase, rates: Mapping[str, Mapping[date, Decimal]]
) -> ExpectedOrder | None:
    """Return what is expected of an order, None where the warehouse has none."""
    order = one.order
    end = oracle.end_of_day(world.as_of, world.timezone)
    is_known = order.customer_id in (None, "", *IS_TEST, "erased")
    if order.ordered_at >= end or not is_known:
        return None
    if order.gross_amount < order.discount_amount:
        return None

    def converted(amount: Decimal) -> int | None:
        part = replace(order, gross_amount=amount, discount_amount=Decimal(0))
        return oracle.net_revenue(
            part, [], rates, end, world.currency, world.scale, world.timezone
        )

    # Each amount has the scale of the currency, so that they add up to the net.
    gross = converted(order.gross_amount)
    discount = converted(order.discount_amount)
    shipping = converted(one.shipping)
    if gross is None or discount is None or shipping is None:
        return None
    shipping = shipping if world.currency == "USD" else 0
    refunds = []
    left, original = gross - discount + shipping, Decimal(0)
    by_time = sorted(one.refunds, key=lambda one: (one.refunded_at, one.refund_id))
    for refund in by_time:
        amount = converted(refund.amount)
        if refund.refunded_at < end and amount is not None:
            day = oracle.business_day(refund.refunded_at, world.timezone)
            taken = min(amount, left)
            original += refund.amount
            # A full refund leaves none of the goods, whatever its parts round to.
            if original >= order.gross_amount - order.discount_amount:
                taken = max(taken, left - shipping)
            left -= taken
            refunds.append((day, taken, max(amount - taken, 0)))
    # What is nobody's for good is still revenue; only its validity is lost.
    as_buyer = replace(order, customer_id="c1", gross_amount=Decimal(10) ** 12)
    is_sold = oracle.order_valid(as_buyer, [], IS_TEST, end)
    owner = order.customer_id or None
    return ExpectedOrder(
        oracle.order_valid(
            replace(order, customer_id=owner), one.refunds, IS_TEST, end
        ),
        is_sold and order.customer_id != "tester",
        gross,
        discount,
        shipping,
        refunds,
    )


def check_orders(bench: Bench, case: ShopCase) -> None:
    """Compare every order and every day's revenue; all money is somewhere once."""
    world = bench.world
    give_shop(bench, case)
    bench.run(*CHAIN)
    expected: dict[str, ExpectedOrder] = {}
    by_day: dict[date, list[int]] = {}
    end = oracle.end_of_day(world.as_of, world.timezone)
    for one in case.orders:
        order = expected_order(world, one, case.rates)
        if order is None:
            continue
        expected[one.order.order_id] = order
        # Rounding amount by amount stays within half a unit an amount of the whole.
        included = one.shipping if world.currency == "USD" else Decimal(0)
        placed = replace(one.order, gross_amount=one.order.gross_amount + included)
        whole = oracle.net_revenue(
            *(placed, one.refunds, case.rates, end),
            *(world.currency, world.scale, world.timezone),
        )
        assert whole is not None
        parts = 3 + len(order.refunds) if one.order.currency != world.currency else 0
        assert order.net >= 0
        assert abs(2 * (order.net - whole)) <= parts
        if order.is_revenue:
            ordered_on = oracle.business_day(one.order.ordered_at, world.timezone)
            day = by_day.setdefault(ordered_on, [0, 0, 0, 0])
            day[0] += 1
            day[1] += order.net + order.refunded
            for refunded_on, taken, beyond in order.refunds:
                refunded_day = by_day.setdefault(refunded_on, [0, 0, 0, 0])
                refunded_day[2] += taken
                refunded_day[3] += beyond

    def money(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-world.scale)

    assert bench.rows(
        "orders",
        "order_id, is_valid, invalid_reason is null, is_revenue, gross_amount,"
        " discount_amount, refunded_amount, refunded_beyond_goods, net_revenue",
    ) == [
        (
            *(order_id, order.is_valid, order.is_valid, order.is_revenue),
            *(money(order.gross), money(order.discount)),
            *(money(order.refunded), money(order.beyond)),
            money(order.net if order.is_revenue else 0),
        )
        for order_id, order in sorted(expected.items())
    ]
    assert bench.rows(
        "daily_revenue",
        "revenue_on, order_count, sales_amount, refunded_amount,"
        " refunded_beyond_goods, net_revenue",
    ) == [
        (
            *(day, count, money(sold), money(refunded), money(beyond)),
            money(sold - refunded),
        )
        for day, (count, sold, refunded, beyond) in sorted(by_day.items())
    ]
    total = sum(order.net for order in expected.values() if order.is_revenue)
    for table in ("daily_revenue", "orders"):
        assert bench.rows(table, "coalesce(sum(net_revenue), 0)") == [(money(total),)]


def cases(world: World) -> SearchStrategy[ShopCase]:
    """Return the cases of a world."""
    return shop_cases(world)


ORDERS = Suite(MODELS, {}, cases, check_orders)


@pytest.mark.parametrize(("setting", "examples"), [("leap_day", 20), ("dollars", 12)])
def test_orders_and_daily_revenue_follow_the_definitions(
    setting: str, examples: int
) -> None:
    ORDERS.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_orders_follow_the_definitions_in_thousands_of_shops(setting: str) -> None:
    ORDERS.examine(world(setting), 500)
