"""What a case of bad input is: rows, files, and what must become of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
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


@dataclass(frozen=True)
class SetAside:
    """It is no row of the table; only the count says that it was there."""

    def __str__(self) -> str:
        return "set aside"


Fate = Kept | Superseded | NotYet | Quarantined | SetAside
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
    record is a line. `encoding` finds its lines.
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
    encoding: str = "latin-1"

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


IDS = "Ids"
AMOUNTS = "Amounts"
TIMES = "Times"
ROWS = "Text and rows"
STOP = "Stop"
INTACT = "Keep intact"
