"""A shop of any money and zone builds, is right to the cent, and ends its own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from customer_segments.loading import load_raw
from tests.python.warehouse import AS_OF, Warehouse

TODAY = date.fromisoformat(AS_OF)


@dataclass(frozen=True)
class Money:
    """A shop's currency and zone, an order in each currency, what both are worth."""

    currency: str
    zone: str
    amounts: dict[str, str]
    revenue: str
    rates: dict[str, str]


SHOPS = {
    "won": Money("KRW", "Asia/Seoul", {"KRW": "12900"}, "12900", {}),
    "dollars": Money("USD", "America/New_York", {"USD": "19.99"}, "19.99", {}),
    "euros": Money("EUR", "Europe/Berlin", {"EUR": "0.05"}, "0.05", {}),
    "pounds": Money("GBP", "Europe/London", {"GBP": "460.10"}, "460.10", {}),
    "yen": Money("JPY", "Asia/Tokyo", {"JPY": "3001"}, "3001", {}),
    # 10.05 dollars are 9.045 euros: rounded up
    "two": Money(
        *("EUR", "Europe/Berlin", {"EUR": "20.00", "USD": "10.05"}, "29.05"),
        {"USD": "0.9"},
    ),
}


def utc(moment: datetime) -> str:
    """A moment as files write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# Won are in every other test; yen have no cents, and the shop of two has dollars too.
LATER = ("won", "euros", "pounds", "dollars")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in LATER else [])
        for name in SHOPS
    ],
)
def test_a_shop_of_any_money_builds(empty: Warehouse, name: str) -> None:
    """All data tests pass; the last moment of the day counts, the next one does not."""
    shop = SHOPS[name]
    midnight = datetime.combine(
        TODAY + timedelta(days=1), datetime.min.time(), ZoneInfo(shop.zone)
    )
    last = utc(midnight.astimezone(UTC) - timedelta(microseconds=1))
    amounts = [*shop.amounts.items(), (shop.currency, "1000")]
    files = {
        "customers": ["customer_id,created_at", "anna,2026-01-01T00:00:00Z"],
        "exchange_rates": [
            "currency,rate_date,rate",
            *(f"{one},2026-01-01,{rate}" for one, rate in shop.rates.items()),
        ],
        "orders": [
            "order_id,customer_id,ordered_at,status,currency,gross_amount",
            *(
                f"o{place},anna,{at},paid,{currency},{amount}"
                for place, (currency, amount) in enumerate(amounts)
                for at in [last if place < len(shop.amounts) else utc(midnight)]
            ),
        ],
    }
    empty.write({table: "\n".join([*lines, ""]) for table, lines in files.items()})
    empty.load(loaded_at="2026-07-02T00:00:00+00:00")
    empty.build(
        AS_OF,
        variables={
            "reporting_currency": shop.currency,
            "business_timezone": shop.zone,
        },
    )
    expected = [(TODAY, Decimal(shop.revenue))]
    days = "select revenue_on, net_revenue from daily_revenue where net_revenue <> 0"
    assert empty.query(days) == expected
    assert empty.query("select last_ordered_on, net_revenue from customers") == expected
    assert empty.query("select not_yet from row_fates where raw_table = 'orders'") == [
        (1,)
    ]


def test_a_check_of_another_currency_says_the_line_to_set(
    empty: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which currency it is, though values of other columns are masked."""
    rows = [f"o{n},,2026-06-0{n}T03:00:00Z,paid,EUR,10.05" for n in range(1, 7)]
    header = "order_id,customer_id,ordered_at,status,currency,gross_amount"
    empty.write({"orders": "\n".join([header, *rows, ""])})
    options = [str(empty.raw), "--landing", str(empty.landing), "--check"]
    assert load_raw.main(options) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "6 of 6 rows are no_rate in currency, such as EUR" in said
    assert "reporting_currency: EUR in dbt_project.yml" in said
