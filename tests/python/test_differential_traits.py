"""Traits of the profile in SQL against the oracle: habits, windows, money, regions."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.python import oracle
from tests.python.compiled import MODELS, Bench, Suite, World, world

CHAIN = (
    *("stg_customers", "int_customer_profiles", "stg_events", "customer_days"),
    *("activity_spells", "int_customer_habits", "int_customer_activity"),
    *("int_purchase_gaps", "int_usual_gaps", "int_return_curves"),
    *("stage_calibration", "int_purchase_deadlines", "int_customer_stages"),
    *("stg_customer_attributes", "customer_attributes"),
    *("int_customer_tastes", "int_customer_purchases", "stg_product_prices"),
    *("customer_products", "int_customer_signals", "int_open_carts"),
    *("int_customer_carts", "int_customer_plans", "int_customer_moments"),
    "int_customer_facts",
)
PRODUCTS = ("p1", "p2", "p3", None)
SPELLINGS = (
    *oracle.REGIONS,
    *(f" {name} " for name in ("서울시", "Seoul", "부산 어딘가", "Bavaria")),
    *(unicodedata.normalize("NFD", name) for name in ("서울", "경기도", "전북")),
    *(None, "", "  "),
)


@dataclass(frozen=True)
class Event:
    """One event; `at` in UTC."""

    at: datetime
    device: str | None
    os: str | None
    browser: str | None
    seconds: int | None


@dataclass(frozen=True)
class Bought:
    """One order: its day, amounts, and lines of category, pieces and money."""

    ordered_on: date
    gross: Decimal
    discount: Decimal
    net: Decimal
    lines: Sequence[tuple[str | None, int, Decimal]]
    is_valid: bool


@dataclass(frozen=True)
class Person:
    """One customer of a case."""

    region: str | None
    country: str | None
    is_test: bool
    events: Sequence[Event]
    orders: Sequence[Bought]
    cart: Sequence[tuple[str | None, str]]
    attributes: Sequence[tuple[str, str, str, int]]


@dataclass(frozen=True)
class TraitCase:
    """Customers, and prices by product: seconds from the end of as_of, price."""

    people: Sequence[Person]
    prices: Sequence[tuple[str, int, Decimal]]


AGO = st.sampled_from((0, 0, 1, 5, 6, 7, 8, 28, 29, 30, 31, 88, 89, 90, 91, 120))
CLOCKS = st.sampled_from((time(0), time(0, 59), time(9), time(9, 30), time(23, 59)))
AMOUNTS = st.sampled_from((0, 1, 2, 3, 5, 50, 333, 1000, 19900))


def events(world: World) -> SearchStrategy[Event]:
    """Return events at the edges of windows and hours."""
    return st.builds(
        lambda ago, clock, device, os, browser, seconds: Event(
            world.moment(world.as_of - timedelta(days=ago), clock).replace(tzinfo=UTC),
            *(device, os, browser, seconds),
        ),
        AGO,
        CLOCKS,
        st.sampled_from((None, "mobile", "desktop", "tablet")),
        st.sampled_from((None, "Android", "iOS")),
        st.sampled_from((None, "Chrome", "Safari")),
        st.sampled_from((None, 0, 1, 29, 30, 31, 60, 119)),
    )


@st.composite
def bought(draw: DrawFn, world: World) -> Bought:
    """Draw an order; its lines need not add up to it."""
    cents = Decimal(1) if world.scale == 0 else Decimal("0.01")
    gross = draw(AMOUNTS)
    discount = min(gross, draw(AMOUNTS))
    return Bought(
        world.as_of - timedelta(days=draw(AGO)),
        gross * cents,
        discount * cents,
        (gross - discount) * cents,
        draw(
            st.lists(
                st.tuples(
                    st.sampled_from((None, "food", "home", "kids")),
                    st.sampled_from((1, 1, 2, 3)),
                    st.sampled_from((Decimal(10), Decimal(20), Decimal(30))),
                ),
                max_size=3,
            )
        ),
        draw(st.sampled_from((True, True, True, False))),
    )


def people(world: World) -> SearchStrategy[Person]:
    """Return customers of a world."""
    return st.builds(
        Person,
        st.sampled_from(SPELLINGS),
        st.sampled_from((None, "KR", "KR", "JP")),
        st.sampled_from((False,) * 9 + (True,)),
        st.lists(events(world), max_size=6),
        st.lists(bought(world), max_size=4),
        st.lists(
            st.tuples(
                st.sampled_from(PRODUCTS), st.sampled_from(("cart_add", "cart_remove"))
            ),
            max_size=4,
        ),
        st.lists(
            st.tuples(
                st.sampled_from(("interest", "likes", "religion")),
                st.sampled_from(("declared", "inferred")),
                st.sampled_from(("tea", "tea|coffee", " tea ||wine", "|")),
                st.sampled_from((1, 2, 3)),
            ),
            max_size=3,
            unique_by=lambda row: row[:2],
        ),
    )


def cases(world: World) -> SearchStrategy[TraitCase]:
    """Return the cases of a world."""
    return st.builds(
        TraitCase,
        st.lists(people(world), min_size=1, max_size=3),
        st.lists(
            st.tuples(
                st.sampled_from(PRODUCTS[:3]),
                st.sampled_from((-9_000_000, -2, -1, 0, 1)),
                st.sampled_from((Decimal(0), Decimal(1500), Decimal("12.34"))),
            ),
            max_size=5,
            unique_by=lambda row: row[:2],
        ),
    )


def near(found: Decimal | None, exact: Fraction | None, places: int) -> bool:
    """Tell whether a value is the exact one, rounded to so many places either way."""
    if found is None or exact is None:
        return found is None and exact is None
    return abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**places)


def give_case(bench: Bench, case: TraitCase) -> None:
    """Write the raw rows and orders of a case."""
    world = bench.world
    loaded_at = world.end + timedelta(days=2)
    customers: list[dict[str, Any]] = []
    raw_events: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    attributes: list[dict[str, Any]] = []
    for number, person in enumerate(case.people):
        own = {"customer_id": f"c{number}", "loaded_at": loaded_at}
        customers.append(
            {
                **own,
                "created_at": world.moment(world.as_of - timedelta(days=200)),
                "region": person.region,
                "country": person.country,
                "interests": "tea|coffee",
                "is_test": person.is_test,
            }
        )
        for event in person.events:
            raw_events.append(
                {
                    **own,
                    "event_id": f"e{len(raw_events)}",
                    "event_name": "page_view",
                    "occurred_at": event.at.replace(tzinfo=None),
                    "product_id": None,
                    "device": event.device,
                    "os": event.os,
                    "browser": event.browser,
                    "duration_seconds": event.seconds,
                }
            )
        for at, product, name in cart_moves(world, person):
            raw_events.append(
                {
                    **own,
                    "event_id": f"e{len(raw_events)}",
                    "event_name": name,
                    "occurred_at": at.replace(tzinfo=None),
                    "product_id": product,
                    **dict.fromkeys(("device", "os", "browser", "duration_seconds")),
                }
            )
        for order in person.orders:
            is_valid = order.is_valid and not person.is_test
            placed = {
                "order_id": f"o{len(orders)}",
                "customer_id": f"c{number}",
                "ordered_at": world.moment(order.ordered_on, time(1)),
                "ordered_on": order.ordered_on,
                "is_valid": is_valid,
            }
            orders.append(
                {
                    **placed,
                    "gross_amount": order.gross,
                    "discount_amount": order.discount,
                    "net_revenue": order.net,
                }
            )
            lines += [
                {
                    **placed,
                    "category": category,
                    "quantity": quantity,
                    "reporting_amount": amount,
                }
                for category, quantity, amount in order.lines
            ]
        attributes += [
            {
                **own,
                "attribute": attribute,
                "source": source,
                "value": values,
                "declared_at": world.moment(world.as_of - timedelta(days=ago)),
            }
            for attribute, source, values, ago in person.attributes
        ]
    bench.give("raw.customers", customers)
    bench.give("raw.events", raw_events)
    bench.give("raw.customer_attributes", attributes)
    bench.give("orders", orders)
    bench.give("order_lines", lines)
    bench.give(
        "raw.product_prices",
        [
            {
                "product_id": product,
                "price": price,
                "valid_from": world.end + timedelta(seconds=seconds),
                "loaded_at": loaded_at,
            }
            for product, seconds, price in case.prices
        ],
    )


def cart_moves(world: World, person: Person) -> list[tuple[datetime, str | None, str]]:
    """Return when which product was put in or taken out, after every order."""
    begin = world.moment(world.as_of, time(22)).replace(tzinfo=UTC)
    return [
        (begin + timedelta(minutes=minute), product, name)
        for minute, (product, name) in enumerate(person.cart)
    ]


def expected_exact(world: World, person: Person) -> tuple[object, ...]:
    """Return the traits that are exact values."""
    region = oracle.canonical_region(person.region, person.country, world.as_of)
    if person.is_test:
        return (region, *(None,) * 12)
    moves = cart_moves(world, person)
    moments = [event.at for event in person.events] + [at for at, _, _ in moves]
    days = {oracle.business_day(at, world.timezone): 0 for at in moments}
    for event in person.events:
        day = oracle.business_day(event.at, world.timezone)
        days[day] += event.seconds or 0
    bought_on = {order.ordered_on for order in person.orders if order.is_valid}
    windows = (7, 30, 90)

    def recent(at: datetime) -> bool:
        day = oracle.business_day(at, world.timezone)
        return oracle.is_within(day, world.as_of, 90)

    uses = [event for event in person.events if recent(event.at)]
    hours = [at for at in moments if recent(at)]
    valid = [order for order in person.orders if order.is_valid]
    average = oracle.average_order_value(
        [int(order.net * 10**world.scale) for order in valid]
    )
    return (
        region,
        *(
            len(
                [
                    d
                    for d in days.keys() | bought_on
                    if oracle.is_within(d, world.as_of, n)
                ]
            )
            for n in windows
        ),
        *(oracle.engaged_minutes(days, world.as_of, n) for n in windows),
        oracle.most_used((event.device, event.at) for event in uses),
        oracle.most_used((event.os, event.at) for event in uses),
        oracle.most_used((event.browser, event.at) for event in uses),
        oracle.best_hour(hours, world.timezone),
        oracle.favourite_category(line for order in valid for line in order.lines),
        None if average is None else Decimal(average).scaleb(-world.scale),
    )


def expected_cart(world: World, person: Person, case: TraitCase) -> Decimal:
    """Return what is in the cart at the prices in force; unknown prices are 0."""
    pieces: Counter[str | None] = Counter()
    for product, name in person.cart:
        pieces[product] = pieces[product] + 1 if name == "cart_add" else 0
    worth = Decimal(0)
    for product, count in pieces.items():
        prices = {
            world.end + timedelta(seconds=seconds): price
            for own, seconds, price in case.prices
            if own == product
        }
        worth += (oracle.price_in_force(prices, world.end) or 0) * count
    return worth


def check_traits(bench: Bench, case: TraitCase) -> None:
    """Compare every trait of every customer."""
    world = bench.world
    give_case(bench, case)
    bench.run(*CHAIN)

    assert bench.rows(
        "int_customer_facts",
        "region, active_days_7, active_days_30, active_days_90,"
        " engaged_minutes_7, engaged_minutes_30, engaged_minutes_90,"
        " primary_device, primary_os, primary_browser, best_hour,"
        " favourite_category, average_order_value",
        "customer_id",
    ) == [expected_exact(world, person) for person in case.people]

    shares = bench.rows(
        "int_customer_facts", "discount_share, purchase_cadence_days", "customer_id"
    )
    carts = bench.rows("int_customer_facts", "open_cart_amount", "customer_id")
    # Of the six fields these people may have given their region.
    assert bench.rows("int_customer_facts", "profile_completeness", "customer_id") == [
        (Decimal("0.1667") if (person.region or "").strip() else Decimal(0),)
        for person in case.people
    ]
    for person, (share, cadence), (cart,) in zip(
        case.people, shares, carts, strict=True
    ):
        valid = [o for o in person.orders if o.is_valid and not person.is_test]
        exact = oracle.discount_share(
            [order.gross for order in valid], [order.discount for order in valid]
        )
        assert near(share, exact, 4), (share, exact)
        gap = oracle.purchase_cadence(order.ordered_on for order in valid)
        assert near(cadence, gap, 2), (cadence, gap)
        assert cart == expected_cart(world, person, case)

    expected_attributes = []
    for number, person in enumerate(case.people):
        if not person.is_test:
            signed_up = world.moment(world.as_of - timedelta(days=200))
            lists = [("interest", "declared", "tea|coffee", signed_up)]
            lists += [
                (name, source, values, world.moment(world.as_of - timedelta(days=ago)))
                for name, source, values, ago in person.attributes
            ]
            expected_attributes += [
                (f"c{number}", *row, row[0] == "religion")
                for row in oracle.attribute_values(lists)
            ]
    assert (
        bench.rows(
            "customer_attributes",
            "customer_id, attribute, value, source, declared_at, is_protected",
        )
        == expected_attributes
    )


TRAITS = Suite(MODELS, {"orders": None, "order_lines": None}, cases, check_traits)


@pytest.mark.parametrize(
    ("setting", "examples"), [("leap_day", 12), ("month_begins", 4), ("dollars", 6)]
)
def test_traits_follow_the_definitions(setting: str, examples: int) -> None:
    TRAITS.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "month_begins", "dollars"])
def test_traits_follow_the_definitions_in_thousands_of_shops(setting: str) -> None:
    TRAITS.examine(world(setting), 1000)


@pytest.mark.parametrize(
    "as_of",
    [
        *("2023-06-10", "2023-06-11", "2024-01-17", "2024-01-18"),
        *("2026-06-30", "2026-07-01"),
    ],
)
def test_a_region_is_what_its_spelling_meant_on_the_day(as_of: str) -> None:
    compiled = world("leap_day").compiled
    other_day = compiled.sql["int_customer_profiles"].replace("2024-02-29", as_of)
    bench = Bench(
        replace(
            world("leap_day"),
            compiled=replace(
                compiled, sql={**compiled.sql, "int_customer_profiles": other_day}
            ),
        )
    )
    bench.run(*MODELS[: MODELS.index("int_customer_facts")])
    bench.give(
        "raw.customers",
        [
            {
                "customer_id": f"c{number:02}",
                "created_at": datetime(2020, 1, 1),
                "region": spelling,
            }
            for number, spelling in enumerate(SPELLINGS)
        ],
    )
    bench.run("stg_customers", "int_customer_profiles", "int_customer_facts")
    day = date.fromisoformat(as_of)
    assert bench.rows("int_customer_facts", "region", "customer_id") == [
        (oracle.canonical_region(spelling, None, day),) for spelling in SPELLINGS
    ]


@dataclass(frozen=True)
class Purchase:
    """One order of a shopper: when, what, for how much, and what came back."""

    at: datetime
    product: str
    net: Decimal
    discount: Decimal
    coupon: str
    refunded: Decimal
    fate: str


@dataclass(frozen=True)
class Shopper:
    """What one customer did, and messages by moments of arrival, opening and click."""

    moves: Sequence[oracle.Move]
    purchases: Sequence[Purchase]
    messages: Sequence[tuple[datetime | None, datetime | None, datetime | None]]


def moments(world: World) -> SearchStrategy[datetime]:
    """Return moments a second apart from the edges of days and windows."""
    end = world.end.replace(tzinfo=UTC)
    return st.builds(
        lambda days, seconds: end - timedelta(days=days, seconds=seconds),
        st.sampled_from((0, 0, 1, 1, 2, 13, 14, 28, 29, 30, 60, 89, 90)),
        st.sampled_from((1, 1, 2, 3600, 7200, 43200, 86400)),
    )


def shoppers(world: World) -> SearchStrategy[Shopper]:
    """Return customers who move things in and out of carts and wishlists."""
    product = st.sampled_from(("p1", "p2"))
    amount = st.sampled_from((Decimal(0), Decimal(10), Decimal(250)))
    maybe = st.none() | moments(world)
    names = ("cart_add", "cart_add", "cart_remove", "wishlist_add", "wishlist_remove")
    return st.builds(
        Shopper,
        st.lists(
            st.builds(oracle.Move, moments(world), st.sampled_from(names), product)
            | st.builds(oracle.Move, moments(world), st.just("search"))
            | st.builds(
                oracle.Move,
                moments(world),
                st.just("coupon_download"),
                st.just(""),
                st.sampled_from(("", "save", "gift")),
            ),
            max_size=9,
        ),
        st.lists(
            st.builds(
                Purchase,
                moments(world),
                product,
                amount,
                st.sampled_from((Decimal(0), Decimal(5))),
                st.sampled_from(("", "save")),
                st.sampled_from((Decimal(0), Decimal(0), Decimal(3))),
                st.sampled_from(("valid",) * 5 + ("fully_refunded", "cancelled")),
            ),
            max_size=5,
        ),
        st.lists(st.tuples(maybe, maybe, maybe), max_size=4),
    )


def give_shoppers(bench: Bench, people: Sequence[Shopper]) -> None:
    """Write the raw rows and orders of shoppers."""
    world = bench.world
    give_case(bench, TraitCase([], []))
    loaded_at = world.end + timedelta(days=2)
    tables: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            *("raw.customers", "raw.events", "raw.campaign_messages", "orders"),
            "order_lines",
        )
    }
    for number, shopper in enumerate(people):
        own = {"customer_id": f"c{number}", "loaded_at": loaded_at}
        created_at = world.moment(world.as_of - timedelta(days=200))
        tables["raw.customers"].append({**own, "created_at": created_at})
        for move in shopper.moves:
            events = tables["raw.events"]
            events.append(
                {
                    **own,
                    "event_id": f"e{len(events)}",
                    "event_name": move.name,
                    "occurred_at": move.at.replace(tzinfo=None),
                    "product_id": move.product,
                    "properties": f'{{"coupon": "{move.coupon}"}}',
                }
            )
        for bought in shopper.purchases:
            orders = tables["orders"]
            placed = {
                "order_id": f"o{len(orders)}",
                "customer_id": f"c{number}",
                "ordered_at": bought.at.replace(tzinfo=None),
                "ordered_on": oracle.business_day(bought.at, world.timezone),
                "is_valid": bought.fate == "valid",
            }
            orders.append(
                {
                    **placed,
                    "gross_amount": bought.net + bought.discount,
                    "discount_amount": bought.discount,
                    "refunded_amount": bought.refunded,
                    "net_revenue": bought.net,
                    "coupon_code": bought.coupon,
                    "status": "paid",
                    "invalid_reason": None if bought.fate == "valid" else bought.fate,
                }
            )
            tables["order_lines"].append(
                {
                    **placed,
                    "product_id": bought.product,
                    "category": bought.product,
                    "quantity": 1,
                    "reporting_amount": bought.net,
                }
            )
        for moved in shopper.messages:
            messages = tables["raw.campaign_messages"]
            stages = ("delivered_at", "opened_at", "clicked_at")
            messages.append(
                {
                    **own,
                    "message_id": f"m{len(messages)}",
                    "campaign_id": "x",
                    "channel": "email",
                    "sent_at": created_at,
                    **{
                        stage: at and at.replace(tzinfo=None)
                        for stage, at in zip(stages, moved, strict=True)
                    },
                }
            )
    for name, rows in tables.items():
        bench.give(name, rows)


def expected_signals(world: World, shopper: Shopper) -> tuple[object, ...]:
    """Return what the profile should say of a shopper."""
    end = world.end.replace(tzinfo=UTC)

    def within(at: datetime, days: int) -> bool:
        day = oracle.business_day(at, world.timezone)
        return oracle.is_within(day, world.as_of, days)

    valid = [one for one in shopper.purchases if one.fate == "valid"]
    possible = [one for one in shopper.purchases if one.fate != "cancelled"]
    entered = [oracle.Move(one.at, "order", one.product) for one in valid]
    carted = [one for one in shopper.moves if one.name.startswith("cart_")]
    recent = [one for one in shopper.moves if within(one.at, 90)]
    # "carts expire": an add of 30 days ago is forgotten
    kept = [
        one for one in shopper.moves if one.name != "cart_add" or within(one.at, 30)
    ]
    wished = oracle.on_since([*shopper.moves, *entered], "wishlist").values()
    days: dict[str, set[date]] = {}
    for one in valid:
        day = oracle.business_day(one.at, world.timezone)
        days.setdefault(one.product, set()).add(day)
    back = sum(one.fate != "valid" or one.refunded > 0 for one in possible)
    discounted = sum(one.discount > 0 for one in valid)
    received = [one[0] or one[1] or one[2] for one in shopper.messages]
    opened = [one[1] or one[2] for one in shopper.messages]
    ninety = sum((one.net for one in valid if within(one.at, 90)), Decimal(0))
    half_year = sum((one.net for one in valid if within(one.at, 180)), Decimal(0))
    return (
        len(oracle.on_since([*kept, *entered], "cart")),
        max(
            (
                (world.as_of - oracle.business_day(at, world.timezone)).days
                for at in wished
            ),
            default=None,
        ),
        oracle.carts_left(
            [one for one in carted if within(one.at, 90)],
            [one.at for one in valid if within(one.at, 90)],
            end,
        ),
        oracle.open_coupons(
            [one for one in recent if one.name == "coupon_download"],
            [(one.at, one.coupon) for one in valid],
        ),
        sum(
            one.name == "search"
            and within(one.at, 14)
            and not any(other.at >= one.at for other in valid)
            for one in shopper.moves
        ),
        oracle.days_to_refill(days, world.as_of),
        oracle.price_sensitivity(discounted, len(valid), (30, 70)),
        len(valid) - discounted,
        len(valid) > 1 and discounted == len(valid),
        None if not possible else round(Decimal(back) / len(possible), 4),
        max((one.net for one in valid), default=None),
        ninety,
        half_year - ninety,
        *(sum(at is not None and within(at, n) for at in received) for n in (30, 90)),
        *(sum(at is not None and within(at, n) for at in opened) for n in (30, 90)),
        sum(one[2] is not None and within(one[2], 90) for one in shopper.messages),
    )


def check_signals(bench: Bench, people: Sequence[Shopper]) -> None:
    """Compare what shoppers did with what their profiles say."""
    give_shoppers(bench, people)
    bench.run("stg_customers", "int_customer_profiles", "stg_campaign_messages")
    bench.run("int_customer_responses", *CHAIN)
    found = bench.rows(
        "int_customer_facts",
        "open_cart_items, wishlist_waiting_days, cart_abandonments_90, open_coupons,"
        " searches_without_purchase_14, days_to_replenishment, price_sensitivity,"
        " full_price_order_count, discount_only, refund_rate, largest_order_amount,"
        " net_revenue_90, net_revenue_previous_90, messages_received_30,"
        " messages_received_90, messages_opened_30, messages_opened_90,"
        " messages_clicked_90",
        "customer_id",
    )
    assert found == [expected_signals(bench.world, shopper) for shopper in people]
    # Why a cart waits is known of those who have one, and of nobody else.
    for items, reason in bench.rows(
        "int_customer_facts", "open_cart_items, cart_abandon_reason"
    ):
        assert (items > 0) == (reason is not None)


SIGNALS = Suite(
    MODELS,
    {"orders": None, "order_lines": None},
    lambda world: st.lists(shoppers(world), min_size=1, max_size=4),
    check_signals,
)


@pytest.mark.parametrize(("setting", "examples"), [("leap_day", 10), ("dollars", 5)])
def test_signals_follow_the_definitions(setting: str, examples: int) -> None:
    SIGNALS.examine(world(setting), examples)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["leap_day", "dollars"])
def test_signals_follow_the_definitions_in_thousands_of_shops(setting: str) -> None:
    SIGNALS.examine(world(setting), 1000)
