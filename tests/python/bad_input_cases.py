"""Bad input, a case each: what a shop may hand in, and what must become of every row.

`python tests/python/bad_input_cases.py` prints the catalogue as a Markdown table.
Values share files, a good row after each, once as CSV and once as Parquet; whole files
are cases of their own. Each case has its own ids, so that all can lie in one warehouse:
`~` in a row stands for them. Files are loaded on LOADED_AT unless the case says
otherwise, and judged as of AS_OF.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

LOADED_AT = "2026-06-01T00:00:00Z"
AS_OF = "2026-06-30"
LATER = ("--loaded-at", "2026-07-31T00:00:00Z")
NEW_YORK = ("--time-zone", "America/New_York")
CP949 = ("--encoding", "cp949")
BUYER = "buyer"
MOMENT = datetime(2026, 1, 1)
MEGABYTE = 2**20
UTF8_MARK = b"\xef\xbb\xbf"

# A good row of each table, as text.
GOOD: dict[str, dict[str, str | None]] = {
    "customers": {
        "customer_id": "~",
        "created_at": "2026-01-01T00:00:00Z",
        "birth_date": "1990-01-01",
        "push_enabled": "true",
        "updated_at": "",
        "name": "Kim",
    },
    "orders": {
        "order_id": "~",
        "customer_id": BUYER,
        "ordered_at": "2026-01-01T00:00:00Z",
        "status": "paid",
        "currency": "KRW",
        "gross_amount": "5000",
        "discount_amount": "",
        "updated_at": "",
        "coupon_code": "",
    },
    "order_items": {
        "order_id": "~",
        "line": "1",
        "product_id": "p1",
        "quantity": "2",
        "unit_price": "2500",
    },
    "refunds": {
        "refund_id": "~",
        "order_id": "bought",
        "refunded_at": "2026-01-02T00:00:00Z",
        "amount": "1000",
    },
    "events": {
        "event_id": "~",
        "customer_id": BUYER,
        "event_name": "page_view",
        "occurred_at": "2026-01-01T00:00:00Z",
        "duration_seconds": "5",
        "properties": "",
    },
    "consents": {
        "customer_id": "~",
        "channel": "email",
        "purpose": "ad",
        "status": "granted",
        "changed_at": "2026-01-01T00:00:00Z",
    },
    "suppressions": {
        "identifier": "~@example.com",
        "channel": "email",
        "reason": "bounce",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "",
    },
    "deletion_requests": {
        "request_id": "~",
        "customer_id": "~",
        "requested_at": "2026-01-01T00:00:00Z",
    },
    "exchange_rates": {"currency": "~", "rate_date": "2026-01-01", "rate": "1450.5"},
    "product_prices": {
        "product_id": "~",
        "price": "100",
        "valid_from": "2026-01-01T00:00:00Z",
    },
    "campaign_messages": {
        "message_id": "~",
        "campaign_id": "spring",
        "customer_id": BUYER,
        "channel": "email",
        "sent_at": "2026-01-01T00:00:00Z",
    },
}
# Rows of these tables need a customer or an order of their own.
PARENTS = {"consents": "customers", "order_items": "orders"}


@dataclass(frozen=True)
class Kept:
    """The row counts, with exactly these values."""

    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {shown(v)}" for name, v in self.values.items())
        return f"kept: {told}" if told else "kept"


@dataclass(frozen=True)
class Superseded:
    """A newer version of the same thing counts."""

    def __str__(self) -> str:
        return "superseded"


@dataclass(frozen=True)
class NotYet:
    """It happens after the day that the build describes."""

    def __str__(self) -> str:
        return "not yet"


@dataclass(frozen=True)
class Quarantined:
    """The row does not count, and says in which column and why; no column = all."""

    column: str | None
    reason: str

    def __str__(self) -> str:
        where = f"`{self.column}` " if self.column else ""
        return f"quarantined: {where}`{self.reason}`"


Fate = Kept | Superseded | NotYet | Quarantined
KEPT = Kept()


@dataclass(frozen=True)
class Value:
    """A good row with values changed, in CSV and in Parquet text, and its fate.

    Values that are `apart` have a file of their own, so that what they do to it is not
    done to the others.
    """

    section: str
    id: str
    table: str
    changes: Mapping[str, str | None]
    fate: Fate
    options: tuple[str, ...] = ()
    apart: str = ""

    @property
    def input(self) -> str:
        """The changed columns."""
        return ", ".join(f"{name} = {shown(v)}" for name, v in self.changes.items())

    @property
    def outcome(self) -> str:
        """The fate in words."""
        return str(self.fate)

    @property
    def group(self) -> tuple[str, str, tuple[str, ...], str]:
        """Values of equal groups share a file."""
        return (self.table, self.section, self.options, self.apart)


@dataclass(frozen=True)
class Loads:
    """A file that is loaded, and the fate of each of its records in order.

    `said` is in what the loader prints; `either_way` means that the fates may be those
    of the rows in another order; `is_broken` that quotes in it do not pair, so that a
    record is a line.
    """

    section: str
    id: str
    table: str
    input: str
    content: bytes
    fates: tuple[Fate, ...]
    ending: str = "csv"
    options: tuple[str, ...] = ()
    said: str = ""
    either_way: bool = False
    is_broken: bool = False

    @property
    def file(self) -> str:
        """The path below the loaded folder."""
        return f"{self.table}/{self.id}.{self.ending}"

    @property
    def outcome(self) -> str:
        """The fates in words, equal neighbours told once."""
        if not self.fates:
            told = "no row, no fault"
        else:
            told = "; ".join(fates_in_words(self.fates))
        if len(set(map(str, self.fates))) > 1 and self.either_way:
            told += " (whichever)"
        return f"{told}; says `{self.said}`" if self.said else told


@dataclass(frozen=True)
class Stops:
    """Files that stop the load: exit code 2, nothing is loaded.

    `where` names the file and, where there is one, the line; `what` and `remedy` are in
    the same message.
    """

    section: str
    id: str
    input: str
    files: Mapping[str, bytes]
    where: str
    what: str
    remedy: str
    options: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """The message in short."""
        return f"stops: `{self.where}` … {self.what} … {self.remedy}"


def fates_in_words(fates: Sequence[Fate]) -> Iterator[str]:
    """Each fate with the rows that have it."""
    position = 0
    for words, alike in groupby(map(str, fates)):
        count = len(list(alike))
        first, last = position + 1, position + count
        position = last
        if count == len(fates):
            yield words if count == 1 else f"all {words}"
        else:
            rows = f"row {first:,}" if count == 1 else f"rows {first:,}–{last:,}"
            yield f"{rows} {words}"


def shown(value: object) -> str:
    """A value as a table cell can show it, at most 40 characters of it."""
    if value is None:
        return "null"
    told = str(value) if not isinstance(value, str) else repr(value)[1:-1]
    short = told if len(told) <= 40 else f"{told[:20]}… ({len(str(value)):,} signs)"
    return f"`{short.replace('|', chr(92) + '|')}`" if short else "empty"


# Rows and files


def row(
    case: str, ordinal: int | str, table: str, **changed: str | None
) -> dict[str, Any]:
    """The good row of a table with ids of its own and some values changed."""
    values = GOOD[table] | changed
    return {
        name: value if value is None else value.replace("~", f"{case}-{ordinal}")
        for name, value in values.items()
    }


def as_csv(rows: Sequence[Mapping[str, str | None]]) -> bytes:
    """The rows as a CSV file with a header; null is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(
    rows: Sequence[Mapping[str, str | None]], **typed: pa.Array | None
) -> bytes:
    """The rows as a Parquet file of text, some columns typed or (null) left out."""
    columns: dict[str, pa.Array | None] = {
        name: pa.array([one[name] for one in rows], pa.string()) for name in rows[0]
    }
    return parquet(columns | typed)


def parquet(columns: Mapping[str, pa.Array | None], **options: Any) -> bytes:
    """The columns that are not null as a Parquet file."""
    sink = pa.BufferOutputStream()
    present = {name: c for name, c in columns.items() if c is not None}
    pq.write_table(pa.table(present), sink, **options)
    return bytes(sink.getvalue())


def lines(*texts: str, end: str = "\n") -> bytes:
    """Lines of a text file."""
    return "".join(text + end for text in texts).encode()


def csv_lines(case: str, *changes: Mapping[str, str | None]) -> list[str]:
    """Header and good orders, each changed, as lines without quotes."""
    rows = [row(case, n, "orders", **c) for n, c in enumerate(changes, 1)]
    return [",".join(rows[0])] + [",".join(one.values()) for one in rows]


HEADER = ",".join(GOOD["orders"])


def order_line(case: str, ordinal: int, **changed: str) -> str:
    """A good order as a line, with some values changed."""
    return ",".join(row(case, ordinal, "orders", **changed).values())


# Values

IDS = "Ids"
AMOUNTS = "Amounts"
TIMES = "Times"
ROWS = "Text and rows"
STOP = "Stop"
INTACT = "Keep intact"


def faults(
    section: str,
    table: str,
    column: str,
    reason: str,
    values: Mapping[str, str | None],
    *options: str,
    apart: str = "",
) -> Iterator[Value]:
    """Values of one column that are quarantined for one reason."""
    fate = Quarantined(column, reason)
    for id, value in values.items():
        yield Value(section, id, table, {column: value}, fate, options, apart)


def kept(
    section: str,
    table: str,
    column: str,
    values: Mapping[str, tuple[str, object]],
    *options: str,
) -> Iterator[Value]:
    """Values of one column, and what each must be in staging."""
    for id, (value, exact) in values.items():
        fate = Kept({column: exact})
        yield Value(section, id, table, {column: value}, fate, options)


KEYS = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_id",
    "refunds": "refund_id",
    "events": "event_id",
    "consents": "customer_id",
    "suppressions": "identifier",
    "deletion_requests": "customer_id",
    "exchange_rates": "currency",
    "product_prices": "product_id",
    "campaign_messages": "message_id",
}


def ids() -> Iterator[Value]:
    """Null, empty and float ids, orphans."""
    for table, column in KEYS.items():
        values = {"null": None, "empty": "", "of_spaces": "   "}
        values |= {"of_a_tab": "\t", "of_wide_spaces": "\u3000\u00a0"}
        named = {f"{table}_id_{word}": value for word, value in values.items()}
        yield from faults(IDS, table, column, "missing_id", named)
    yield from faults(
        IDS, "order_items", "line", "missing_id", {"order_items_line_empty": ""}
    )
    floats = {"id_float_1": "1.5", "id_float_2": "2.5", "id_float_whole": "7.0"}
    floats |= {"id_float_of_a_spreadsheet": "1.23457E+12", "id_float_minus": "-1.5"}
    floats |= {"id_float_exponent": "1E+12", "id_float_point": "7."}
    yield from faults(IDS, "orders", "order_id", "float_id", floats)
    for table, column in {
        "orders": "customer_id",
        "customers": "customer_id",
        "events": "customer_id",
        "refunds": "order_id",
        "order_items": "product_id",
        "consents": "channel",
    }.items():
        values = {f"{table}_{column}_float": "3.5"}
        yield from faults(IDS, table, column, "float_id", values)
    for table, column in {
        "orders": "customer_id",
        "events": "customer_id",
        "campaign_messages": "customer_id",
        "refunds": "order_id",
        "order_items": "order_id",
        "consents": "customer_id",
    }.items():
        yield from faults(IDS, table, column, "orphan", {f"{table}_orphan": "nobody"})
    yield from kept(IDS, "orders", "customer_id", {"order_of_a_guest": ("", None)})
    yield from kept(IDS, "events", "customer_id", {"event_of_nobody": (" ", None)})


BAD_AMOUNTS = {
    "amount_not_available": "N/A",
    "amount_in_parentheses": "(5.00)",
    "amount_with_thousands": "1,234.50",
    "amount_european": "1.234,50",
    "amount_decimal_comma": "5,5",
    "amount_with_won_sign": "₩5000",
    "amount_with_dollar_sign": "$5",
    "amount_with_won_word": "5000원",
    "amount_full_width": "５０００",
    "amount_arabic_digits": "٥٠٠",
    "amount_hexadecimal": "0x1F",
    "amount_octal": "0o17",
    "amount_exponent": "1e3",
    "amount_exponent_capital": "1E3",
    "amount_underscore": "1_000",
    "amount_spaces_inside": "5 000",
    "amount_nan": "NaN",
    "amount_infinity": "Infinity",
    "amount_inf": "inf",
    "amount_minus_infinity": "-Infinity",
    "amount_sign_after": "5000-",
    "amount_two_signs": "--5",
    "amount_sign_and_space": "- 5",
    "amount_unicode_minus": "−5",
    "amount_sign_alone": "-",
    "amount_without_whole_part": ".5",
    "amount_without_fraction": "5.",
    "amount_two_points": "1.2.3",
    "amount_percent": "50%",
    "amount_null_word": "null",
    "amount_apostrophe": "'5000",
    "amount_formula": "=2500*2",
    "amount_no_break_space": "5000\u00a0",
    "amount_zero_width_space": "5000\u200b",
}
AMOUNTS_TOO_FINE = {
    "amount_of_five_decimals": "1.23456",
    "amount_of_half_a_won": "5000.5",
    "amount_of_a_ten_thousandth": "0.0001",
}
AMOUNTS_TOO_LARGE = {
    "amount_overflow": "100000000000000",
    "amount_overflow_below_zero": "-100000000000000",
    "amount_of_60_digits": "9" * 60,
}
GOOD_AMOUNTS = {
    "amount_zero": ("0", Decimal(0)),
    "amount_minus_zero": ("-0", Decimal(0)),
    "amount_plus_sign": ("+5000", Decimal(5000)),
    "amount_spaces_around": ("  5000 ", Decimal(5000)),
    "amount_leading_zeros": ("007", Decimal(7)),
    "amount_zero_decimals": ("5000.000000", Decimal(5000)),
    "amount_largest": ("99999999999999", Decimal(99999999999999)),
}
BAD_INTEGERS = {
    "fraction": "1.5",
    "zero_fraction": "2.0",
    "exponent": "1e3",
    "underscore": "1_000",
    "hexadecimal": "0x1F",
    "thousands": "1,000",
    "nan": "NaN",
    "words": "two",
    "clock": "00:05",
    "full_width": "５",
    "overflow": "2147483648",
    "overflow_below_zero": "-2147483649",
}


def amounts() -> Iterator[Value]:
    """What is no amount, has too many decimals, is too large or below nothing."""
    for reason, values in (
        ("bad_amount", BAD_AMOUNTS),
        ("too_many_decimals", AMOUNTS_TOO_FINE),
        ("amount_overflow", AMOUNTS_TOO_LARGE),
        ("missing_amount", {"amount_empty": "", "amount_of_spaces": "  "}),
        ("negative_sale", {"sale_negative": "-5000", "sale_negative_by_one": "-1"}),
    ):
        yield from faults(AMOUNTS, "orders", "gross_amount", reason, values)
    yield from kept(AMOUNTS, "orders", "gross_amount", GOOD_AMOUNTS)
    for id, changes, fate in (
        (
            "dollars_with_three_decimals",
            {"currency": "USD", "gross_amount": "0.123"},
            Quarantined("gross_amount", "too_many_decimals"),
        ),
        (
            "dollars_with_two_decimals",
            {"currency": "USD", "gross_amount": "0.12"},
            Kept({"gross_amount": Decimal("0.12"), "currency": "USD"}),
        ),
        (
            "dollars_of_almost_10_to_16_won",
            {"currency": "USD", "gross_amount": "6894174422612.89"},
            Kept({"gross_amount": Decimal("6894174422612.89")}),
        ),
        (
            "dollars_of_10_to_16_won",
            {"currency": "USD", "gross_amount": "6894174422612.90"},
            Quarantined("gross_amount", "amount_overflow"),
        ),
        (
            "dollars_of_the_largest_amount",
            {"currency": "USD", "gross_amount": "99999999999999.99"},
            Quarantined("gross_amount", "amount_overflow"),
        ),
        (
            "discount_too_fine",
            {"discount_amount": "0.5"},
            Quarantined("gross_amount", "too_many_decimals"),
        ),
        (
            "discount_above_the_amount",
            {"discount_amount": "5001"},
            Quarantined("gross_amount", "negative_sale"),
        ),
        (
            "discount_of_all",
            {"discount_amount": "5000"},
            Kept({"discount_amount": Decimal(5000)}),
        ),
        (
            "discount_negative",
            {"discount_amount": "-1"},
            Quarantined("discount_amount", "negative_amount"),
        ),
        (
            "discount_not_available",
            {"discount_amount": "N/A"},
            Quarantined("discount_amount", "bad_amount"),
        ),
    ):
        yield Value(AMOUNTS, id, "orders", changes, fate)
    for table, column in {
        "events": "duration_seconds",
        "order_items": "quantity",
    }.items():
        values = {f"{column}_{word}": value for word, value in BAD_INTEGERS.items()}
        yield from faults(AMOUNTS, table, column, "bad_integer", values)
        largest = {f"{column}_largest": ("2147483647", 2147483647)}
        yield from kept(AMOUNTS, table, column, largest)
    for id, price, line_fate in (
        ("line_of_almost_10_to_14", "46566", Kept({"unit_price": Decimal(46566)})),
        ("line_of_10_to_14", "46567", Quarantined("quantity", "amount_overflow")),
    ):
        line = {"quantity": "2147483647", "unit_price": price}
        yield Value(AMOUNTS, id, "order_items", line, line_fate)
    empty: dict[str, tuple[str, object]] = {"duration_seconds_empty": ("", None)}
    yield from kept(AMOUNTS, "events", "duration_seconds", empty)
    for table, column, reason, value in (
        ("order_items", "quantity", "missing_amount", ""),
        ("order_items", "unit_price", "missing_amount", ""),
        ("order_items", "unit_price", "bad_amount", "₩2500"),
        ("refunds", "amount", "missing_amount", ""),
        ("refunds", "amount", "bad_amount", "1,000"),
        ("refunds", "amount", "negative_amount", "-1000"),
        ("product_prices", "price", "missing_amount", ""),
        ("product_prices", "price", "bad_amount", "1e3"),
        ("product_prices", "price", "negative_amount", "-1"),
        ("exchange_rates", "rate", "missing_amount", ""),
        ("exchange_rates", "rate", "bad_amount", "1,450.5"),
        ("exchange_rates", "rate", "too_many_decimals", "1.123456789"),
        ("exchange_rates", "rate", "negative_amount", "-1"),
    ):
        values = {f"{table}_{column}_{reason}": value}
        yield from faults(AMOUNTS, table, column, reason, values)
    zero = {"refund_of_nothing": "0"}
    yield from faults(AMOUNTS, "refunds", "amount", "negative_amount", zero)
    zero = {"rate_of_nothing": "0"}
    yield from faults(AMOUNTS, "exchange_rates", "rate", "negative_amount", zero)


BAD_TIMES = {
    "time_bare_date": "2026-01-01",
    "time_epoch_seconds": "1767225600",
    "time_epoch_milliseconds": "1767225600000",
    "time_epoch_with_fraction": "1767225600.5",
    "time_30_february": "2026-02-30T00:00:00Z",
    "time_30_february_without_zone": "2026-02-30 00:00:00",
    "time_29_february_2026": "2026-02-29T00:00:00Z",
    "time_29_february_1900": "1900-02-29T00:00:00Z",
    "time_31_april": "2026-04-31T00:00:00Z",
    "time_month_13": "2026-13-01T00:00:00Z",
    "time_leap_second": "2016-12-31T23:59:60Z",
    "time_hour_24": "2026-01-01T24:00:00Z",
    "time_minute_60": "2026-01-01T23:60:00Z",
    "time_day_or_month_first": "01/02/2026",
    "time_day_or_month_first_with_hour": "01/02/2026 10:00:00Z",
    "time_dots": "2026.01.02 10:00:00Z",
    "time_compact": "20260101T000000Z",
    "time_two_digit_year": "26-01-01T00:00:00Z",
    "time_words": "Jan 1, 2026 00:00:00Z",
    "time_korean": "2026년 1월 1일",
    "time_half_day": "2026-01-01 10:00:00 PM",
    "time_infinity": "infinity",
    "time_minus_infinity": "-infinity",
    "time_now": "now",
    "time_epoch_word": "epoch",
    "time_year_0": "0000-06-01T00:00:00Z",
    "time_year_0_in_utc": "0001-01-01T00:00:00+09:00",
    "time_year_10000": "10000-01-01T00:00:00Z",
    "time_year_10000_in_utc": "9999-12-31T23:59:59-01:00",
    "time_negative_year": "-2026-01-01T00:00:00Z",
    "time_zone_name": "2026-01-01 00:00:00 UTC",
    "time_zone_of_15_hours": "2026-01-01T00:00:00+15:00",
    "time_seven_decimals": "2026-01-01T00:00:00.1234567Z",
    "time_full_width": "２０２６-01-01T00:00:00Z",
}
GOOD_TIMES = {
    "time_five_minutes_ahead": ("2026-06-01T00:05:00Z", datetime(2026, 6, 1, 0, 5)),
    "time_of_1970": ("1970-01-01T00:00:00Z", datetime(1970, 1, 1)),
    "time_29_february_2024": ("2024-02-29T00:00:00Z", datetime(2024, 2, 29)),
    "time_29_february_2000": ("2000-02-29T00:00:00Z", datetime(2000, 2, 29)),
    "time_of_another_zone": ("2026-01-01T09:00:00+09:00", MOMENT),
    "time_behind_utc": ("2025-12-31T20:30:00-0330", MOMENT),
    "time_with_microseconds": (
        "2026-01-01 00:00:00.123456Z",
        datetime(2026, 1, 1, microsecond=123456),
    ),
}
CLOCKS = {
    "clock_before_the_gap": ("2026-03-08 01:59:59", datetime(2026, 3, 8, 6, 59, 59)),
    "clock_after_the_gap": ("2026-03-08 03:00:00", datetime(2026, 3, 8, 7)),
    "clock_first_of_two": ("2025-11-02 01:30:00", datetime(2025, 11, 2, 5, 30)),
    "clock_not_asked": ("2026-03-08T02:30:00Z", datetime(2026, 3, 8, 2, 30)),
}
FAULTS_OF_TIMES = {
    "no_time_zone": "2026-01-01 00:00:00",
    "missing_time": "",
    "time_out_of_range": "0001-01-01T00:00:00Z",
    "future_time": "2026-06-01T00:05:00.000001Z",
    "bad_time": "2026-02-30T00:00:00Z",
}
BAD_DAYS = {
    "birth_date_30_february": "1990-02-30",
    "birth_date_29_february_1999": "1999-02-29",
    "birth_date_with_time": "1990-01-01 00:00:00",
    "birth_date_slashes": "01/02/1990",
    "birth_date_compact": "19900101",
    "birth_date_year_0": "0000-01-01",
    "birth_date_infinity": "infinity",
    "birth_date_epoch": "7305",
}


def times() -> Iterator[Value]:
    """What is no time, or one that cannot be."""
    yield from faults(TIMES, "orders", "ordered_at", "bad_time", BAD_TIMES)
    yield from kept(TIMES, "orders", "ordered_at", GOOD_TIMES)
    for table, column in {
        "orders": "ordered_at",
        "customers": "created_at",
        "events": "occurred_at",
        "refunds": "refunded_at",
        "consents": "changed_at",
        "campaign_messages": "sent_at",
    }.items():
        for reason, value in FAULTS_OF_TIMES.items():
            values = {f"{table}_{column}_{reason}": value}
            yield from faults(TIMES, table, column, reason, values)
    for reason, values in {
        "no_time_zone": {"time_of_minutes_without_zone": "2026-01-01T00:00"},
        "time_out_of_range": {"time_before_1970": "1969-12-31T23:59:59.999999Z"},
        "future_time": {
            "time_year_9999": "9999-12-31T23:59:59Z",
            "time_future_of_another_zone": "2026-06-01T09:05:01+09:00",
        },
    }.items():
        yield from faults(TIMES, "orders", "ordered_at", reason, values)
    for table in ("customers", "orders"):
        values = {f"{table}_updated_in_the_future": "2026-06-01T00:05:00.000001Z"}
        yield from faults(TIMES, table, "updated_at", "future_time", values)
    gap = {"clock_in_the_gap": "2026-03-08 02:30:00", "clock_gap": "2026-03-08 02:00"}
    yield from faults(TIMES, "orders", "ordered_at", "bad_time", gap, *NEW_YORK)
    yield from kept(TIMES, "orders", "ordered_at", CLOCKS, *NEW_YORK)
    end = datetime(2026, 6, 30, 14, 59, 59, 999999)
    last = {"time_at_the_end_of_the_day": ("2026-06-30T14:59:59.999999Z", end)}
    yield from kept(TIMES, "orders", "ordered_at", last, *LATER)
    after = {"ordered_at": "2026-06-30T15:00:00Z"}
    yield Value(TIMES, "time_after_the_day", "orders", after, NotYet(), LATER)
    withdrawal = {"status": "withdrawn", "changed_at": "2030-01-01T00:00:00Z"}
    counts = Kept({"changed_at": datetime(2030, 1, 1)})
    yield Value(TIMES, "withdrawal_in_the_future", "consents", withdrawal, counts)
    yield from faults(TIMES, "customers", "birth_date", "bad_date", BAD_DAYS)
    days: dict[str, tuple[str, object]] = {
        "birth_date_29_february_2000": ("2000-02-29", date(2000, 2, 29)),
        "birth_date_empty": ("", None),
    }
    yield from kept(TIMES, "customers", "birth_date", days)
    for table, column in {
        "suppressions": "starts_at",
        "deletion_requests": "requested_at",
    }.items():
        wish: dict[str, tuple[str, object]] = {
            f"{table}_count_without_their_time": ("30 February", None)
        }
        yield from kept(TIMES, table, column, wish)


CONTROLS = {
    "control_nul": "Kim\x00",
    "control_bell": "\x07Kim",
    "control_escape": "\x1b[2JKim",
    "control_vertical_tab": "Kim\x0bMinji",
    "control_unit_separator": "Kim\x1fMinji",
    "control_right_to_left_override": "Kim\u202e",
    "control_left_to_right_embedding": "Kim\u202a",
    "control_pop_direction": "Kim\u202c",
    "control_right_to_left_isolate": "Kim\u2067",
    "control_pop_isolate": "Kim\u2069",
}


def words() -> Iterator[Value]:
    """Unknown words, and signs that hide or break."""
    for table, column, reason, values in (
        (
            "orders",
            "currency",
            "unknown_currency",
            {"currency_unknown": "XXQ", "currency_word": "won", "currency_sign": "₩"},
        ),
        (
            "orders",
            "status",
            "unknown_status",
            {"status_unknown": "lost", "status_korean": "결제", "status_empty": ""},
        ),
        ("orders", "currency", "no_rate", {"rate_missing": "JPY"}),
        ("consents", "status", "unknown_status", {"consent_unknown": "maybe"}),
        ("consents", "purpose", "unknown_purpose", {"purpose_unknown": "fun"}),
        ("consents", "channel", "unknown_channel", {"channel_unknown": "pigeon"}),
        ("events", "event_name", "missing_event_name", {"event_name_empty": " "}),
        (
            "events",
            "properties",
            "bad_json",
            {"json_broken": "{", "json_list": "[1]", "json_text": "plain"},
        ),
        (
            "customers",
            "push_enabled",
            "bad_boolean",
            {"boolean_maybe": "maybe", "boolean_2": "2"},
        ),
    ):
        yield from faults(ROWS, table, column, reason, values)
    for id, ordered_at, fate in (
        (
            "rate_of_a_later_day",
            "2025-12-31T14:59:59Z",
            Quarantined("currency", "no_rate"),
        ),
        ("rate_of_the_day", "2025-12-31T15:00:00Z", Kept({"currency": "USD"})),
    ):
        changes = {"currency": "USD", "ordered_at": ordered_at}
        yield Value(ROWS, id, "orders", changes, fate)
    yield from kept(ROWS, "orders", "status", {"status_capital": (" PAID ", "paid")})
    own = {"currency_empty": ("", "KRW"), "currency_small": (" usd ", "USD")}
    yield from kept(ROWS, "orders", "currency", own)
    yield from kept(
        ROWS, "events", "event_name", {"event_name_new": ("dance", "dance")}
    )
    reason = "control_characters"
    yield from faults(ROWS, "customers", "name", reason, CONTROLS, apart="control")
    for column, value in {
        "order_id": "~\x00",
        "ordered_at": "2026-01-01\x00T00:00:00Z",
        "gross_amount": "50\x0000",
    }.items():
        nul: dict[str, str | None] = {f"control_in_{column}": value}
        yield from faults(ROWS, "orders", column, reason, nul, apart="control")


TEXTS = {
    "newline": "line 1\nline 2",
    "crlf": "line 1\r\nline 2",
    "blank_line": "line 1\n\n\nline 4",
    "tab": "a\tb",
    "comma": "Kim, Minji",
    "quotes_in_quotes": 'Kim "Minji" Lee',
    "quotes_only": '""',
    "single_quote": "O'Neil",
    "backslash": "a\\b\\",
    "semicolon_and_bar": "a;b|c",
    "emoji": "👩‍👩‍👧‍👦 🇰🇷 👍🏽",
    "hangul_composed": "한글",
    "hangul_decomposed": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "hangul_half_width": "\uffb7\uffc2\uffa4",
    "accent_decomposed": "cafe\u0301",
    "han_and_kana": "山田 太郎 ヤマダ",
    "arabic": "سارة",
    "beyond_the_basic_plane": "𠮷野",
    "no_break_space": "Kim\u00a0Minji",
    "zero_width_joiner": "a\u200db",
    "next_line": "a\u0085b",
    "line_separator": "a\u2028b",
    "byte_order_mark_inside": "a\ufeffb",
    "spaces_around": "  Kim  ",
    "word_null": "NULL",
    "word_nan": "NaN",
    "number": "007",
    "formula": "=1+1",
    "sql": "'; drop table customers; --",
    "jinja": "{{ 1 / 0 }}",
    "replacement_character": "\ufffd",
    "megabyte": "x" * MEGABYTE,
    "megabyte_of_hangul": "한" * (MEGABYTE // 3),
    "megabyte_of_lines": "y\n" * (MEGABYTE // 2),
}


def texts() -> Iterator[Value]:
    """Text of people, to the last byte."""
    same: dict[str, tuple[str, object]] = {
        f"text_{id}": (text, text) for id, text in TEXTS.items()
    }
    yield from kept(INTACT, "customers", "name", same)
    yield from kept(INTACT, "customers", "name", {"text_empty": ("", None)})
    told = '{"a": "x, \\"y\\"", "b": [1, {"c": null}]}'
    yield from kept(INTACT, "events", "properties", {"json_object": (told, told)})


VALUES: tuple[Value, ...] = (*ids(), *amounts(), *times(), *words(), *texts())


# Files that load


def typed(
    section: str, id: str, column: str, values: pa.Array, fate: Fate, *options: str
) -> Loads:
    """An order of which one column has a Parquet type."""
    told = f"{column} as Parquet {values.type}: {id.replace('_', ' ')}"
    content = as_parquet([row(id, 1, "orders")], **{column: values})
    return Loads(section, id, "orders", told, content, (fate,), "parquet", options)


def text_ids() -> Iterator[Loads]:
    """Ids are text: equal numbers are different ids, spaces around them nothing."""
    for id, texts in {
        "ids_are_text_csv": ("001", "01", "1"),
        "ids_are_text_parquet": ("002", "02", "2"),
        "ids_in_spaces_csv": (" 003", "03 ", "  3 "),
        "ids_in_spaces_parquet": (" 004", "04 ", "  4 "),
    }.items():
        ending = id.split("_")[-1]
        rows = [row(id, n, "orders", order_id=t) for n, t in enumerate(texts, 1)]
        content = as_csv(rows) if ending == "csv" else as_parquet(rows)
        fates = tuple(Kept({"order_id": text.strip()}) for text in texts)
        told = f"order_id = {', '.join(map(shown, texts))}"
        yield Loads(IDS, id, "orders", told, content, fates, ending)


def duplicates() -> Iterator[Loads]:
    """Versions of one thing: one counts, the others are superseded."""
    newest, oldest = "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"
    for table in ("customers", "orders"):
        text = {"customers": "name", "orders": "coupon_code"}[table]
        key = {"customers": "customer_id", "orders": "order_id"}[table]
        for id, times, fates in (
            (
                f"{table}_older_duplicate_after_the_newer",
                (newest, oldest),
                (Kept({text: "version 1"}), Superseded()),
            ),
            (
                f"{table}_older_duplicate_before_the_newer",
                (oldest, newest),
                (Superseded(), Kept({text: "version 2"})),
            ),
        ):
            rows = [
                row(
                    id,
                    n,
                    table,
                    **{key: f"{id}-1", text: f"version {n}", "updated_at": at},
                )
                for n, at in enumerate(times, 1)
            ]
            yield Loads(IDS, id, table, "two versions", as_csv(rows), fates)
        id = f"{table}_duplicates_of_equal_time"
        rows = [
            row(id, n, table, **{key: f"{id}-1", text: f"version {n}"}) for n in (1, 2)
        ]
        yield Loads(
            IDS,
            id,
            table,
            "two versions, equal `updated_at` and load",
            as_csv(rows),
            (KEPT, Superseded()),
            either_way=True,
        )
    for table in GOOD:
        if table == "exchange_rates":
            continue
        for ending in ("csv", "parquet"):
            id = f"{table}_exact_duplicate" + ("_parquet" if ending != "csv" else "")
            rows = [row(id, 1, table)] * 3
            content = as_csv(rows) if ending == "csv" else as_parquet(rows)
            yield Loads(
                IDS,
                id,
                table,
                "the same row three times",
                content,
                (KEPT, Superseded(), Superseded()),
                ending,
                either_way=True,
            )
    id = "newest_version_is_broken"
    yield Loads(
        IDS,
        id,
        "orders",
        "the newest version has an unknown status",
        as_csv(
            [
                row(id, 1, "orders", updated_at=oldest),
                row(id, 1, "orders", updated_at=newest, status="lost"),
            ]
        ),
        (KEPT, Quarantined("status", "unknown_status")),
    )
    for id, options, fate, code in (
        ("version_of_the_first_load", (), Superseded(), "first"),
        ("version_of_a_later_load", LATER, Kept({"coupon_code": "second"}), "second"),
    ):
        yield Loads(
            IDS,
            id,
            "orders",
            "the same order in two loads, no `updated_at`",
            as_csv([row(id, 1, "orders", order_id="loaded-twice", coupon_code=code)]),
            (fate,),
            options=options,
        )


def typed_values() -> Iterator[Loads]:
    """Values of Parquet's own types."""
    for id, amount, fate in (
        ("overflow", pa.array([10**15]), "amount_overflow"),
        (
            "of_38_digits",
            pa.array([Decimal(10) ** 37], pa.decimal128(38, 0)),
            "amount_overflow",
        ),
        (
            "of_five_decimals",
            pa.array([Decimal("1.00001")], pa.decimal128(38, 5)),
            "too_many_decimals",
        ),
        (
            "of_half_a_won",
            pa.array([Decimal("0.5")], pa.decimal128(18, 4)),
            "too_many_decimals",
        ),
        ("negative", pa.array([-5000]), "negative_sale"),
        ("null", pa.nulls(1, pa.int64()), "missing_amount"),
    ):
        fault = Quarantined("gross_amount", fate)
        yield typed(AMOUNTS, f"typed_amount_{id}", "gross_amount", amount, fault)
    for id, amount in (
        ("whole", pa.array([5000], pa.uint32())),
        ("of_scale_10", pa.array([Decimal(5000)], pa.decimal128(38, 10))),
    ):
        exact = Kept({"gross_amount": Decimal(5000)})
        yield typed(AMOUNTS, f"typed_amount_{id}", "gross_amount", amount, exact)
    for id, moment, reason in (
        ("year_0", micros(-62135596800 * 10**6 - 1), "bad_time"),
        ("year_10000", micros(253402300800 * 10**6), "bad_time"),
        ("infinity", micros(2**63 - 1), "bad_time"),
        ("minus_infinity", micros(-(2**63) + 1), "bad_time"),
        ("year_1", micros(-62135596800 * 10**6), "time_out_of_range"),
        ("year_9999", micros(253402300799 * 10**6), "future_time"),
        ("null", pa.nulls(1, pa.timestamp("us", "UTC")), "missing_time"),
    ):
        fault = Quarantined("ordered_at", reason)
        yield typed(TIMES, f"typed_time_{id}", "ordered_at", moment, fault)
    gap = pa.array([datetime(2026, 3, 8, 2, 30)], pa.timestamp("us"))
    fault = Quarantined("ordered_at", "bad_time")
    yield typed(TIMES, "typed_time_in_the_gap", "ordered_at", gap, fault, *NEW_YORK)


def micros(since_1970: int) -> pa.Array:
    """A Parquet time in UTC of so many microseconds since 1970."""
    return pa.array([since_1970], pa.int64()).cast(pa.timestamp("us", "UTC"))


def encodings() -> Iterator[Loads]:
    """Bytes that are no text in the encoding of the file."""
    for id, sign in {
        "lone_byte": b"\xff",
        "overlong": b"\xc0\xaf",
        "surrogate": b"\xed\xa0\x80",
        "beyond_unicode": b"\xf4\x90\x80\x80",
        "cut_character": b"\xea\xb0",
        "cp949": "서울".encode("cp949"),
        "latin_1": "café".encode("latin-1"),
    }.items():
        case = f"encoding_{id}"
        good = csv_lines(case, {}, {"coupon_code": "@"}, {})
        yield Loads(
            ROWS,
            case,
            "orders",
            f"coupon_code = bytes `{sign.hex(' ')}`",
            lines(*good).replace(b"@", sign),
            (KEPT, Quarantined(None, "bad_encoding"), KEPT),
        )
    case = "encoding_cp949_declared"
    good = csv_lines(case, {"coupon_code": "서울"}, {"coupon_code": "@"}, {})
    yield Loads(
        ROWS,
        case,
        "orders",
        "a CP949 file, declared, with a byte that is none",
        "\n".join(good).encode("cp949").replace(b"@", b"\xff"),
        (Kept({"coupon_code": "서울"}), Quarantined(None, "bad_encoding"), KEPT),
        options=CP949,
    )


def records() -> Iterator[Loads]:
    """Records that cannot be one row: they cost themselves and nothing else."""
    count = Quarantined(None, "wrong_field_count")
    quote = Quarantined(None, "unclosed_quote")

    def among(
        id: str, told: str, bad: str, fault: Fate, is_broken: bool = False
    ) -> Loads:
        good = csv_lines(id, {}, {}, {})
        content = lines(good[0], good[1], bad, good[3])
        fates = (KEPT, fault, KEPT)
        return Loads(ROWS, id, "orders", told, content, fates, is_broken=is_broken)

    def last(
        id: str, told: str, bad: bytes, fault: Fate, is_broken: bool = False
    ) -> Loads:
        good = csv_lines(id, {}, {})
        content = lines(*good) + bad
        fates = (KEPT, KEPT, fault)
        return Loads(ROWS, id, "orders", told, content, fates, is_broken=is_broken)

    yield among("row_short", "a row of three fields", "a,b,c", count)
    yield among("row_of_one_field", "a row of one field", "total", count)
    yield among("row_of_spaces", "a row of spaces", "   ", count)
    yield among(
        "row_long", "a row with a field more", order_line("row_long", 2) + ",x", count
    )
    yield among(
        "row_with_a_comma_more",
        "a row with a comma at its end",
        order_line("row_with_a_comma_more", 2) + ",",
        count,
    )
    yield among(
        "row_with_semicolons",
        "a row with another delimiter",
        order_line("row_with_semicolons", 2).replace(",", ";"),
        count,
    )
    yield among(
        "row_repeats_the_header",
        "the header again, as when exports are joined",
        HEADER,
        Quarantined("ordered_at", "bad_time"),
    )
    yield among(
        "row_of_commas",
        "a row of nothing but commas",
        "," * HEADER.count(","),
        Quarantined("order_id", "missing_id"),
    )
    yield last(
        "last_row_truncated",
        "the last row ends in the middle",
        b"last_row_truncated-3,buyer,2026-01",
        count,
    )
    yield last(
        "last_row_truncated_in_a_character",
        "the last row ends within a character",
        order_line("last_row_truncated_in_a_character", 3).encode() + b"\xea\xb0",
        Quarantined(None, "bad_encoding"),
    )
    yield last(
        "last_row_truncated_in_quotes",
        "the last row ends within quotes",
        order_line("last_row_truncated_in_quotes", 3).encode() + b'"half',
        quote,
        is_broken=True,
    )
    yield among(
        "quote_unclosed_in_the_middle",
        "a quote that is never closed, rows after it",
        order_line("quote_unclosed_in_the_middle", 2, status='"paid'),
        quote,
        is_broken=True,
    )
    yield last(
        "quote_unclosed_at_the_end",
        "a quote that is never closed in the last row",
        order_line("quote_unclosed_at_the_end", 3, status='"paid').encode() + b"\n",
        quote,
        is_broken=True,
    )
    yield among(
        "quote_closed_too_early",
        "text after a closing quote",
        order_line("quote_closed_too_early", 2, status='"paid"x'),
        quote,
        is_broken=True,
    )
    id = "quote_unclosed_before_quoted_rows"
    good = csv_lines(id, {}, {"status": '"paid'}, {"coupon_code": '"a"'}, {})
    yield Loads(
        ROWS,
        id,
        "orders",
        "an unclosed quote, and quoted fields in the rows after it",
        lines(*good),
        (KEPT, quote, Kept({"coupon_code": "a"}), KEPT),
        is_broken=True,
    )
    id = "row_oversized"
    good = csv_lines(id, {}, {"coupon_code": "x" * 17 * MEGABYTE}, {})
    yield Loads(
        ROWS,
        id,
        "orders",
        "a line of 17 MB",
        lines(*good),
        (KEPT, Quarantined(None, "oversized_record"), KEPT),
    )


def late_faults() -> Iterator[Loads]:
    """What only a reader finds that reads to the end: line 30,001."""
    for id, told, change, fault in (
        (
            "line_30001_bad_amount",
            "gross_amount = `N/A` on line 30,001",
            {"gross_amount": "N/A"},
            Quarantined("gross_amount", "bad_amount"),
        ),
        (
            "line_30001_bad_time",
            "ordered_at = `01/02/2026` on line 30,001",
            {"ordered_at": "01/02/2026"},
            Quarantined("ordered_at", "bad_time"),
        ),
        (
            "line_30001_short",
            "a field too few on line 30,001",
            None,
            Quarantined(None, "wrong_field_count"),
        ),
    ):
        rows = [row(id, n, "orders") for n in range(1, 30_000)]
        if change is None:
            content = as_csv(rows) + b"short,row\n"
        else:
            content = as_csv([*rows, row(id, 30_000, "orders", **change)])
        fates: tuple[Fate, ...] = (*[KEPT] * 29_999, fault)
        yield Loads(ROWS, id, "orders", told, content, fates)
    id = "row_30000_bad_amount_parquet"
    rows = [row(id, n, "orders") for n in range(1, 30_000)]
    rows.append(row(id, 30_000, "orders", gross_amount="N/A"))
    yield Loads(
        ROWS,
        id,
        "orders",
        "gross_amount = `N/A` in row 30,000",
        as_parquet(rows),
        (*[KEPT] * 29_999, Quarantined("gross_amount", "bad_amount")),
        "parquet",
    )


def intact_files() -> Iterator[Loads]:
    """Byte order marks, line ends, blank lines, columns in another order."""

    def whole(id: str, told: str, content: bytes, count: int, said: str = "") -> Loads:
        fates = (Kept({"gross_amount": Decimal(5000), "currency": "KRW"}),) * count
        return Loads(INTACT, id, "orders", told, content, fates, said=said)

    def two(id: str) -> list[str]:
        return csv_lines(id, {}, {})

    id = "byte_order_mark"
    yield whole(id, "a byte order mark", UTF8_MARK + lines(*two(id)), 2)
    id = "byte_order_mark_and_quotes"
    quoted = [f'"{line.replace(",", chr(34) + "," + chr(34))}"' for line in two(id)]
    yield whole(id, "a byte order mark before a quote", UTF8_MARK + lines(*quoted), 2)
    for id, told, end in (
        ("crlf", "lines end with CR LF", "\r\n"),
        ("cr", "lines end with CR", "\r"),
    ):
        yield whole(id, told, lines(*two(id), end=end), 2)
    id = "mixed_line_ends"
    first, second, third = two(id)
    mixed = f"{first}\r\n{second}\n{third}\r".encode()
    yield whole(id, "lines end with CR LF, LF and CR", mixed, 2)
    id = "no_last_line_end"
    yield whole(id, "the last line has no end", lines(*two(id))[:-1], 2)
    id = "blank_lines"
    first, second, third = two(id)
    blank = lines("", "", first, "", second, "", "", third, "", "")
    yield whole(id, "blank lines before, between and after", blank, 2)
    id = "blank_lines_crlf"
    first, second, third = two(id)
    blank = lines("", first, "", second, "", third, "", end="\r\n")
    yield whole(id, "blank lines that end with CR LF", blank, 2)
    id = "columns_in_another_order"
    rows = [row(id, n, "orders") for n in (1, 2)]
    turned = [dict(reversed(one.items())) for one in rows]
    yield whole(id, "columns from the last to the first", as_csv(turned), 2)
    id = "columns_optional_left_out"
    kept = list(SMALL[0].split(","))
    fewer = [{name: row(id, n, "orders")[name] for name in kept} for n in (1, 2)]
    yield whole(id, "required columns only", as_csv(fewer), 2)
    id = "columns_extra"
    rows = [row(id, n, "orders") | {"note": "x", "비고": "y"} for n in (1, 2)]
    yield whole(
        id,
        "extra columns note and 비고",
        as_csv(rows),
        2,
        f"orders/{id}.csv: not in the contract, not loaded: note, 비고",
    )
    id = "columns_of_the_loader"
    rows = [
        row(id, n, "orders") | {"Loaded_At": "x", "source_row": "9"} for n in (1, 2)
    ]
    yield whole(
        id,
        "extra columns Loaded_At and source_row",
        as_csv(rows),
        2,
        f"orders/{id}.csv: not in the contract, not loaded: Loaded_At, source_row",
    )
    id = "column_without_a_name"
    rows = [row(id, n, "orders") | {"": "x"} for n in (1, 2)]
    yield whole(
        id,
        "an extra column without a name",
        as_csv(rows),
        2,
        f"orders/{id}.csv: not in the contract, not loaded: (unnamed)",
    )
    id = "header_in_capitals_and_spaces"
    first, second, third = two(id)
    spaced = " " + first.upper().replace(",", " , ") + "  "
    yield whole(id, "a header in capitals with spaces", lines(spaced, second, third), 2)
    id = "header_in_quotes"
    first, second, third = two(id)
    quoted_header = f'"{first.replace(",", chr(34) + "," + chr(34))}"'
    yield whole(id, "a header in quotes", lines(quoted_header, second, third), 2)
    id = "header_only"
    yield whole(id, "a header and no row", lines(two(id)[0]), 0)
    id = "header_only_without_line_end"
    yield whole(id, "a header and nothing after it", HEADER.lower().encode() + b"\r", 0)


def intact_quotes() -> Iterator[Loads]:
    """Quotes where a writer of CSV would not put them, and a declared encoding."""
    id = "quote_inside_plain_text"
    good = csv_lines(id, {"coupon_code": '5" x'}, {"coupon_code": ' "a"'})
    fates: tuple[Fate, ...]
    fates = (Kept({"coupon_code": '5" x'}), Kept({"coupon_code": ' "a"'}))
    told = "quotes inside text that is not quoted"
    yield Loads(INTACT, id, "orders", told, lines(*good), fates)
    id = "quoted_empty_is_null"
    good = csv_lines(id, {"coupon_code": '""'})
    fates = (Kept({"coupon_code": None}),)
    yield Loads(INTACT, id, "orders", 'coupon_code = `""`', lines(*good), fates)
    id = "cp949_declared"
    good = csv_lines(id, {"coupon_code": "배송완료"}, {"coupon_code": "뷁"})
    content = "\r\n".join(good).encode("cp949")
    fates = (Kept({"coupon_code": "배송완료"}), Kept({"coupon_code": "뷁"}))
    told = "a CP949 file, declared"
    yield Loads(INTACT, id, "orders", told, content, fates, options=CP949)


def intact_parquet() -> Iterator[Loads]:
    """Parquet types that hold the same without loss."""
    for id, column, values, kept in (
        ("integer_id", "order_id", pa.array([4711]), "4711"),
        (
            "largest_integer_id",
            "order_id",
            pa.array([2**64 - 1], pa.uint64()),
            "18446744073709551615",
        ),
        ("dictionary", "coupon_code", pa.array(["가"]).dictionary_encode(), "가"),
        ("large_text", "coupon_code", pa.array(["가"], pa.large_string()), "가"),
        ("column_of_nulls", "coupon_code", pa.nulls(1), None),
        (
            "nanoseconds_without_loss",
            "ordered_at",
            pa.array([1_767_225_600_000_001_000], pa.timestamp("ns", "UTC")),
            datetime(2026, 1, 1, microsecond=1),
        ),
        (
            "time_with_zone",
            "ordered_at",
            pa.array([1_767_225_600_000], pa.timestamp("ms", "Asia/Seoul")),
            MOMENT,
        ),
    ):
        yield typed(INTACT, f"parquet_{id}", column, values, Kept({column: kept}))
    id = "parquet_columns_in_another_order"
    turned = dict(reversed(row(id, 1, "orders").items()))
    yield Loads(
        INTACT,
        id,
        "orders",
        "columns from the last to the first",
        as_parquet([turned]),
        (Kept({"gross_amount": Decimal(5000), "currency": "KRW"}),),
        "parquet",
    )
    id = "parquet_columns_extra"
    yield Loads(
        INTACT,
        id,
        "orders",
        "an extra column note",
        as_parquet([row(id, 1, "orders") | {"note": "x"}]),
        (KEPT,),
        "parquet",
        said=f"orders/{id}.parquet: not in the contract, not loaded: note",
    )
    id = "parquet_header_in_capitals"
    rows = [{f" {name.upper()}": v for name, v in row(id, 1, "orders").items()}]
    yield Loads(
        INTACT,
        id,
        "orders",
        "column names in capitals, a space before them",
        as_parquet(rows),
        (Kept({"gross_amount": Decimal(5000), "currency": "KRW"}),),
        "parquet",
    )
    id = "parquet_without_rows"
    empty = pa.table(SMALL_COLUMNS).slice(0, 0)
    yield Loads(
        INTACT,
        id,
        "orders",
        "no row",
        parquet(dict(zip(empty.column_names, empty.columns, strict=True))),
        (),
        "parquet",
    )
    id = "parquet_of_many_row_groups"
    texts = as_parquet([row(id, n, "orders") for n in range(1, 51)])
    table = pq.read_table(io.BytesIO(texts))
    columns = dict(zip(table.column_names, table.columns, strict=True))
    yield Loads(
        INTACT,
        id,
        "orders",
        "50 rows in row groups of 7",
        parquet(columns, row_group_size=7),
        tuple(Kept({"order_id": f"{id}-{n}"}) for n in range(1, 51)),
        "parquet",
    )


SMALL = (
    "order_id,customer_id,ordered_at,status,gross_amount",
    "o1,c1,2026-01-01T00:00:00Z,paid,5000",
)
SMALL_CSV = lines(*SMALL)
SMALL_COLUMNS = {
    "order_id": pa.array(["o1"]),
    "customer_id": pa.array(["c1"]),
    "ordered_at": pa.array([MOMENT], pa.timestamp("us", "UTC")),
    "status": pa.array(["paid"]),
    "gross_amount": pa.array([Decimal(5000)], pa.decimal128(18, 4)),
}
SMALL_PARQUET = parquet(SMALL_COLUMNS)
LONG_PARQUET = parquet(
    {name: pa.concat_arrays([c] * 5000) for name, c in SMALL_COLUMNS.items()}
    | {"order_id": pa.array([Random(n).randbytes(8).hex() for n in range(5000)])}
)
HOLED_PARQUET = LONG_PARQUET[:2000] + bytes(8000) + LONG_PARQUET[10_000:]
NO_UTF8 = pa.Array.from_buffers(
    pa.string(), 1, pa.array([b"\xff\xfe"], pa.binary()).buffers()
)
NO_UTF8_PARQUET = parquet(SMALL_COLUMNS | {"status": NO_UTF8})


def zipped(content: bytes) -> bytes:
    """A zip file that holds a CSV file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("orders.csv", content)
    return packed.getvalue()


def stop(
    id: str,
    told: str,
    content: bytes,
    what: str,
    remedy: str,
    *options: str,
    line: int | None = None,
    ending: str = "csv",
) -> Stops:
    """A file of orders that stops the load."""
    file = f"orders/f.{ending}"
    where = file if line is None else f"{file} line {line}"
    return Stops(STOP, id, told, {file: content}, where, what, remedy, options)


def stops() -> Iterator[Stops]:
    """Files that nobody should guess at."""
    yield from stops_of_columns()
    yield from stops_of_bytes()
    yield from stops_of_types()
    yield from stops_of_folders()
    yield from stops_of_whole_files()


def stops_of_columns() -> Iterator[Stops]:
    """Header missing, columns missing or there twice, another delimiter."""
    header, good = SMALL
    yield stop(
        "column_missing",
        "no column gross_amount, but gros_amount",
        lines(header.replace("gross_amount", "gros_amount"), good),
        "column gross_amount is missing",
        "Rename gros_amount?",
    )
    yield stop(
        "columns_missing",
        "no column status",
        lines(header.replace(",status", ""), good.replace(",paid", "")),
        "column status is missing",
        "Add it.",
    )
    yield stop(
        "column_missing_parquet",
        "no column status",
        parquet(SMALL_COLUMNS | {"status": None}),
        "column status is missing",
        "Add it.",
        ending="parquet",
    )
    yield stop(
        "column_twice",
        "columns status and Status",
        lines(header + ",Status", good + ",paid"),
        "column status is there twice",
        "Keep one.",
    )
    yield stop(
        "column_twice_parquet",
        "columns status and Status",
        parquet(SMALL_COLUMNS | {"Status": pa.array(["x"])}),
        "column status is there twice",
        "Keep one.",
        ending="parquet",
    )
    yield stop(
        "extra_column_twice",
        "two columns note",
        lines(header + ",note,note", good + ",a,b"),
        "column note is there twice",
        "Keep one.",
    )
    yield stop(
        "header_missing",
        "the first line is an order",
        lines(good, good),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    yield stop(
        "header_in_other_words",
        "columns in Korean",
        lines("주문번호,고객번호,주문일시,상태,금액", good),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    yield stop(
        "header_of_positions",
        "columns 0 to 4",
        lines("0,1,2,3,4", good),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    yield stop(
        "header_unclosed",
        "a header whose quote is not closed",
        lines('"' + header, good),
        "the header cannot be read",
        "Close its quotes",
        line=1,
    )
    yield stop(
        "title_above_the_header",
        "a title above the header",
        lines("Orders of January,,,,", header, good),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    yield stop(
        "web_page",
        "a web page named .csv",
        lines("<!DOCTYPE html>", "<html><body>Sign in</body></html>"),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    yield stop(
        "json",
        "JSON lines named .csv",
        lines('{"order_id": "o1", "customer_id": "c1"}'),
        "the header is missing",
        "Required are order_id, customer_id",
        line=1,
    )
    for id, delimiter, plural in (
        ("semicolons", ";", "semicolons"),
        ("tabs", "\t", "tabs"),
        ("bars", "|", "vertical bars"),
    ):
        yield stop(
            id,
            f"separated by {plural}",
            SMALL_CSV.replace(b",", delimiter.encode()),
            f"is separated by {plural}, not commas",
            "Export it with commas",
            line=1,
        )


def stops_of_bytes() -> Iterator[Stops]:
    """Bytes that are no text, or not all of it."""
    text = SMALL_CSV.decode()
    for id, encoding in (
        ("utf_16_little_endian", "utf-16-le"),
        ("utf_16_big_endian", "utf-16-be"),
    ):
        for mark in ("", "\ufeff"):
            yield stop(
                id + ("_marked" if mark else ""),
                f"{encoding}, {'with' if mark else 'without'} a byte order mark",
                (mark + text).encode(encoding),
                "is UTF-16 or binary, not UTF-8",
                "Save it as CSV (UTF-8)",
            )
    for id, told, content, kind, remedy in (
        ("gzip", "gzip", gzip.compress(SMALL_CSV), "gzip", "gunzip"),
        ("zip", "zip", zipped(SMALL_CSV), "zip", "save it as CSV (UTF-8)"),
        ("bzip2", "bzip2", bz2.compress(SMALL_CSV), "bzip2", "bunzip2"),
        ("xz", "xz", lzma.compress(SMALL_CSV), "xz", "unxz"),
        (
            "zstd",
            "zstd",
            pa.compress(SMALL_CSV, codec="zstd", asbytes=True),
            "zstd",
            "unzstd",
        ),
        (
            "old_excel",
            "old Excel",
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
            "old Excel",
            "Save it as CSV (UTF-8)",
        ),
        ("parquet", "Parquet", SMALL_PARQUET, "Parquet", "Name it .parquet"),
        ("lz4", "lz4", b"\x04\x22\x4d\x18" + bytes(60), "lz4", "lz4 -d"),
        ("seven_zip", "7z", b"7z\xbc\xaf\x27\x1c" + bytes(60), "7z", "7z x"),
        ("rar", "rar", b"Rar!\x1a\x07\x01\x00" + b"\t" * 60, "rar", "unrar"),
        ("pdf", "PDF", b"%PDF-1.7\n" + b"x" * 60, "PDF", "Export it as CSV"),
    ):
        yield stop(
            f"{id}_named_csv",
            f"{told} named .csv",
            content,
            f"holds {kind} data, not CSV",
            remedy,
        )
    for ending in ("csv", "parquet"):
        yield stop(
            f"empty_{ending}",
            "no byte",
            b"",
            "is empty",
            "Export it again",
            ending=ending,
        )
        yield stop(
            f"one_byte_{ending}",
            "one byte",
            b"x",
            "holds a single byte",
            "Export it again",
            ending=ending,
        )
    for id, content in {
        "blank_lines_only": b"\n\n\n",
        "blank_crlf_only": b"\r\n\r\n",
        "byte_order_mark_only": UTF8_MARK,
        "byte_order_mark_and_blank_lines": UTF8_MARK + b"\n\n",
    }.items():
        yield stop(
            id,
            f"bytes `{content.hex(' ')}`",
            content,
            "holds blank lines only",
            "Export it again",
        )
    yield stop(
        "header_latin_1",
        "a header with é in Latin-1",
        SMALL[0].encode() + b",\xe9\n",
        "the header is not utf-8",
        "--encoding cp949",
        line=1,
    )
    yield stop(
        "utf_8_said_to_be_cp949",
        "marked as UTF-8, declared as CP949",
        UTF8_MARK + SMALL_CSV,
        "is marked as UTF-8",
        "Load it without --encoding",
        *CP949,
    )
    for id, told, content in (
        ("csv_named_parquet", "CSV named .parquet", SMALL_CSV),
        ("parquet_truncated", "the last bytes lost", SMALL_PARQUET[:-9]),
        (
            "parquet_half",
            "the second half lost",
            LONG_PARQUET[: len(LONG_PARQUET) // 2],
        ),
        ("parquet_of_marks_only", "first and last mark only", b"PAR1PAR1"),
        ("parquet_footer_overwritten", "the footer overwritten", b"PAR1" + bytes(99)),
        (
            "parquet_footer_too_long",
            "a footer longer than the file",
            SMALL_PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1",
        ),
        ("parquet_packed", "gzip named .parquet", gzip.compress(SMALL_PARQUET)),
    ):
        yield stop(
            id,
            told,
            content,
            "is no readable Parquet file",
            "Export or copy it again",
            ending="parquet",
        )
    yield stop(
        "utf_16_hangul",
        "UTF-16 without a mark, mostly Hangul",
        ("주문번호,고객번호,주문일시\n" * 3).encode("utf-16-le"),
        "is UTF-16 or binary, not UTF-8",
        "Save it as CSV (UTF-8)",
    )
    yield stop(
        "spaces_only",
        "a line of spaces",
        b"   \n",
        "holds blank lines only",
        "Export it again",
    )
    yield stop(
        "header_after_blank_lines",
        "semicolons, after two blank lines",
        b"\n\n" + SMALL_CSV.replace(b",", b";"),
        "is separated by semicolons, not commas",
        "Export it with commas",
        line=3,
    )
    yield stop(
        "parquet_text_that_is_no_utf_8",
        "a string column with bytes that are no UTF-8",
        NO_UTF8_PARQUET,
        "is damaged inside",
        "Export or copy it again",
        ending="parquet",
    )
    yield stop(
        "parquet_damaged_inside",
        "8,000 bytes of the pages overwritten",
        HOLED_PARQUET,
        "is damaged inside",
        "Export or copy it again",
        ending="parquet",
    )


def stops_of_types() -> Iterator[Stops]:
    """Parquet types that could only be guessed at or rounded."""
    day = pa.array([date(2026, 1, 1)])
    for id, column, values, ours, remedy in (
        ("double_id", "order_id", pa.array([1.0]), "string", "text"),
        ("double_amount", "gross_amount", pa.array([1.0]), "decimal(18,4)", "text"),
        ("boolean_amount", "gross_amount", pa.array([True]), "decimal(18,4)", "text"),
        (
            "float_amount",
            "gross_amount",
            pa.array([1.0], pa.float32()),
            "decimal(18,4)",
            "text",
        ),
        (
            "amount_of_76_digits",
            "gross_amount",
            pa.array([Decimal(1)], pa.decimal256(76, 0)),
            "decimal(18,4)",
            "text",
        ),
        ("integer_status", "status", pa.array([1]), "string", "text"),
        ("integer_time", "ordered_at", pa.array([1]), "timestamp", "text"),
        ("day_as_time", "ordered_at", day, "timestamp", "text"),
        ("binary_text", "status", pa.array([b"paid"]), "string", "text"),
        (
            "list_of_text",
            "status",
            pa.array([["paid"]]),
            "string",
            "Name a field of it",
        ),
        (
            "struct_of_customer",
            "customer_id",
            pa.array([{"id": "c1"}]),
            "string",
            "Name a field of it",
        ),
        (
            "time_without_zone",
            "ordered_at",
            pa.array([MOMENT], pa.timestamp("us")),
            "timestamp",
            "--time-zone",
        ),
    ):
        yield stop(
            f"parquet_{id}",
            f"{column} as Parquet {values.type}",
            parquet(SMALL_COLUMNS | {column: values}),
            f"column {column} should be {ours} and is {str(values.type).split('<')[0]}",
            remedy,
            ending="parquet",
        )
    yield stop(
        "parquet_nanoseconds",
        "a time finer than a microsecond",
        parquet(
            SMALL_COLUMNS | {"ordered_at": pa.array([1001], pa.timestamp("ns", "UTC"))}
        ),
        "column ordered_at has times finer than a microsecond",
        "Write it in microseconds",
        ending="parquet",
    )
    for table, column, values, ours in (
        ("events", "duration_seconds", pa.array([1.5]), "int"),
        ("order_items", "quantity", pa.array([1.5]), "int"),
        ("refunds", "amount", pa.array([1.5]), "decimal(18,4)"),
        ("consents", "changed_at", day, "timestamp"),
        (
            "customers",
            "birth_date",
            pa.array([MOMENT], pa.timestamp("us", "UTC")),
            "date",
        ),
    ):
        file = f"{table}/f.parquet"
        yield Stops(
            STOP,
            f"parquet_{table}_{column}",
            f"{table}.{column} as Parquet {values.type}",
            {file: as_parquet([row("f", 1, table)], **{column: values})},
            file,
            f"column {column} should be {ours} and is {values.type}",
            f"Write it as {ours} or text",
        )


def stops_of_folders() -> Iterator[Stops]:
    """Files that are not where they should be, and one bad file among good ones."""
    header, good = SMALL
    for id, told, files, where, what, remedy in (
        (
            "nothing_there",
            "a folder with notes only",
            {"notes.txt": b"-"},
            "",
            "holds no .csv or .parquet file",
            "Tables are account_technologies",
        ),
        (
            "only_ignored_files",
            "only folders that begin with _ or .",
            {"_old/f.csv": b"x", ".git/f": b"x"},
            "",
            "holds no .csv or .parquet file",
            "Tables are account_technologies",
        ),
        (
            "unknown_folder",
            "order/f.csv",
            {"order/f.csv": SMALL_CSV},
            "order/",
            "is no raw table",
            "Did you mean orders",
        ),
        (
            "file_beside_the_folders",
            "orders.csv",
            {"orders.csv": SMALL_CSV},
            "orders.csv",
            "is in no table's folder",
            "Move it to orders/orders.csv",
        ),
        (
            "another_ending",
            "orders/f.csv.gz",
            {"orders/f.csv.gz": gzip.compress(SMALL_CSV)},
            "orders/f.csv.gz",
            "is neither a .csv nor a .parquet file",
            "Unpack or convert it",
        ),
        (
            "no_file_matches",
            "a mapping whose pattern finds nothing",
            {
                "mapping.yml": b"tables:\n  orders: {files: order*.csv}\n"
                b"ignore_files: sales.csv\n",
                "sales.csv": SMALL_CSV,
            },
            "tables.orders.files",
            "no file matches order*.csv",
            "correct the pattern, or say optional: true",
        ),
        (
            "file_that_the_mapping_forgets",
            "a file that no pattern of the mapping finds",
            {
                "mapping.yml": b"tables:\n  orders: {files: a.csv}\n",
                "a.csv": SMALL_CSV,
                "b.csv": SMALL_CSV,
            },
            "b.csv",
            "is in no files: of the mapping",
            "Name it there, or under ignore_files",
        ),
        (
            "column_that_other_files_have",
            "a.csv has a column currency, b.csv has none",
            {
                "orders/a.csv": lines(header + ",currency", good + ",KRW"),
                "orders/b.csv": SMALL_CSV,
            },
            "orders/b.csv",
            "lacks column currency, which orders/a.csv has",
            "Export both alike",
        ),
        (
            "column_that_a_parquet_file_has",
            "a.parquet has a column currency, b.csv has none",
            {
                "orders/a.parquet": parquet(
                    SMALL_COLUMNS | {"currency": pa.array(["KRW"])}
                ),
                "orders/b.csv": SMALL_CSV,
            },
            "orders/b.csv",
            "lacks column currency, which orders/a.parquet has",
            "Export both alike",
        ),
    ):
        yield Stops(STOP, id, told, files, where, what, remedy)
    among = {
        f"orders/{n:02}.csv": lines(header, good.replace("o1", f"o{n}"))
        for n in range(20)
    }
    for id, told, file, content, what, remedy in (
        (
            "one_empty_file_among_many",
            "20 good files and an empty one",
            "orders/99.csv",
            b"",
            "is empty",
            "Export it again",
        ),
        (
            "one_truncated_parquet_among_many",
            "20 good files and a truncated Parquet file",
            "orders/99.parquet",
            SMALL_PARQUET[:-9],
            "is no readable Parquet file",
            "Export or copy it again",
        ),
        (
            "one_damaged_parquet_among_many",
            "20 good files and a Parquet file damaged inside",
            "orders/99.parquet",
            HOLED_PARQUET,
            "is damaged inside",
            "Export or copy it again",
        ),
        (
            "one_file_of_semicolons_among_many",
            "20 good files and one separated by semicolons",
            "orders/99.csv",
            SMALL_CSV.replace(b",", b";"),
            "is separated by semicolons",
            "Export it with commas",
        ),
        (
            "one_packed_file_among_many",
            "20 good files and one packed",
            "orders/99.csv",
            gzip.compress(SMALL_CSV),
            "holds gzip data",
            "gunzip",
        ),
    ):
        yield Stops(STOP, id, told, {**among, file: content}, file, what, remedy)


def stops_of_whole_files() -> Iterator[Stops]:
    """One reason rejects most of a file: it was read in the wrong way."""
    header, good = SMALL
    for id, told, old, new, reason, remedy in (
        (
            "all_times_without_zone",
            "five orders, no time with a zone",
            "00Z",
            "00",
            "5 of 5 rows are no_time_zone in ordered_at",
            "--time-zone",
        ),
        (
            "all_times_epoch",
            "five orders, times in milliseconds",
            "2026-01-01T00:00:00Z",
            "1767225600000",
            "5 of 5 rows are bad_time in ordered_at",
            "Say how times are written",
        ),
        (
            "all_times_slashes",
            "five orders of 01/02/2026",
            "2026-01-01T00:00:00Z",
            "01/02/2026",
            "5 of 5 rows are bad_time in ordered_at",
            "Say how times are written",
        ),
        (
            "all_amounts_with_thousands",
            "five amounts of 5,000",
            "5000",
            '"5,000"',
            "5 of 5 rows are bad_amount in gross_amount",
            "Say how amounts are written",
        ),
        (
            "all_rows_with_semicolons",
            "a header with commas, rows with semicolons",
            ",",
            ";",
            "5 of 5 rows are wrong_field_count",
            "Say what separates fields",
        ),
    ):
        rows = [good.replace("o1", f"o{n}").replace(old, new) for n in range(5)]
        yield stop(id, told, lines(header, *rows), reason, remedy)
    rows = [good.replace("o1", f"o{n}").replace("paid", "결제") for n in range(5)]
    yield stop(
        "all_rows_cp949",
        "five orders in CP949, undeclared",
        "\n".join([header, *rows]).encode("cp949"),
        "5 of 5 rows are bad_encoding",
        "--encoding cp949",
    )


# Everything


def grouped() -> Iterator[Loads]:
    """The files that values share: after each changed row a good one."""
    groups: dict[tuple[Any, ...], list[Value]] = {}
    for value in VALUES:
        groups.setdefault(value.group, []).append(value)
    for ordinal, values in enumerate(groups.values(), 1):
        for ending in ("csv", "parquet"):
            rows = [
                row(f"{value.id}-{ending}", part, value.table, **changes)
                for value in values
                for part, changes in (("bad", value.changes), ("good", {}))
            ]
            yield Loads(
                values[0].section,
                f"values_{ordinal:02}_{ending}",
                values[0].table,
                f"{len(values)} values",
                as_csv(rows) if ending == "csv" else as_parquet(rows),
                tuple(fate for value in values for fate in (value.fate, KEPT)),
                ending,
                values[0].options,
            )


FILES: tuple[Loads, ...] = (
    *text_ids(),
    *duplicates(),
    *typed_values(),
    *encodings(),
    *records(),
    *late_faults(),
    *intact_files(),
    *intact_quotes(),
    *intact_parquet(),
)
GROUPS: tuple[Loads, ...] = tuple(grouped())
STOPS: tuple[Stops, ...] = tuple(stops())


@cache
def places() -> dict[str, list[tuple[Loads, int]]]:
    """The files and ordinals of each value."""
    found: dict[str, list[tuple[Loads, int]]] = {value.id: [] for value in VALUES}
    keys = list(dict.fromkeys(value.group for value in VALUES))
    for ordinal, key in enumerate(keys):
        shared = [value.id for value in VALUES if value.group == key]
        for position, id in enumerate(shared):
            for file in GROUPS[2 * ordinal : 2 * ordinal + 2]:
                found[id].append((file, 2 * position + 1))
    return found


def ground() -> dict[str, bytes]:
    """What the cases lean on: a buyer, an order, rates, and parents of their own."""
    owners = {"customers": [BUYER], "orders": ["bought"]}
    for child, parent in PARENTS.items():
        for value in VALUES:
            if value.table == child:
                owners[parent] += [
                    f"{value.id}-{ending}-{part}"
                    for ending in ("csv", "parquet")
                    for part in ("bad", "good")
                ]
        owners[parent] += [f"{file.id}-1" for file in FILES if file.table == child]
    return {
        "customers/ground.csv": as_csv(
            [row("", 0, "customers", customer_id=id) for id in owners["customers"]]
        ),
        "orders/ground.csv": as_csv(
            [row("", 0, "orders", order_id=id) for id in owners["orders"]]
        ),
        "exchange_rates/ground.csv": as_csv(
            [row("", 0, "exchange_rates", currency="USD")]
        ),
    }


def catalogue() -> str:
    """The cases as a Markdown table."""
    order = [IDS, AMOUNTS, TIMES, ROWS, INTACT, STOP]
    cases: list[Value | Loads | Stops] = [*VALUES, *FILES, *STOPS]
    rows = [
        f"| {case.section} | `{case.id}` | {case.input} | {case.outcome} |"
        for case in sorted(cases, key=lambda case: order.index(case.section))
    ]
    return "\n".join(
        ["| section | case | input | outcome |", "|---|---|---|---|", *rows]
    )


if __name__ == "__main__":
    print(catalogue())
