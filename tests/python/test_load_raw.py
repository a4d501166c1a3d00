"""What the loader lands, quarantines and refuses; each case counts its own rows."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scripts import load_raw
from scripts.loading import conversion
from scripts.loading.casting import SESSION, steady_offset, zone_to_utc
from scripts.loading.contract import read_contract
from scripts.loading.records import count_records, parse_fields, split_records
from scripts.loading.textual import copy_regular_csv, read_text_rows, split_csv

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "models" / "staging" / "sources.yml"
LOADED_AT = "2026-01-01T00:00:00Z"
ORDERS = "order_id,customer_id,ordered_at,status,gross_amount"
CUSTOMERS = "customer_id,created_at,email,phone,name,birth_date,push_enabled"
EVENTS = "event_id,customer_id,event_name,occurred_at,duration_seconds,properties"
CONSENTS = "customer_id,channel,purpose,status,changed_at"
GOOD_ORDER = "o1,c1,2026-01-01T00:00:00Z,paid,5000"
GOOD_CUSTOMER = "c1,2026-01-01T00:00:00Z,a@b.kr,010-1234-5678,Kim,1990-01-01,true"
GOOD_EVENT = "e1,c1,page_view,2026-01-01T00:00:00Z,5,"
MOMENT = datetime(2026, 1, 1)

Run = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left and said."""

    code: int
    out: str
    err: str
    landing: Path

    def rows(self, table: str, columns: str = "*") -> list[tuple[object, ...]]:
        """Rows of a landed table, load_rejects or load_manifest, as they lie there."""
        files = sorted((self.landing / table).glob("*.parquet"))
        return [
            row
            for file in files
            for row in duckdb.read_parquet(str(file)).project(columns).fetchall()
        ]

    def rejects(self) -> list[tuple[object, ...]]:
        return sorted(self.rows("load_rejects", "source_row, column_name, reason"))

    def files(self) -> dict[str, bytes]:
        """Every file of the landing folder and its bytes."""
        return {
            path.relative_to(self.landing).as_posix(): path.read_bytes()
            for path in sorted(self.landing.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "in"


@pytest.fixture
def run(
    tmp_path: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Write files below the source folder, then run the command on it."""

    def command(files: dict[str, bytes] | None = None, *options: str) -> Outcome:
        for name, content in (files or {}).items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        landing = tmp_path / "landing"
        arguments = [str(source), "--landing", str(landing), "--loaded-at", LOADED_AT]
        code = load_raw.main([*arguments, *options])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err, landing)

    yield command


def text(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def order(**changed: str) -> str:
    values = dict(zip(ORDERS.split(","), GOOD_ORDER.split(","), strict=True))
    return ",".join((values | changed).values())


def customer(**changed: str) -> str:
    values = dict(zip(CUSTOMERS.split(","), GOOD_CUSTOMER.split(","), strict=True))
    return ",".join((values | changed).values())


def event(**changed: str) -> str:
    values = dict(zip(EVENTS.split(","), GOOD_EVENT.split(","), strict=True))
    return ",".join((values | changed).values())


def parquet(columns: dict[str, pa.Array], **options: object) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, **options)
    return bytes(sink.getvalue())


def order_columns(**changed: pa.Array) -> dict[str, pa.Array]:
    """One order, each column in its contract type."""
    columns = {
        "order_id": pa.array(["o1"]),
        "customer_id": pa.array(["c1"]),
        "ordered_at": pa.array([MOMENT], pa.timestamp("us", "UTC")),
        "status": pa.array(["paid"]),
        "gross_amount": pa.array([Decimal("5000")], pa.decimal128(18, 4)),
    }
    return {k: v for k, v in (columns | changed).items() if v is not None}


@dataclass(frozen=True)
class Quarantined:
    """Rows of one file of which one, after a good first, is at fault."""

    id: str
    row: str
    column: str | None
    reason: str
    header: str = ORDERS
    good: str = GOOD_ORDER
    options: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        by_header = {CUSTOMERS: "customers", EVENTS: "events", CONSENTS: "consents"}
        return by_header.get(self.header, "orders")


def bad_amount(id: str, value: str, reason: str = "bad_amount") -> Quarantined:
    return Quarantined(id, order(gross_amount=value), "gross_amount", reason)


def bad_time(
    id: str, value: str, reason: str = "bad_time", *options: str
) -> Quarantined:
    return Quarantined(
        id, order(ordered_at=value), "ordered_at", reason, options=options
    )


def of_customer(id: str, reason: str, column: str, value: str) -> Quarantined:
    row = customer(**{column: value})
    return Quarantined(id, row, column, reason, CUSTOMERS, GOOD_CUSTOMER)


def of_event(id: str, reason: str, column: str, value: str) -> Quarantined:
    row = event(**{column: value})
    return Quarantined(id, row, column, reason, EVENTS, GOOD_EVENT)


SEOUL = ("--time-zone", "Asia/Seoul")
NEW_YORK = ("--time-zone", "America/New_York")

QUARANTINED = [
    bad_amount("amount_not_available", "N/A"),
    bad_amount("amount_in_parentheses", "(5.00)"),
    bad_amount("amount_with_thousands", '"1,234.50"'),
    bad_amount("amount_with_currency", "₩5000"),
    bad_amount("amount_full_width", "\uff15\uff10"),
    bad_amount("amount_hexadecimal", "0x1F"),
    bad_amount("amount_exponent", "1e3"),
    bad_amount("amount_underscore", "1_000"),
    bad_amount("amount_nan", "NaN"),
    bad_amount("amount_infinity", "Infinity"),
    bad_amount("amount_minus_infinity", "-inf"),
    bad_amount("amount_without_whole_part", ".5"),
    bad_amount("amount_without_fraction", "5."),
    bad_amount("amount_two_signs", "--5"),
    bad_amount("amount_null_word", "null"),
    bad_amount("amount_no_break_space", "5000\u00a0"),
    bad_amount("amount_five_decimals", "1.23456", "too_many_decimals"),
    bad_amount("amount_overflow", "100000000000000", "amount_overflow"),
    bad_amount("amount_many_digits", "9" * 60, "amount_overflow"),
    bad_time("time_bare_date", "2026-01-01"),
    bad_time("time_epoch_milliseconds", "1767225600000"),
    bad_time("time_30_february", "2026-02-30T00:00:00Z"),
    bad_time("time_29_february_of_no_leap_year", "2026-02-29T00:00:00Z"),
    bad_time("time_leap_second", "2016-12-31T23:59:60Z"),
    bad_time("time_hour_24", "2026-01-01T24:00:00Z"),
    bad_time("time_slashes", "01/02/2026"),
    bad_time("time_slashes_and_hour", "01/02/2026 10:00Z"),
    bad_time("time_infinity", "infinity"),
    bad_time("time_seven_decimals", "2026-01-01T00:00:00.1234567Z"),
    bad_time("time_zone_name", "2026-01-01 00:00:00 UTC"),
    bad_time("time_offset_15_hours", "2026-01-01T00:00:00+15:00"),
    bad_time("time_year_0", "0000-06-01T00:00:00Z"),
    bad_time("time_year_0_in_utc", "0001-01-01T00:00:00+09:00"),
    bad_time("time_year_10000_in_utc", "9999-12-31T23:59:59-01:00"),
    bad_time("time_full_width", "\uff12026-01-01T00:00:00Z"),
    bad_time("time_without_zone", "2026-01-01 00:00:00", "no_time_zone"),
    bad_time("time_30_february_without_zone", "2026-02-30 00:00"),
    bad_time("time_in_gap", "2026-03-08 02:30:00", "bad_time", *NEW_YORK),
    bad_time("time_gap_starts", "2026-03-08 02:00:00", "bad_time", *NEW_YORK),
    Quarantined("id_float", order(order_id="1.5"), "order_id", "float_id"),
    Quarantined(
        "foreign_id_float", order(customer_id="2.5"), "customer_id", "float_id"
    ),
    Quarantined(
        "key_float",
        "c1,1.5,ad,granted,2026-01-01T00:00:00Z",
        "channel",
        "float_id",
        CONSENTS,
        "c1,email,ad,granted,2026-01-01T00:00:00Z",
    ),
    Quarantined("nul", order(status="pa\x00id"), "status", "control_characters"),
    Quarantined("escape", order(status="\x1b[2J"), "status", "control_characters"),
    Quarantined(
        "right_to_left", order(status="\u202edi"), "status", "control_characters"
    ),
    Quarantined("isolate", order(status="\u2066di"), "status", "control_characters"),
    Quarantined(
        "nul_in_amount",
        order(gross_amount="5\x000"),
        "gross_amount",
        "control_characters",
    ),
    Quarantined("short_row", "o2,c1,2026-01-01T00:00:00Z", None, "wrong_field_count"),
    Quarantined("long_row", GOOD_ORDER + ",x", None, "wrong_field_count"),
    Quarantined("trailing_comma", GOOD_ORDER + ",", None, "wrong_field_count"),
    Quarantined("blank_of_spaces", "   ", None, "wrong_field_count"),
    Quarantined("unclosed_quote", order(status='"paid'), None, "unclosed_quote"),
    Quarantined("text_after_quote", order(status='"paid"x'), None, "unclosed_quote"),
    of_customer("date_30_february", "bad_date", "birth_date", "1990-02-30"),
    of_customer("date_with_time", "bad_date", "birth_date", "1990-01-01 00:00:00"),
    of_customer("date_slashes", "bad_date", "birth_date", "1990/01/01"),
    of_customer("date_year_0", "bad_date", "birth_date", "0000-01-01"),
    of_customer("boolean_maybe", "bad_boolean", "push_enabled", "maybe"),
    of_customer("boolean_2", "bad_boolean", "push_enabled", "2"),
    of_event("integer_with_fraction", "bad_integer", "duration_seconds", "1.0"),
    of_event("integer_overflow", "bad_integer", "duration_seconds", "2147483648"),
    of_event("json_broken", "bad_json", "properties", "{"),
    of_event("json_list", "bad_json", "properties", "[1]"),
    of_event("json_text", "bad_json", "properties", "plain"),
]


@pytest.mark.parametrize("case", QUARANTINED, ids=lambda case: case.id)
def test_quarantines_the_row_and_goes_on(case: Quarantined, run: Run) -> None:
    lines = [case.header, case.good, case.row, case.good]
    outcome = run({f"{case.table}/f.csv": text(*lines)}, *case.options)
    assert outcome.code == 0
    assert outcome.rejects() == [(2, case.column, case.reason)]
    assert sorted(outcome.rows(case.table, "source_row")) == [(1,), (3,)]
    counts = outcome.rows("load_manifest", "rows_in, rows_landed, rows_rejected")
    assert counts == [(3, 2, 1)]
    assert case.reason in outcome.out


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1)),
        ("2026-01-01 09:00:00+09:00", datetime(2026, 1, 1)),
        ("2026-01-01T09:00+0900", datetime(2026, 1, 1)),
        ("2026-01-01T09:00:00+09", datetime(2026, 1, 1)),
        ("2025-12-31T20:30:00-03:30", datetime(2026, 1, 1)),
        ("2026-01-01T00:00:00.1Z", datetime(2026, 1, 1, microsecond=100_000)),
        ("2026-01-01T00:00:00.123456Z", datetime(2026, 1, 1, microsecond=123_456)),
        ("  2026-01-01T00:00:00Z ", datetime(2026, 1, 1)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1)),
        ("9999-12-31T23:59:59.999999Z", datetime.max),
        ("2026-01-01T14:00:00+14:00", datetime(2026, 1, 1)),
        ("", None),
        ("   ", None),
    ],
)
def test_times_land_in_utc(value: str, expected: datetime | None, run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order(ordered_at=value))})
    assert outcome.rows("orders", "ordered_at") == [(expected,)]


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Asia/Seoul", "2026-01-01 09:00:00", datetime(2026, 1, 1)),
        ("Asia/Seoul", "1988-07-01 09:00:00", datetime(1988, 6, 30, 23)),
        ("UTC", "2026-01-01 09:00", datetime(2026, 1, 1, 9)),
        ("America/New_York", "2026-03-08 01:59:59", datetime(2026, 3, 8, 6, 59, 59)),
        ("America/New_York", "2026-03-08 03:00:00", datetime(2026, 3, 8, 7)),
        ("America/New_York", "2026-11-01 01:30:00", datetime(2026, 11, 1, 5, 30)),
        ("America/New_York", "2026-11-01 02:00:00", datetime(2026, 11, 1, 7)),
        ("America/New_York", "2026-07-01 00:00:00Z", datetime(2026, 7, 1)),
    ],
)
def test_local_times_follow_the_declared_zone(
    zone: str, local: str, expected: datetime, run: Run
) -> None:
    files = {"orders/f.csv": text(ORDERS, order(ordered_at=local))}
    if not local.endswith("Z"):
        naive = pa.array([datetime.fromisoformat(local)], pa.timestamp("us"))
        files["orders/f.parquet"] = parquet(order_columns(ordered_at=naive))
    outcome = run(files, "--time-zone", zone)
    assert outcome.rows("orders", "ordered_at") == [(expected,)] * len(files)


@pytest.mark.parametrize(
    "zone", ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
)
def test_local_times_agree_with_another_zone_library(zone: str) -> None:
    hours = range(0, 24 * 366 * 3, 5)
    local_times = [datetime(2023, 1, 1, 0, 30) + timedelta(hours=h) for h in hours]

    def in_utc(local: datetime) -> datetime | None:
        instant = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
        back = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return instant.replace(tzinfo=None) if back == local else None

    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(SESSION)
        connection.execute(
            "create table local_times as select unnest(?::timestamp[]) as clock",
            [local_times],
        )
        expression = zone_to_utc("clock", ZoneInfo(zone))
        found = connection.sql(
            f"select clock, {expression} from local_times order by clock"
        ).fetchall()
    assert found == [(local, in_utc(local)) for local in local_times]


def test_a_zone_without_clock_changes_has_one_offset() -> None:
    assert steady_offset(ZoneInfo("Asia/Seoul")) == timedelta(hours=9)
    assert steady_offset(ZoneInfo("America/New_York")) is None


@dataclass(frozen=True)
class Kept:
    """A file of orders that lands whole, and (order_id, status) of its rows."""

    id: str
    content: bytes
    rows: list[tuple[str | None, str | None]]


KEPT = [
    Kept("byte_order_mark", b"\xef\xbb\xbf" + text(ORDERS, order()), [("o1", "paid")]),
    Kept("crlf", text(ORDERS, order(), end="\r\n"), [("o1", "paid")]),
    Kept("cr", text(ORDERS, order(), end="\r"), [("o1", "paid")]),
    Kept(
        "mixed_line_ends",
        text(ORDERS, order()) + text(order(), end="\r\n"),
        [("o1", "paid")] * 2,
    ),
    Kept("no_last_line_end", text(ORDERS, order())[:-1], [("o1", "paid")]),
    Kept(
        "blank_lines",
        text("", ORDERS, "", order(), "", "", order(order_id="o2"), ""),
        [("o1", "paid"), ("o2", "paid")],
    ),
    Kept(
        "columns_in_any_order",
        text("status,gross_amount,order_id,ordered_at,customer_id", "paid,1,o1,,c1"),
        [("o1", "paid")],
    ),
    Kept(
        "header_spaces_and_case",
        text(ORDERS.upper().replace(",", " , "), order()),
        [("o1", "paid")],
    ),
    Kept(
        "quoted_header",
        text(f'"{ORDERS.replace(",", chr(34) + "," + chr(34))}"', order()),
        [("o1", "paid")],
    ),
    Kept("quoted_newline", text(ORDERS, order(status='"a\nb"')), [("o1", "a\nb")]),
    Kept("quoted_crlf", text(ORDERS, order(status='"a\r\nb"')), [("o1", "a\r\nb")]),
    Kept("quoted_tab", text(ORDERS, order(status='"a\tb"')), [("o1", "a\tb")]),
    Kept("quoted_comma", text(ORDERS, order(status='"a,b"')), [("o1", "a,b")]),
    Kept("doubled_quotes", text(ORDERS, order(status='"a ""b"""')), [("o1", 'a "b"')]),
    Kept("quote_in_text", text(ORDERS, order(status='5" x')), [("o1", '5" x')]),
    Kept("space_before_quote", text(ORDERS, order(status=' "a"')), [("o1", ' "a"')]),
    Kept("text_keeps_spaces", text(ORDERS, order(status=" a ")), [("o1", " a ")]),
    Kept("id_loses_spaces", text(ORDERS, order(order_id=" 001 ")), [("001", "paid")]),
    Kept("empty_is_null", text(ORDERS, order(status="")), [("o1", None)]),
    Kept("quoted_empty_is_null", text(ORDERS, order(status='""')), [("o1", None)]),
    Kept("null_key", text(ORDERS, order(order_id="")), [(None, "paid")]),
    Kept("only_commas", text(ORDERS, ",,,,"), [(None, None)]),
    Kept("emoji", text(ORDERS, order(status="👩‍👩‍👧")), [("o1", "👩‍👩‍👧")]),
    Kept("hangul_composed", text(ORDERS, order(status="가")), [("o1", "가")]),
    Kept(
        "hangul_decomposed",
        text(ORDERS, order(status="\u1112\u1161\u11ab")),
        [("o1", "\u1112\u1161\u11ab")],
    ),
    Kept("word_null", text(ORDERS, order(status="NULL")), [("o1", "NULL")]),
    Kept(
        "megabyte",
        text(
            ORDERS, order(status="x" * 2**20), order(status='"' + "y\n" * 2**19 + '"')
        ),
        [("o1", "x" * 2**20), ("o1", "y\n" * 2**19)],
    ),
    Kept(
        "three_ids",
        text(ORDERS, *[order(order_id=i) for i in ("001", "01", "1")]),
        [("001", "paid"), ("01", "paid"), ("1", "paid")],
    ),
    Kept("same_row_twice", text(ORDERS, order(), order()), [("o1", "paid")] * 2),
    Kept("header_only", text(ORDERS), []),
]


@pytest.mark.parametrize("case", KEPT, ids=lambda case: case.id)
def test_keeps_intact(case: Kept, run: Run) -> None:
    outcome = run({"orders/f.csv": case.content})
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows("orders", "order_id, status") == case.rows
    assert outcome.rows("orders", "source_row") == [
        (ordinal + 1,) for ordinal in range(len(case.rows))
    ]
    counts = outcome.rows("load_manifest", "rows_in, rows_landed, rows_rejected")
    assert counts == [(len(case.rows), len(case.rows), 0)]
    assert outcome.rejects() == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5000", "5000"),
        (" 5000 ", "5000"),
        ("+5", "5"),
        ("-5.5", "-5.5"),
        ("007", "7"),
        ("0.0001", "0.0001"),
        ("1.50000", "1.5"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("-99999999999999.9999", "-99999999999999.9999"),
    ],
)
def test_amounts_land_exactly(value: str, expected: str, run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order(gross_amount=value))})
    assert outcome.rows("orders", "gross_amount") == [(Decimal(expected),)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(v, True) for v in ("true", "T", "1", "YES", "y", "True")]
    + [(v, False) for v in ("false", "F", "0", "no", "N")]
    + [("", None)],
)
def test_booleans(value: str, expected: bool | None, run: Run) -> None:
    row = customer(push_enabled=value)
    outcome = run({"customers/f.csv": text(CUSTOMERS, row)})
    assert outcome.rows("customers", "push_enabled") == [(expected,)]


def test_dates_integers_and_json_land(run: Run) -> None:
    outcome = run(
        {
            "customers/f.csv": text(CUSTOMERS, customer(birth_date=" 2000-02-29")),
            "events/f.csv": text(
                EVENTS,
                event(duration_seconds="2147483647", properties='"{""a"": [1]}"'),
                event(duration_seconds="-5", properties='" {}"'),
            ),
        }
    )
    assert outcome.rows("customers", "birth_date") == [(date(2000, 2, 29),)]
    assert outcome.rows("events", "duration_seconds, properties") == [
        (2147483647, '{"a": [1]}'),
        (-5, " {}"),
    ]


def test_columns_and_types_are_those_of_the_contract(run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    (landed,) = (outcome.landing / "orders").glob("*.parquet")
    types = {"string": "VARCHAR", "int": "INTEGER"}
    assert [
        (name, str(kind))
        for name, kind, *_ in duckdb.sql(
            f"describe from read_parquet('{landed}')"
        ).fetchall()
    ] == [
        (column.name, types.get(column.data_type, column.data_type.upper()))
        for column in read_contract(CONTRACT)["orders"].columns
    ]
    assert outcome.rows("orders", "loaded_at, source_file, source_row") == [
        (MOMENT, "orders/f.csv", 1)
    ]


def test_manifest_says_what_the_file_was(run: Run) -> None:
    content = text(ORDERS, order(), order(gross_amount="x"))
    outcome = run({"orders/f.csv": content})
    (row,) = outcome.rows("load_manifest")
    (name,) = (path.stem for path in (outcome.landing / "orders").iterdir())
    assert row[2] is not None and str(row[2])[:16] == name
    assert row[:2] + row[3:5] == ("orders", "orders/f.csv", len(content), "csv")
    assert row[6:] == (2, 0, 1, 1, MOMENT)


def test_reject_names_key_column_and_shape(run: Run) -> None:
    outcome = run(
        {
            "orders/f.csv": text(
                ORDERS,
                order(status="\x07배송 Straße 12"),
                order(order_id="", gross_amount="x" * 41),
                order(order_id="o3", ordered_at="x" * 40, gross_amount="x"),
                "short",
            )
        }
    )
    columns = "raw_table, row_key, column_name, masked_value, source_file, loaded_at"
    rest = ("orders/f.csv", MOMENT)
    assert outcome.rows("load_rejects", columns) == [
        ("orders", "o1", "status", "\ufffd가가 aaaaaa 99", *rest),
        ("orders", "", "gross_amount", "a" * 40 + "…", *rest),
        ("orders", "o3", "ordered_at", "a" * 40, *rest),
        ("orders", None, None, "(5 bytes)", *rest),
    ]


def test_a_wish_is_not_lost_by_an_unreadable_time(run: Run) -> None:
    outcome = run(
        {
            "suppressions/f.csv": text(
                "identifier,channel,reason,starts_at,ends_at",
                "a@b.kr,email,bounce,30 February,whenever",
            ),
            "deletion_requests/f.csv": text(
                "request_id,customer_id,requested_at", "r1,c1,01/02/2026"
            ),
        }
    )
    assert outcome.rejects() == []
    wishes = outcome.rows("suppressions", "identifier, channel, starts_at, ends_at")
    assert wishes == [("a@b.kr", "email", None, None)]
    requests = outcome.rows("deletion_requests", "customer_id, requested_at")
    assert requests == [("c1", None)]


def test_a_clean_file_has_an_empty_reject_file(run: Run) -> None:
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    (file,) = (outcome.landing / "load_rejects").iterdir()
    assert pq.read_metadata(file).num_rows == 0
    assert pq.read_schema(file).names[:2] == ["raw_table", "row_key"]


@pytest.mark.parametrize("character", ["\xff", "\xc0\xaf", "\xed\xa0\x80"])
def test_bytes_that_are_no_utf8_cost_one_row(character: str, run: Run) -> None:
    bad = order(status=character).encode("latin-1")
    content = text(ORDERS, order()) + bad + b"\n" + text(order(order_id="o3"))
    outcome = run({"orders/f.csv": content})
    assert outcome.rejects() == [(2, None, "bad_encoding")]
    assert outcome.rows("orders", "order_id, source_row") == [("o1", 1), ("o3", 3)]


def test_cp949_is_read_when_it_is_declared(run: Run) -> None:
    good = text(ORDERS, order(status="배송완료")).decode().encode("cp949")
    bad = order(status="배").encode("cp949")[:-6] + b"\xff,1\n"
    undeclared = run({"orders/f.csv": good + bad})
    assert [reason for *_, reason in undeclared.rejects()] == ["bad_encoding"] * 2
    outcome = run({}, "--encoding", "cp949")
    assert outcome.rows("orders", "status") == [("배송완료",)]
    assert outcome.rejects() == [(2, None, "bad_encoding")]


def test_a_bad_value_on_line_30001_is_found(run: Run) -> None:
    rows = [order(order_id=f"o{i}") for i in range(2, 30_001)]
    outcome = run({"orders/f.csv": text(ORDERS, *rows, order(gross_amount="x"))})
    assert outcome.rejects() == [(30_000, "gross_amount", "bad_amount")]
    assert len(outcome.rows("orders", "order_id")) == 29_999


def test_an_oversized_record_costs_one_row(run: Run) -> None:
    huge = order(status="x" * (17 * 2**20))
    outcome = run({"orders/f.csv": text(ORDERS, order(), huge, order(order_id="o3"))})
    assert outcome.rejects() == [(2, None, "oversized_record")]
    assert outcome.rows("orders", "order_id") == [("o1",), ("o3",)]


def test_an_unclosed_quote_costs_one_line_and_not_the_rest(run: Run) -> None:
    rows = [order(order_id=f"o{i}") for i in range(2, 100)]
    outcome = run({"orders/f.csv": text(ORDERS, order(status='"paid'), *rows)})
    assert outcome.rejects() == [(1, None, "unclosed_quote")]
    assert len(outcome.rows("orders", "order_id")) == 98


def test_extra_columns_are_said_once(run: Run) -> None:
    content = text(ORDERS + ",note,Loaded_At", order() + ",x,y", order() + ",x,y")
    outcome = run({"orders/f.csv": content})
    assert outcome.code == 0
    assert outcome.out.count("not in the contract, not loaded: note, Loaded_At") == 1
    assert outcome.rows("orders", "loaded_at") == [(MOMENT,)] * 2


@dataclass(frozen=True)
class Stop:
    """Files that stop the load, and words of the message for each bad file."""

    id: str
    files: dict[str, bytes]
    said: tuple[str, ...]
    options: tuple[str, ...] = ()


def stop(id: str, content: bytes, *said: str, name: str = "f.csv") -> Stop:
    return Stop(id, {f"orders/{name}": content}, (f"orders/{name}", *said))


def wrong_type(id: str, column: str, values: pa.Array, *said: str) -> Stop:
    content = parquet(order_columns(**{column: values}))
    return stop(id, content, f"column {column} should be", *said, name="f.parquet")


GOOD_PARQUET = parquet(order_columns())
LONG_PARQUET = parquet(
    {
        name: pa.concat_arrays([values] * 5000)
        for name, values in order_columns().items()
    }
    | {"order_id": pa.array([os.urandom(8).hex() for _ in range(5000)])}
)

STOPS = [
    stop("empty", b"", "is empty", "Export it again"),
    stop("one_byte", b"x", "single byte"),
    stop("blank_lines_only", b"\n\n\n", "blank lines only"),
    stop("gzip", b"\x1f\x8b\x08" + bytes(99), "gzip", "gunzip"),
    stop("zip", b"PK\x03\x04" + bytes(99), "zip"),
    stop("parquet_named_csv", GOOD_PARQUET, "Parquet", "Name it .parquet"),
    stop("utf_16_mark", text(ORDERS).decode().encode("utf-16"), "UTF-16"),
    stop("utf_16", text(ORDERS).decode().encode("utf-16-le"), "UTF-16"),
    stop("utf_16_big", text(ORDERS).decode().encode("utf-16-be"), "UTF-16"),
    stop("semicolons", text(ORDERS.replace(",", ";")), "line 1", "semicolons"),
    stop("tabs", text(ORDERS.replace(",", "\t")), "line 1", "tabs"),
    stop("bars", text(ORDERS.replace(",", "|")), "line 1", "vertical bars"),
    stop("no_header", text(order()), "line 1", "header is missing", "order_id"),
    stop("header_unclosed", text('"' + ORDERS), "line 1", "header cannot be read"),
    stop("header_latin_1", ORDERS.encode() + b",\xe9", "not utf-8", "--encoding"),
    stop(
        "column_missing",
        text(ORDERS.replace("gross_amount", "gros_amount"), order()),
        "column gross_amount is missing",
        "Rename gros_amount?",
    ),
    stop("column_twice", text(ORDERS + ",STATUS"), "column status is there twice"),
    stop("parquet_text", text(ORDERS), "no readable Parquet", name="f.parquet"),
    stop("parquet_cut", GOOD_PARQUET[:-9], "no readable Parquet", name="f.parquet"),
    stop(
        "parquet_damaged",
        LONG_PARQUET[:2000] + bytes(8000) + LONG_PARQUET[10_000:],
        "damaged",
        name="f.parquet",
    ),
    stop(
        "parquet_column_missing",
        parquet(order_columns(status=None)),
        "column status is missing",
        name="f.PARQUET",
    ),
    stop(
        "parquet_column_twice",
        parquet(order_columns() | {"Status": pa.array(["x"])}),
        "column status is there twice",
        name="f.parquet",
    ),
    wrong_type("double_id", "order_id", pa.array([1.0]), "string", "double"),
    wrong_type("double_amount", "gross_amount", pa.array([1.0]), "decimal", "double"),
    wrong_type("integer_text", "status", pa.array([1]), "string", "int64"),
    wrong_type("integer_time", "ordered_at", pa.array([1]), "timestamp", "int64"),
    wrong_type(
        "date_time", "ordered_at", pa.array([date(2026, 1, 1)]), "timestamp", "date32"
    ),
    wrong_type(
        "time_without_zone",
        "ordered_at",
        pa.array([MOMENT], pa.timestamp("us")),
        "timestamp",
        "--time-zone",
    ),
    wrong_type("binary_text", "status", pa.array([b"x"]), "string", "binary"),
    stop(
        "nanoseconds",
        parquet(order_columns(ordered_at=pa.array([1001], pa.timestamp("ns", "UTC")))),
        "finer than a microsecond",
        name="f.parquet",
    ),
    Stop("unknown_folder", {"order/f.csv": b"x"}, ("order/", "Did you mean orders?")),
    Stop("file_beside_folders", {"orders.csv": b"x"}, ("Move it to orders/",)),
    Stop("other_ending", {"orders/f.csv.gz": b"xx"}, ("orders/f.csv.gz", "neither")),
    Stop("only_ignored", {"_old/f.csv": b"x", ".git/f": b"x"}, ("holds no .csv",)),
    Stop("no_folder", {}, ("is not a folder",)),
    Stop(
        "column_that_others_have",
        {
            "orders/a.csv": text(ORDERS + ",currency", order() + ",KRW"),
            "orders/b.csv": text(ORDERS, order()),
        },
        ("orders/b.csv: lacks column currency, which orders/a.csv has",),
    ),
    Stop(
        "bad_among_good",
        {
            "customers/a.csv": text(CUSTOMERS, customer()),
            "orders/a.csv": text(ORDERS, order()),
            "orders/b.csv": b"",
            "orders/c.parquet": b"PAR1 no more",
        },
        ("orders/b.csv: is empty", "orders/c.parquet: is no readable"),
    ),
    Stop(
        "damaged_among_good",
        {
            "customers/a.csv": text(CUSTOMERS, customer()),
            "orders/c.parquet": LONG_PARQUET[:2000]
            + bytes(8000)
            + LONG_PARQUET[10_000:],
        },
        ("orders/c.parquet: is damaged",),
    ),
    Stop(
        "unknown_zone", {}, ("did you mean Asia/Seoul?",), ("--time-zone", "Asia/Sol")
    ),
    Stop("unknown_encoding", {}, ("invalid choice",), ("--encoding", "latin-1")),
    Stop("bad_loaded_at", {}, ("no ISO 8601 time",), ("--loaded-at", "yesterday")),
    Stop(
        "marked_utf8_as_cp949",
        {"orders/f.csv": b"\xef\xbb\xbf" + text(ORDERS)},
        ("marked as UTF-8",),
        ("--encoding", "cp949"),
    ),
]


@pytest.mark.parametrize("case", STOPS, ids=lambda case: case.id)
def test_stops_and_lands_nothing(case: Stop, run: Run) -> None:
    outcome = run(case.files, *case.options)
    assert outcome.code == 2
    for words in case.said:
        assert words in outcome.err
    assert [name for name in outcome.files() if name != ".lock"] == []


def test_an_unreadable_file_stops_the_load(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_path = Path.open

    def refuse(path: Path, *args: object, **options: object) -> object:
        if path.name == "b.csv" and args == ("rb",):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_path(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    good = text(ORDERS, order())
    outcome = run({"orders/a.csv": good, "orders/b.csv": good + b"\n"})
    assert outcome.code == 2
    assert "orders/b.csv: cannot be read (Permission denied)" in outcome.err
    assert list(outcome.files()) == [".lock"]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("order_id", pa.array([7]), "7"),
        ("order_id", pa.array([2**64 - 1], pa.uint64()), "18446744073709551615"),
        ("order_id", pa.array(["a"]).dictionary_encode(), "a"),
        ("order_id", pa.array(["a"], pa.large_string()), "a"),
        ("status", pa.nulls(1), None),
        ("status", pa.array([""]), None),
        ("gross_amount", pa.array([5000]), Decimal(5000)),
        (
            "gross_amount",
            pa.array([Decimal("1.5")], pa.decimal128(38, 10)),
            Decimal("1.5"),
        ),
        ("gross_amount", pa.array(["1.5"]), Decimal("1.5")),
        (
            "ordered_at",
            pa.array([1000], pa.timestamp("ns", "UTC")),
            datetime(1970, 1, 1, microsecond=1),
        ),
        (
            "ordered_at",
            pa.array([0], pa.timestamp("ms", "Asia/Seoul")),
            datetime(1970, 1, 1),
        ),
        (
            "ordered_at",
            pa.array([-62135596800 * 10**6], pa.timestamp("us", "UTC")),
            datetime(1, 1, 1),
        ),
        ("ordered_at", pa.array(["2026-01-01T09:00:00+09:00"]), MOMENT),
    ],
)
def test_parquet_values_land(
    column: str, values: pa.Array, expected: object, run: Run
) -> None:
    outcome = run({"orders/f.parquet": parquet(order_columns(**{column: values}))})
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.rows("orders", column) == [(expected,)]


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("order_id", pa.array(["1.5"]), "float_id"),
        ("status", pa.array(["a\u202eb"]), "control_characters"),
        ("gross_amount", pa.array([10**15]), "amount_overflow"),
        ("gross_amount", pa.array(["x"]), "bad_amount"),
        (
            "gross_amount",
            pa.array([Decimal("1.00001")], pa.decimal128(38, 5)),
            "too_many_decimals",
        ),
        (
            "ordered_at",
            pa.array([-62135596800 * 10**6 - 1], pa.timestamp("us", "UTC")),
            "bad_time",
        ),
        ("ordered_at", pa.array(["2026-01-01"]), "bad_time"),
    ],
)
def test_parquet_values_are_quarantined(
    column: str, values: pa.Array, reason: str, run: Run
) -> None:
    outcome = run({"orders/f.parquet": parquet(order_columns(**{column: values}))})
    assert outcome.rejects() == [(1, column, reason)]
    assert outcome.rows("load_manifest", "rows_in, rows_landed, rows_rejected") == [
        (1, 0, 1)
    ]


def test_parquet_rows_keep_their_order_and_number(run: Run) -> None:
    ids = [f"o{i}" for i in range(2500)]
    columns = {
        name: pa.concat_arrays([values] * 2500)
        for name, values in order_columns().items()
    } | {"order_id": pa.array(ids)}
    outcome = run({"orders/f.parquet": parquet(columns, row_group_size=300)})
    assert outcome.rows("orders", "order_id, source_row") == [
        (order_id, ordinal) for ordinal, order_id in enumerate(ids, 1)
    ]


MANY = {
    "orders/a.csv": text(ORDERS, order(), order(gross_amount="x"), "short"),
    "orders/b.parquet": GOOD_PARQUET,
    "customers/c.csv": text(CUSTOMERS, customer()),
}


def test_loading_twice_changes_nothing(run: Run) -> None:
    before = run(MANY).files()
    again = run(None, "--loaded-at", "2027-01-01T00:00:00Z")
    assert again.code == 0
    assert "already loaded: 3 files" in again.out
    assert again.files() == before


def test_the_same_content_is_loaded_once_per_table(run: Run) -> None:
    content = text(ORDERS, order())
    outcome = run({"orders/a.csv": content, "orders/b.csv": content})
    assert outcome.rows("load_manifest", "source_file") == [("orders/a.csv",)]
    assert "already loaded: 1 files" in outcome.out


def test_the_same_content_is_another_load_in_another_table(run: Run) -> None:
    content = text(
        ORDERS + ",line,product_id,quantity,unit_price", order() + ",1,p,1,1"
    )
    outcome = run({"orders/a.csv": content, "order_items/a.csv": content})
    assert sorted(outcome.rows("load_manifest", "raw_table, rows_landed")) == [
        ("order_items", 1),
        ("orders", 1),
    ]


def test_a_file_that_changes_while_it_is_read_is_not_loaded(
    run: Run, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = count_records

    def append_meanwhile(path: Path, width: int, **how: str) -> object:
        with (source / "orders" / "f.csv").open("ab") as file:
            file.write(text(order()))
        return count(path, width, delimiter=how["delimiter"])

    monkeypatch.setattr(conversion, "count_records", append_meanwhile)
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 1
    assert "orders/f.csv changed while it was read" in outcome.err
    assert list(outcome.files()) == [".lock"]


@pytest.mark.parametrize("killed_after", range(9))
def test_a_crash_anywhere_is_mended_by_the_next_load(
    killed_after: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(MANY).files()
    (tmp_path / "landing").rename(tmp_path / "whole")
    replaced: list[str] = []
    replace = os.replace

    def killed(source: Path, target: Path) -> None:
        if len(replaced) == killed_after:
            raise KeyboardInterrupt
        replaced.append(target.name)
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    assert run().code == 130
    monkeypatch.undo()
    assert run().code == 0
    assert run().files() == whole


def test_leftovers_of_a_crash_are_overwritten(run: Run, tmp_path: Path) -> None:
    whole = run(MANY).files()
    for manifest in (tmp_path / "landing" / "load_manifest").iterdir():
        manifest.unlink()
    for landed in (tmp_path / "landing" / "orders").iterdir():
        landed.write_bytes(b"half a file")
    (tmp_path / "landing" / ".loading").mkdir()
    (tmp_path / "landing" / ".loading" / "scrap").write_bytes(b"x")
    assert run().files() == whole


def test_a_second_loader_says_who_holds_the_lock(run: Run, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    with (landing / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 4711 on shop")
        lock.flush()
        outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 75
    assert "process 4711 on shop" in outcome.err
    assert list(outcome.files()) == [".lock"]
    assert run().code == 0


def test_a_full_disk_leaves_what_was_loaded(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run({"orders/a.csv": text(ORDERS, order())}).files()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = run({"orders/b.csv": text(ORDERS, order(order_id="o2"))})
    assert outcome.code == 1
    assert "no space left on the disk" in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.files() == before


def test_rows_that_do_not_add_up_stop_the_load(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "landed_rows", lambda *_: "select 1 limit 0")
    outcome = run({"orders/f.csv": text(ORDERS, order())})
    assert outcome.code == 1
    assert "1 rows were counted, 0 landed, 0 were rejected" in outcome.err
    assert list(outcome.files()) == [".lock"]


CANARY = "Qanaryperson"


def test_personal_values_appear_nowhere(run: Run) -> None:
    personal = {"email": f"{CANARY}@x.kr", "phone": "01098765432", "name": CANARY}
    broken = [
        customer(customer_id="c2", **personal, birth_date="x"),
        customer(customer_id="c3", **(personal | {"name": CANARY + "\x07"})),
        customer(customer_id="c4", **(personal | {"email": '"' + CANARY})),
        customer(customer_id="c5", **personal) + ",more",
    ]
    header = "identifier,channel,reason,starts_at"
    suppressed = f"{header}\n{CANARY}@x.kr\x07,email,bounce,x\n"
    outcome = run(
        {
            "customers/f.csv": text(CUSTOMERS, *broken),
            "suppressions/f.csv": suppressed.encode(),
        }
    )
    masked = outcome.rows("load_rejects", "row_key, masked_value")
    assert ("c3", "(13 characters)") in masked
    assert ("(18 characters)|email|bounce|x", "(18 characters)") in masked
    headless = run({"customers/g.csv": text(customer(**personal))})
    assert headless.code == 2
    said = outcome.out + outcome.err + headless.out + headless.err + str(masked)
    for value in (CANARY, CANARY.lower(), "01098765432", "9876"):
        assert value not in said
    assert all(CANARY.encode() not in content for content in outcome.files().values())


@pytest.mark.parametrize(
    "name",
    [
        "it's; drop table.csv",
        'say "hi".CSV',
        "주문 목록.csv",
        "*?[a]{b}.csv",
        "a=1.csv",
        "$(id) `x` %s {0}.csv",
    ],
)
def test_file_names_are_only_names(name: str, run: Run) -> None:
    decoy = {"orders/xa.csv": text(ORDERS, order(order_id="decoy"))}
    outcome = run(decoy | {f"orders/{name}": text(ORDERS, order())})
    assert (outcome.code, outcome.err) == (0, "")
    assert sorted(outcome.rows("orders", "source_file, order_id")) == sorted(
        [("orders/xa.csv", "decoy"), (f"orders/{name}", "o1")]
    )
    stem = name.rsplit(".", 1)[0]
    again = run({f"orders/{stem}.parquet": GOOD_PARQUET})
    assert (f"orders/{stem}.parquet", "o1") in again.rows(
        "orders", "source_file, order_id"
    )


def test_the_landing_folder_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "in" / "orders").mkdir(parents=True)
    (tmp_path / "in" / "orders" / "f.csv").write_bytes(text(ORDERS, order(), "short"))
    landing = tmp_path / "it's [a] 착륙*"
    assert load_raw.main([str(tmp_path / "in"), "--landing", str(landing)]) == 0
    assert len(list((landing / "orders").iterdir())) == 1


def test_the_fast_and_the_slow_reader_agree(tmp_path: Path) -> None:
    lines = [f'o{i},"say ""{i}"",\n서울 👍",,x {i}' for i in range(500)]
    path = tmp_path / "f.csv"
    path.write_bytes(text("a,b,c,d", *lines))
    fast, slow, rejects = (tmp_path / f"{name}.parquet" for name in "fsr")
    assert count_records(path, 4).is_regular
    split_csv(path, range(4), 4, "utf-8", slow, rejects)
    with duckdb.connect() as connection:
        assert copy_regular_csv(connection, path, 4, fast)
        columns = "source_row, c0, c1, nullif(c2, '') as c2, c3"
        fast_rows, slow_rows = (
            connection.sql(f"select {columns} from ({query})").fetchall()
            for query in (read_text_rows(fast, False), read_text_rows(slow, True))
        )
    assert len(fast_rows) == 500
    assert fast_rows == slow_rows


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.lists(st.sampled_from(list('",\r\nab ')), max_size=40).map("".join))
def test_two_readers_find_the_same_records(content: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("h,h\n" + content, encoding="utf-8", newline="")
    for limit in (8, 1000):
        records = list(split_records(path, limit))
        counted = count_records(path, 2, limit)
        assert len(records) - 1 == counted.records
        if counted.is_regular:
            widths = {len(parse_fields(r.content.decode())) for r in records}
            assert widths == {2}


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.lists(st.sampled_from(list('",\r\nab ')), max_size=30).map("".join))
def test_duckdb_agrees_on_what_is_called_regular(content: str, tmp_path: Path) -> None:
    path, target = tmp_path / "f.csv", tmp_path / "f.parquet"
    path.write_text("h,h\n" + content, encoding="utf-8", newline="")
    counted = count_records(path, 2)
    with duckdb.connect() as connection:
        if counted.is_regular and copy_regular_csv(connection, path, 2, target):
            rows = connection.read_parquet(str(target)).fetchall()
            if len(rows) == counted.records:
                expected = [
                    parse_fields(r.content.decode()) for r in split_records(path)
                ]
                assert [[v or "" for v in row] for row in rows] == expected[1:]


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_raw.main(["--help"]) == 0
    assert "75  another loader" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "options", "remedy"),
    [
        (
            {
                "orders/f.csv": text(
                    ORDERS,
                    *(
                        order(order_id=f"o{n}", ordered_at="2026-01-01 09:00:00")
                        for n in range(5)
                    ),
                )
            },
            ("--time-zone", "Asia/Seoul"),
            "Say where the clock stood: --time-zone",
        ),
        (
            {
                "orders/f.csv": text(
                    ORDERS, *(order(order_id=f"o{n}", status="결제") for n in range(5))
                )
                .decode()
                .encode("cp949")
            },
            ("--encoding", "cp949"),
            "Say how it is encoded: --encoding cp949",
        ),
    ],
    ids=["time zone", "encoding"],
)
def test_a_file_that_an_option_would_mend_stops_and_can_be_loaded_with_it(
    files: dict[str, bytes], options: tuple[str, ...], remedy: str, run: Run
) -> None:
    refused = run(files)
    assert refused.code == 2 and remedy in refused.err
    assert refused.files().keys() <= {".lock"}
    mended = run(files, *options)
    assert mended.code == 0
    assert mended.rows("load_manifest", "rows_in, rows_rejected") == [(5, 0)]
