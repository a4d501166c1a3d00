"""The language of mapping.yml: what each key does, and what each mistake says."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import dedent, indent

import duckdb
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from customer_segments.loading import load_raw
from customer_segments.loading.contract import read_contract
from customer_segments.loading.forecast import unknown_countries
from customer_segments.loading.formats import day_in_name
from customer_segments.loading.loader import LoadOptions, load
from customer_segments.loading.mapping import json_schema, read_mapping
from customer_segments.loading.problems import WrongInput
from customer_segments.warehouse_file import unopened
from customer_segments.yaml_files import TextLoader
from tests.python.loads import Run
from tests.python.warehouse import ROOT, UNTESTED, Warehouse, failures

TABLES = read_contract(ROOT / "models" / "staging" / "sources.yml")
COLUMNS = (
    "{no: order_id, who: customer_id, at: ordered_at, state: status, sum: gross_amount}"
)
HEADER = "no,who,at,state,sum"
Bad = str


def of_orders(more: str = "", columns: str = COLUMNS, files: str = '"*.csv"') -> str:
    """A mapping of one orders file, with more keys of its source."""
    head = f"tables:\n  orders:\n    files: {files}\n    columns: {columns}\n"
    return head + indent(dedent(more).rstrip() + "\n", "    ")


def orders(*rows: str, header: str = HEADER) -> str:
    """A file of orders in the shop's own words."""
    return "\n".join([header, *rows]) + "\n"


def order(number: int = 1, at: str = "2026-06-01T00:00:00Z", amount: str = "5") -> str:
    """One good row."""
    return f"o{number},c1,{at},paid,{amount}"


GOOD = orders(order())


# What is wrong with a mapping, on which line, and what was probably meant


@dataclass(frozen=True)
class Mistake:
    """A mapping with one mistake, and what must be said: the line first."""

    id: str
    mapping: str
    line: int
    says: tuple[str, ...]


def of_key(id: str, key: str, *says: str) -> Mistake:
    """A mistake on line 4 of a mapping."""
    mapping = f"tables:\n  orders:\n    files: a.csv\n    {key}\n"
    return Mistake(id, mapping, 4, says)


MISTAKES = [
    Mistake("nothing_in_it", "", 1, ("the mapping should be keys with values",)),
    Mistake("a_list", "- a", 1, ("the mapping should be keys with values",)),
    Mistake("no_table", "tables:\n", 1, ("tables should be keys with values",)),
    Mistake("empty_tables", "tables: {}", 1, ("tables is empty",)),
    Mistake("unknown_top", "\ntabels: {}", 2, ("tabels is no key", "mean tables")),
    Mistake("no_source", "tables:\n  orders: a.csv", 2, ("should be keys with",)),
    Mistake(
        "unknown_table",
        "tables:\n  order: {files: a.csv}",
        2,
        ("order is no raw table", "Did you mean orders"),
    ),
    Mistake(
        "unknown_default",
        "defaults:\n  delimitr: ';'\ntables: {orders: {files: a}}",
        2,
        ("defaults.delimitr", "delimitr is no key", "Did you mean delimiter"),
    ),
    Mistake("broken_yaml", "tables:\n  - [", 2, ("Repair the YAML",)),
    Mistake(
        "twice_in_yaml",
        "tables:\n  orders:\n    files: a.csv\n    files: b.csv",
        4,
        ("the key files stands twice",),
    ),
    Mistake(
        "second_source",
        "tables:\n  orders:\n    - files: a.csv\n    - files: b.csv\n      colums: {}",
        5,
        ("colums is no key", "Did you mean columns"),
    ),
    of_key("unknown_key", "colums: {a: order_id}", "colums", "Did you mean columns"),
    of_key(
        "unknown_column",
        "columns: {a: order_ids}",
        "(tables.orders.columns.a)",
        "orders has no column order_ids",
        "Did you mean order_id",
    ),
    of_key("unknown_without_near", "columns: {a: qqq}", "Known are cancelled_at, "),
    of_key(
        "column_twice", "columns: {a: status, b: status}", "filled twice (columns a)"
    ),
    of_key("list_twice", "columns: {a: [status, status]}", "status is filled twice"),
    Mistake(
        "column_and_constant",
        "tables:\n  orders:\n    files: a\n    constants: {status: paid}\n"
        "    columns:\n      a: order_id\n      b: status",
        7,
        ("status is filled twice (constants)",),
    ),
    Mistake(
        "two_derived",
        "tables:\n  orders:\n    files: a\n    constants: {status: paid}\n"
        "    made_ids: {status: [x]}",
        5,
        ("made_ids.status", "status is filled twice (constants)"),
    ),
    of_key("column_of_nothing", "columns: {a: }", "a should be a name or a list"),
    *(
        of_key(
            f"unknown_column_of_{key}", f"{key}: {{gross: {value}}}", "no column gross"
        )
        for key, value in {
            "values": "{a: b}",
            "constants": "a",
            "file_dates": '"%Y%m%d"',
            "made_ids": "[a]",
            "sums": "[a]",
            "line_numbers": "[a]",
            "time_format": '"%Y%m%d"',
            "date_format": '"%Y%m%d"',
        }.items()
    ),
    of_key("bad_zone", "time_zone: Asia/Soul", "'Asia/Soul'", "mean Asia/Seoul?"),
    of_key("bad_zone_without_near", "time_zone: 9", "Say one like Asia/Seoul."),
    of_key("bad_encoding", "encoding: euc", "no encoding 'euc'"),
    of_key("bad_delimiter", "delimiter: ':'", "should be ',', ';', '|'"),
    of_key("bad_directive", "time_format: '%Y-%m-%d %Q'", "%Q is none of %Y %y %m"),
    of_key("format_without_day", "date_format: '%Y.%m'", "needs %Y (or %y)"),
    of_key("directive_twice", "time_format: '%Y%m%d%d'", "says something twice"),
    of_key("half_without_hour", "time_format: '%Y%m%d %p %H'", "needs %I and %p"),
    of_key(
        "bad_format_of_a_column",
        "time_format: {ordered_at: '%Q'}",
        "time_format.ordered_at",
        "%Q is none of",
    ),
    of_key(
        "bad_file_date",
        "file_dates: {updated_at: 'a.csv'}",
        "needs %Y (or %y)",
    ),
    of_key(
        "constant_time",
        "constants: {updated_at: 2026.01.31}",
        "the constant updated_at is no timestamp",
        "2026-01-31T09:00:00+09:00",
    ),
    of_key(
        "constant_amount",
        "constants: {tax_amount: '1,000'}",
        "the constant tax_amount is no decimal",
    ),
    of_key("merge_alone", "merge: {status: last}", "merge needs rows_per"),
    of_key(
        "sum_of_text",
        "merge: {status: sum}\n    rows_per: order_id",
        "no number to sum",
    ),
    of_key(
        "merge_by_nothing",
        "merge: {status: {last: when}}\n    rows_per: order_id",
        "orders has no column when",
    ),
    of_key("rows_per_nothing", "rows_per: order", "Did you mean order_id"),
    of_key("three_factors", "products: {tax_amount: [a, b, c]}", "needs two columns"),
    of_key("years_of_two_digits", "date_format: '%y.%m.%d'", "need year_pivot"),
    of_key("same_signs", "numbers: {thousands: '.'}", "are the same sign"),
    of_key("digit_as_symbol", "numbers: {symbols: '1'}", "symbols hold no digits"),
    of_key("unknown_number_key", "numbers: {thousand: ','}", "Did you mean thousands"),
    of_key(
        "only_of_a_word", "only: {A: maybe}", "A should be known, unknown or a list"
    ),
    of_key("values_of_a_word", "values: {status: paid}", "status should be keys with"),
    of_key("optional_of_a_word", "optional: maybe", "optional should be true or false"),
    Mistake(
        "files_and_database",
        "tables:\n  orders: {files: a, database: b}",
        2,
        ("needs database and table together",),
    ),
    Mistake(
        "no_origin", "tables:\n  orders: {columns: {a: status}}", 2, ("either files",)
    ),
    Mistake(
        "no_table_name",
        "tables:\n  orders: {database: a, table: 'a; b'}",
        2,
        ("is no name of a table",),
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.id)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(mistake.mapping, "utf-8")
    with pytest.raises(WrongInput) as stop:
        read_mapping(path, TABLES)
    told = [str(problem) for problem in stop.value.problems]
    assert [
        line
        for line in told
        if line.startswith(f"mapping.yml line {mistake.line}")
        and all(words in line for words in mistake.says)
    ], told
    assert not any(word in str(stop.value) for word in ("function-", "dict[", "Input"))


def test_a_mistake_of_one_of_two_shapes_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text("tables: {orders: {files: a, time_format: '%Q', only: {A: b}}}")
    with pytest.raises(WrongInput) as stop:
        read_mapping(path, TABLES)
    assert len(stop.value.problems) == 2
    path.write_text("tables: {orders: {files: a, time_format: {ordered_at: '%Q'}}}")
    with pytest.raises(WrongInput) as stop:
        read_mapping(path, TABLES)
    assert len(stop.value.problems) == 1


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    path.write_text(
        "tables:\n  orders: {files: a, columns: {a: x, b: y}}\n  z: {files: b}"
    )
    with pytest.raises(WrongInput) as stop:
        read_mapping(path, TABLES)
    assert len(stop.value.problems) == 3


def test_mistakes_are_told_from_the_top_to_the_bottom(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yml"
    columns = "".join(f"\n      c{n}: nope" for n in range(9))
    path.write_text(f"tables:\n  orders:\n    files: a\n    columns:{columns}")
    with pytest.raises(WrongInput) as stop:
        read_mapping(path, TABLES)
    lines = [problem.where.split(" ")[2] for problem in stop.value.problems]
    assert lines == [str(line) for line in range(5, 14)]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), ("tables: 가".encode("cp949"), "Save it as UTF-8.")],
    ids=["not_there", "other_encoding"],
)
def test_a_mapping_that_cannot_be_read(
    content: bytes | None, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongInput, match=says):
        read_mapping(path, TABLES)


# What is wrong between a mapping and the files


@dataclass(frozen=True)
class Misfit:
    """A mapping and files that do not fit, and what must be said."""

    id: str
    mapping: str | None
    files: dict[str, bytes | str]
    says: tuple[str, ...]
    options: tuple[str, ...] = ()


def nested_parquet() -> bytes:
    """Orders whose state is a struct."""
    sink = pa.BufferOutputStream()
    columns = {
        "no": ["o1"],
        "who": ["c1"],
        "at": ["2026-06-01T00:00:00Z"],
        "state": [{"now": "paid"}],
        "sum": [5],
    }
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


MISFITS = [
    Misfit(
        "no_file_matches",
        of_orders(files='"order_*.csv"'),
        {"orders_1.csv": GOOD},
        (
            "tables.orders.files: no file matches order_*.csv. Is it orders_1.csv?",
            "orders_1.csv: is in no files: of the mapping",
        ),
    ),
    Misfit(
        "unclaimed_file",
        of_orders(files='"a.csv"'),
        {"a.csv": GOOD, "sub/b.tsv": GOOD},
        ("sub/b.tsv: is in no files: of the mapping", "ignore_files"),
    ),
    Misfit(
        "missing_column",
        of_orders(),
        {"a.csv": orders("x", header="no,who,at,stat,sum")},
        ("column state is missing, which the mapping names. Is it stat? Correct",),
    ),
    Misfit(
        "missing_part_of_a_sum",
        of_orders("sums: {discount_amount: [less, -more]}"),
        {"a.csv": GOOD},
        ("column less is missing", "column more is missing"),
    ),
    Misfit(
        "column_of_ours_that_nothing_fills",
        of_orders(columns="{no: order_id}"),
        {"a.csv": GOOD},
        ("column customer_id is missing", "Say under columns which of yours it is."),
    ),
    Misfit(
        "header_missing",
        of_orders(),
        {"a.csv": "o1,c1,2026-06-01T00:00:00Z,paid,5\n"},
        ("a.csv line 1", "the header is missing", "Required are no, who"),
    ),
    Misfit(
        "wrong_delimiter",
        of_orders(),
        {"a.csv": GOOD.replace(",", ";")},
        ('separated by semicolons, not commas. Say delimiter: ";" in the mapping.',),
    ),
    Misfit(
        "wrong_encoding",
        of_orders(columns="{번호: order_id}"),
        {"a.csv": "번호\n1\n".encode("cp949")},
        ("the header is not utf-8. Say encoding: cp949 in the mapping.",),
    ),
    Misfit(
        "column_twice_in_the_file",
        of_orders(),
        {"a.csv": orders("o1,c1,x,paid,5,9", header=f"{HEADER},sum")},
        ("column sum is there twice. Keep one.",),
    ),
    Misfit(
        "separated_by_blanks",
        of_orders(),
        {"a.csv": GOOD.replace(",", "  ")},
        ("a.csv line 1: is separated by blanks, not commas", "commas or tabs"),
    ),
    Misfit(
        "words_for_nothing",
        of_orders(),
        {"a.csv": orders(*(order(n, amount="N/A") for n in range(5)))},
        ("5 of 5 rows are bad_amount in gross_amount, such as N/A", "nulls"),
    ),
    Misfit(
        "nested_column_unnamed",
        of_orders(files='"*.parquet"'),
        {"a.parquet": nested_parquet()},
        ("column status should be string and is struct", "Name a field of it"),
    ),
    Misfit(
        "nested_part_of_an_id",
        of_orders(
            "made_ids: {order_id: [state]}\nconstants: {status: paid}",
            columns="{who: customer_id, at: ordered_at, sum: gross_amount}",
            files='"*.parquet"',
        ),
        {"a.parquet": nested_parquet()},
        ("column state is nested. Name a field of it.",),
    ),
    Misfit(
        "unpacked_not",
        of_orders(files='"*.xlsx"'),
        {"a.xlsx": b"PK\x03\x04"},
        ("a.xlsx: is packed, and damaged", "Export or copy it again"),
    ),
    Misfit(
        "no_day_in_the_name",
        of_orders('file_dates: {updated_at: "a_%Y%m%d.csv"}'),
        {"a_20260231.csv": GOOD},
        ("its name says no day as a_%Y%m%d.csv does",),
    ),
    Misfit(
        "no_database",
        "tables: {orders: {database: a.duckdb, table: t}}",
        {},
        ("a.duckdb/t: no such database. Correct database:.",),
    ),
    Misfit(
        "no_duckdb_file",
        "tables: {orders: {database: a.duckdb, table: t}}",
        {"a.duckdb": "text that is long enough to be no database at all"},
        ("the database cannot be opened", "DuckDB file"),
    ),
    Misfit(
        "other_name_of_the_mapping",
        None,
        {"mapping.yaml": of_orders(), "a.csv": GOOD},
        ("mapping.yaml: is not read. Name it mapping.yml.",),
    ),
    Misfit(
        "zone_said_twice",
        of_orders(),
        {"a.csv": GOOD},
        ("--time-zone or --encoding is given too", "under defaults in the mapping"),
        ("--time-zone", "Asia/Seoul"),
    ),
    Misfit(
        "encoding_said_twice",
        of_orders(),
        {"a.csv": GOOD},
        ("--time-zone or --encoding is given too",),
        ("--encoding", "cp949"),
    ),
]


@pytest.mark.parametrize("misfit", MISFITS, ids=lambda m: m.id)
def test_a_misfit_stops_and_lands_nothing(misfit: Misfit, run: Run) -> None:
    outcome = run(misfit.mapping, misfit.files, *misfit.options)
    assert outcome.code == 2
    for words in misfit.says:
        assert words in outcome.err
    assert not list(outcome.landing.rglob("*.parquet"))


@pytest.mark.parametrize(
    ("engine_says", "what", "remedy"),
    [
        # as DuckDB 1.5 says it of a file of 2.0
        (
            "Trying to read a database file with version number 999, but we can only"
            " read versions between 64 and 68.",
            f"another DuckDB wrote the database than this one ({duckdb.__version__})",
            "COPY orders TO 'orders.parquet'",
        ),
        (
            "Could not set lock on file: Conflicting lock is held (PID 1)",
            "the database is open in another process",
            "Close who writes to it",
        ),
    ],
)
def test_why_a_database_does_not_open(engine_says: str, what: str, remedy: str) -> None:
    told, done = unopened(duckdb.IOException(engine_says))
    assert told == what and remedy in done


def test_no_such_table_in_a_database(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    duckdb.connect(str(tmp_path / "in" / "a.duckdb")).close()
    outcome = run("tables: {orders: {database: a.duckdb, table: t}}", {})
    assert (outcome.code, "no such table in the database" in outcome.err) == (2, True)


# How text is read


NUMBERS: list[tuple[str, str, list[tuple[str, Decimal | Bad | None]]]] = [
    (
        "without_a_format",
        "",
        [("5", Decimal(5)), ("1.5", Decimal("1.5")), ("1,000", "bad_amount")],
    ),
    (
        "thousands",
        'numbers: {thousands: ",", symbols: ["₩", 원]}',
        [
            ("12,900", Decimal(12900)),
            ("1,234,567", Decimal(1234567)),
            ("12900", Decimal(12900)),
            ("₩12,900", Decimal(12900)),
            ("₩ 12,900", Decimal(12900)),
            ("12,900원", Decimal(12900)),
            ("12,900 원", Decimal(12900)),
            ("-₩500", Decimal(-500)),
            ("₩-500", Decimal(-500)),
            ("+500", Decimal(500)),
            ("12,900.5", Decimal("12900.5")),
            ("", None),
            ("12,9000", "bad_amount"),
            ("1,23", "bad_amount"),
            ("1,2345,678", "bad_amount"),
            (",900", "bad_amount"),
            ("12,", "bad_amount"),
            ("1234,567", "bad_amount"),
            ("12.900.000", "bad_amount"),
            ("--5", "bad_amount"),
            ("$5", "bad_amount"),
            ("₩", "bad_amount"),
            ("5 000", "bad_amount"),
            ("(5)", "bad_amount"),
            ("1.00001", "too_many_decimals"),
        ],
    ),
    (
        "european",
        'numbers: {thousands: ".", decimal: ",", symbols: €}',
        [
            ("1.234,50 €", Decimal("1234.5")),
            ("0,5", Decimal("0.5")),
            ("1.5", "bad_amount"),
            ("1,234.50", "bad_amount"),
        ],
    ),
    (
        "no_thousands",
        'numbers: {thousands: null, decimal: "."}',
        [("1000", Decimal(1000)), ("1,000", "bad_amount")],
    ),
]


@pytest.mark.parametrize(("id", "key", "cells"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_numbers_are_read_strictly(
    id: str, key: str, cells: list[tuple[str, Decimal | Bad | None]], run: Run
) -> None:
    rows = [order(n, amount=f'"{text}"') for n, (text, _) in enumerate(cells)]
    outcome = run(of_orders(key), {"a.csv": orders(*rows)}, "--accept-rejects")
    assert outcome.fates("gross_amount") == [expected for _, expected in cells]


def at(*parts: int) -> datetime:
    """A time in UTC."""
    return datetime(*parts)  # type: ignore[arg-type]


TIMES: list[tuple[str, str, list[tuple[str, datetime | Bad | None]]]] = [
    (
        "iso_without_zone",
        "",
        [
            ("2026-06-01T00:00:00Z", at(2026, 6, 1)),
            ("2026-06-01 00:00:00", "no_time_zone"),
            ("2026-06-01", "bad_time"),
        ],
    ),
    (
        "iso_in_seoul",
        "time_zone: Asia/Seoul",
        [
            ("2026-06-01 09:00:00", at(2026, 6, 1)),
            ("2026-06-01T00:00:00Z", at(2026, 6, 1)),
            ("2026-06-01", "bad_time"),
        ],
    ),
    (
        "one_digit",
        'time_zone: Asia/Seoul\ntime_format: "%Y.%m.%d %H:%M"',
        [
            ("2026.6.1 9:05", at(2026, 6, 1, 0, 5)),
            ("2026.06.01 09:05", at(2026, 6, 1, 0, 5)),
            ("2026.12.31 23:59", at(2026, 12, 31, 14, 59)),
            ("2026.13.1 9:05", "bad_time"),
            ("2026.6.31 9:05", "bad_time"),
            ("2026.6.1 24:00", "bad_time"),
            ("2026-6-1 9:05", "bad_time"),
            ("2026.6.1 9:05:00", "bad_time"),
            ("2026x6x1 9:05", "bad_time"),
            ("", None),
        ],
    ),
    (
        "twelve_hours",
        'time_zone: Asia/Seoul\ntime_format: "%Y-%m-%d %p %I:%M:%S"',
        [
            ("2026-06-01 오전 9:00:00", at(2026, 6, 1)),
            ("2026-06-01 오후 9:00:01", at(2026, 6, 1, 12, 0, 1)),
            ("2026-06-01 오전 12:00:00", at(2026, 5, 31, 15)),
            ("2026-06-01 오후 12:00:00", at(2026, 6, 1, 3)),
            ("2026-06-01 PM 1:00:00", at(2026, 6, 1, 4)),
            ("2026-06-01 am 1:00:00", at(2026, 5, 31, 16)),
            ("2026-06-01 오후 13:00:00", "bad_time"),
            ("2026-06-01 오후 0:00:00", "bad_time"),
            ("2026-06-01 9:00:00", "bad_time"),
        ],
    ),
    (
        "offset",
        'time_format: "%Y-%m-%d %H:%M:%S %z"',
        [
            ("2026-06-01 09:00:00 +0900", at(2026, 6, 1)),
            ("2026-06-01 09:00:00 +09:00", at(2026, 6, 1)),
            ("2026-05-31 20:00:00 -0400", at(2026, 6, 1)),
            ("2026-06-01 00:00:00 Z", at(2026, 6, 1)),
            ("2026-06-01 09:00:00", "bad_time"),
            ("2026-06-01 09:00:00 KST", "bad_time"),
        ],
    ),
    (
        "fraction",
        'time_zone: UTC\ntime_format: "%d/%m/%Y %H:%M:%S.%f"',
        [
            ("01/06/2026 00:00:00.5", at(2026, 6, 1, 0, 0, 0, 500_000)),
            ("01/06/2026 00:00:00.000001", at(2026, 6, 1, 0, 0, 0, 1)),
            ("01/06/2026 00:00:00.0000001", "bad_time"),
        ],
    ),
    (
        "start_of_the_day",
        'time_zone: Asia/Seoul\ntime_format: "%Y%m%d"',
        [
            ("20260601", at(2026, 5, 31, 15)),
            ("20261215", at(2026, 12, 14, 15)),
            ("20260631", "bad_time"),
            ("2026060", "bad_time"),
        ],
    ),
    (
        "epoch_seconds",
        "time_format: epoch_seconds",
        [
            ("1780272000", at(2026, 6, 1)),
            ("0", at(1970, 1, 1)),
            ("1780272000000", "bad_time"),
            ("-1", "bad_time"),
            ("1.5", "bad_time"),
        ],
    ),
    (
        "epoch_millis",
        "time_format: epoch_millis",
        [("1780272000001", at(2026, 6, 1, 0, 0, 0, 1000)), ("9" * 15, "bad_time")],
    ),
    (
        "epoch_micros",
        "time_format: {ordered_at: epoch_micros}",
        [("1780272000000001", at(2026, 6, 1, 0, 0, 0, 1)), ("9" * 18, "bad_time")],
    ),
    (
        "epoch_nanos",
        "time_format: epoch_nanos",
        [("1780272000000001999", at(2026, 6, 1, 0, 0, 0, 1)), ("9" * 20, "bad_time")],
    ),
    (
        "excel_days",
        "time_zone: Asia/Seoul\ntime_format: excel_days",
        [
            ("46174", at(2026, 5, 31, 15)),
            ("46174.395833333336", at(2026, 6, 1, 0, 30)),
            ("60", "bad_time"),
            ("-1", "bad_time"),
        ],
    ),
    (
        "two_digit_years",
        'time_zone: UTC\ntime_format: "%y/%m/%d"\nyear_pivot: 50',
        [
            ("26/06/01", at(2026, 6, 1)),
            ("49/06/01", at(2049, 6, 1)),
            ("50/6/1", at(1950, 6, 1)),
            ("2026/06/01", "bad_time"),
        ],
    ),
    (
        "names_of_months",
        'time_zone: UTC\ntime_format: "%b %d %Y %H:%M"',
        [
            ("Jun 1 2026 00:00", at(2026, 6, 1)),
            ("september 30 2025 23:59", at(2025, 9, 30, 23, 59)),
            ("Juin 1 2026 00:00", "bad_time"),
        ],
    ),
    (
        "full_width",
        'time_zone: UTC\ntime_format: "%Y-%m-%d"',
        [("２０２６－０６－０１", at(2026, 6, 1)), ("二〇二六-06-01", "bad_time")],
    ),
]


@pytest.mark.parametrize(("id", "key", "cells"), TIMES, ids=[t[0] for t in TIMES])
def test_times_are_read_strictly(
    id: str, key: str, cells: list[tuple[str, datetime | Bad | None]], run: Run
) -> None:
    rows = [order(n, at=text) for n, (text, _) in enumerate(cells)]
    outcome = run(of_orders(key), {"a.csv": orders(*rows)}, "--accept-rejects")
    assert outcome.fates("ordered_at") == [expected for _, expected in cells]


PEOPLE = "{id: customer_id, since: created_at, born: birth_date}"


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("%Y.%m.%d", "1990.3.1", date(1990, 3, 1)),
        ("%Y-%m-%d %H:%M:%S", "1990-03-01 00:00:00", date(1990, 3, 1)),
        ("%Y년 %m월 %d일", "1990년 03월 1일", date(1990, 3, 1)),
        ("epoch_seconds", "636249600", date(1990, 3, 1)),
        ("%Y.%m.%d", "1990.3.29", date(1990, 3, 29)),
        ("%d.%m.%Y", "29.12.1990", date(1990, 12, 29)),
        ("%Y%m%d", "19901215", date(1990, 12, 15)),
        ("%Y.%m.%d", "1990.2.29", None),
        ("%Y.%m.%d", "1990-03-01", None),
    ],
)
def test_days_are_read_strictly(
    written: str, text: str, expected: date | None, run: Run
) -> None:
    mapping = (
        f"tables:\n  customers:\n    files: a.csv\n    columns: {PEOPLE}\n"
        f'    date_format: "{written}"\n'
    )
    people = f"id,since,born\nc1,2026-01-01T00:00:00Z,{text}\n"
    outcome = run(mapping, {"a.csv": people})
    landed = outcome.rows("customers", "birth_date")
    assert landed == ([(expected,)] if expected else [])
    assert outcome.rows("load_rejects", "reason") == (
        [] if expected else [("bad_date",)]
    )


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("회원_20260601.csv", "회원_%Y%m%d.csv", "2026-06-01"),
        ("myshop_20260601_7_ab.csv", "*_%Y%m%d_*.csv", "2026-06-01"),
        ("export-2026-06-01.csv", "export-%Y-%m-%d.csv", "2026-06-01"),
        ("회원_20260631.csv", "회원_%Y%m%d.csv", None),
        ("회원.csv", "회원_%Y%m%d.csv", None),
        ("x회원_20260601.csv", "회원_%Y%m%d.csv", None),
        ("a_20260601xcsv", "a_%Y%m%d.csv", None),
    ],
)
def test_the_day_in_a_file_name(name: str, written: str, expected: str | None) -> None:
    assert day_in_name(name, written) == expected


# What each key does


def test_words_that_yaml_knows_stay_text(run: Run) -> None:
    """Yes, no, on, 010 and 1.50 are words of a shop, not booleans and numbers."""
    words = ["Yes", "No", "on", "010", "1.50", "true", "2026-01-01", "~x"]
    values = "{Yes: a, No: b, on: c, 010: d, 1.50: e, true: f, 2026-01-01: g, ~x: h}"
    rows = [f"o{n},c1,2026-06-01T00:00:00Z,{word},5" for n, word in enumerate(words)]
    outcome = run(of_orders(f"values: {{status: {values}}}"), {"a.csv": orders(*rows)})
    assert outcome.fates("status") == list("abcdefgh")


def test_a_word_that_is_not_told_stays(run: Run) -> None:
    cells = ["배송완료", " 배송완료 ", "배송완", "", "paid"]
    rows = [f"o{n},c1,2026-06-01T00:00:00Z,{cell},5" for n, cell in enumerate(cells)]
    key = 'values: {status: {배송완료: delivered, "": pending}}'
    outcome = run(of_orders(key), {"a.csv": orders(*rows)})
    told = ["delivered", "delivered", "배송완", "pending", "paid"]
    assert outcome.fates("status") == told


def test_a_constant_is_in_our_words_whatever_the_shop_writes(run: Run) -> None:
    key = """
        numbers: {thousands: ".", decimal: ","}
        time_format: "%d.%m.%Y"
        time_zone: Asia/Seoul
        constants: {updated_at: "2026-06-02T00:00:00Z", tax_amount: 1.5, currency: EUR}
    """
    row = 'o1,c1,01.06.2026,paid,"1.000,5"'
    outcome = run(of_orders(key), {"a.csv": orders(row)})
    landed = outcome.rows("orders", "updated_at, tax_amount, currency, gross_amount")
    assert landed == [(at(2026, 6, 2), Decimal("1.5"), "EUR", Decimal("1000.5"))]


def test_a_made_id_is_the_same_for_the_same_parts_only(run: Run) -> None:
    columns = (
        "{a: customer_id, b: sales_channel, at: ordered_at, s: status, g: gross_amount}"
    )
    mapping = of_orders("made_ids: {order_id: [a, b]}", columns=columns)
    parts = ["x,y", "x,y", "x,z", "x,", ",x", '"x|y",z', 'x,"y|z"', ","]
    rows = [f"{part},2026-06-01T00:00:00Z,paid,5" for part in parts]
    outcome = run(mapping, {"a.csv": orders(*rows, header="a,b,at,s,g")})
    ids = outcome.fates("order_id")
    assert ids[0] == ids[1]
    assert len(set(ids)) == len(ids) - 1
    assert ids[-1] is None
    assert all(len(str(made)) == 32 for made in ids[:-1])


def test_sums_add_up_take_off_and_tell_what_is_no_amount(run: Run) -> None:
    columns = "{no: order_id, who: customer_id, at: ordered_at, state: status}"
    key = 'sums: {gross_amount: [x, -y]}\nnumbers: {thousands: ","}'
    cells = [
        ('"1,000",300', Decimal(700)),
        ("1000,", Decimal(1000)),
        (",300", Decimal(-300)),
        ("0.5,0.25", Decimal("0.25")),
        (",", None),
        ("5,x", "bad_amount"),
        ('"1,00",5', "bad_amount"),
        ("0.00001,0", "too_many_decimals"),
    ]
    rows = [f"o{n},c,2026-06-01T00:00:00Z,paid,{c}" for n, (c, _) in enumerate(cells)]
    file = orders(*rows, header="no,who,at,state,x,y")
    outcome = run(of_orders(key, columns=columns), {"a.csv": file})
    assert outcome.fates("gross_amount") == [expected for _, expected in cells]


ITEMS = """
tables:
  order_items:
    files: "*.csv"
    columns: {no: order_id, article: product_id, n: quantity, each: unit_price}
    line_numbers: {line: [no]}
"""


def test_lines_are_numbered_in_the_order_of_the_file(run: Run) -> None:
    lines = ["A,p1,1,5", "B,p9,1,5", "A,p3,1,5", "A,p2,1,5", ",p4,1,5"]
    outcome = run(ITEMS, {"a.csv": "no,article,n,each\n" + "\n".join(lines)})
    landed = outcome.rows("order_items", "source_row, order_id, line, product_id")
    assert sorted(landed) == [
        (1, "A", 1, "p1"),
        (2, "B", 1, "p9"),
        (3, "A", 2, "p3"),
        (4, "A", 3, "p2"),
        (5, None, 1, "p4"),
    ]


@pytest.mark.parametrize(
    ("only", "landed"),
    [
        ("{kind: known}", ["o1", "o2", "o4"]),
        ("{kind: unknown}", ["o3"]),
        ("{kind: [sale]}", ["o1", "o4"]),
        ("{kind: [sale, gift]}", ["o1", "o2", "o4"]),
        ("{kind: [sale], state: [paid]}", ["o1"]),
        ("{kind: [none]}", []),
    ],
)
def test_rows_of_other_tables_are_set_aside_and_counted(
    only: str, landed: list[str], run: Run
) -> None:
    rows = [
        "o1,c1,2026-06-01T00:00:00Z,paid,5,sale",
        "o2,c1,2026-06-01T00:00:00Z,paid,5,gift",
        "o3,c1,2026-06-01T00:00:00Z,paid,5, ",
        "o4,c1,2026-06-01T00:00:00Z,sent,5,sale",
        "o5,c1,broken",
    ]
    file = orders(*rows, header=f"{HEADER},kind")
    outcome = run(of_orders(f"only: {only}"), {"a.csv": file})
    assert sorted(str(row[0]) for row in outcome.rows("orders", "order_id")) == landed
    counts = "rows_in, rows_landed, rows_rejected, rows_set_aside"
    assert outcome.rows("load_manifest", counts) == [
        (5, len(landed), 1, 4 - len(landed))
    ]


def test_extra_columns_are_reported_unless_ignored_or_of_another_table(
    run: Run,
) -> None:
    mapping = of_orders("ignore: [message]") + (
        "  refunds:\n    files: '*.csv'\n    only: {back: known}\n"
        "    columns: {no: [refund_id, order_id], at: refunded_at, back: amount}\n"
    )
    file = orders(f"{order()},hello,,pink", header=f"{HEADER},Message,back,[colour]")
    outcome = run(mapping, {"a.csv": file})
    assert "a.csv: not in the contract, not loaded: [colour]\n" in outcome.out
    assert outcome.code == 0


def test_what_was_read_in_an_earlier_load_is_no_extra_column(run: Run) -> None:
    refunds = (
        "  refunds:\n    files: '*.csv'\n    only: {back: known}\n"
        "    columns: {no: [refund_id, order_id], at: refunded_at, back: amount}\n"
    )
    file = orders(f"{order()},,x", header=f"{HEADER},back,colour")
    run(of_orders() + refunds, {"a.csv": file})
    outcome = run(of_orders("time_zone: UTC") + refunds, {})
    assert "a.csv: not in the contract, not loaded: colour\n" in outcome.out


def test_columns_named_as_ours_map_themselves_unless_spoken_of(run: Run) -> None:
    file = "ORDER_ID,customer_id,ordered_at,status,gross_amount,coupon_code,currency\n"
    file += "o1,c1,2026-06-01T00:00:00Z,paid,5,HELLO,KRW\n"
    mapping = "tables: {orders: {files: a.csv, ignore: [currency]}}"
    outcome = run(mapping, {"a.csv": file})
    assert outcome.rows("orders", "order_id, coupon_code, currency") == [
        ("o1", "HELLO", None)
    ]


def test_a_source_overrides_the_defaults(run: Run) -> None:
    mapping = f"""
        defaults: {{delimiter: ";", time_zone: Asia/Seoul}}
        tables:
          orders:
            - {{files: a.csv, columns: {COLUMNS}}}
            - {{files: b.csv, columns: {COLUMNS}, delimiter: ",", time_zone: UTC}}
    """
    outcome = run(
        mapping,
        {
            "a.csv": orders(order(1, "2026-06-01 09:00:00")).replace(",", ";"),
            "b.csv": orders(order(2, "2026-06-01 00:00:00")),
        },
    )
    landed = sorted(outcome.rows("orders", "order_id, ordered_at"))
    assert landed == [("o1", at(2026, 6, 1)), ("o2", at(2026, 6, 1))]


@pytest.mark.parametrize("sign", [";", "\t", "|"], ids=["semicolon", "tab", "bar"])
@pytest.mark.parametrize("tail", ["", "broken"], ids=["fast", "record_by_record"])
def test_delimiters_keep_what_is_quoted(sign: str, tail: str, run: Run) -> None:
    row = f'o1,c1,2026-06-01T00:00:00Z,"paid{sign} or\nnot, ""so""",5'
    head, _, rest = row.partition('"')
    file = HEADER.replace(",", sign) + "\n"
    file += (
        head.replace(",", sign) + '"' + rest.replace('",5', f'"{sign}5') + "\n" + tail
    )
    key = f"delimiter: {json.dumps(sign)}"
    outcome = run(of_orders(key, files='"*.txt"'), {"a.txt": file})
    assert outcome.code == 0
    assert outcome.rows("orders", "status") == [(f'paid{sign} or\nnot, "so"',)]
    rejected = outcome.rows("load_rejects", "reason")
    assert rejected == ([("wrong_field_count",)] if tail else [])


@pytest.mark.parametrize("tail", [b"", b"o2,c1,\xff,paid,5\n"], ids=["fast", "one_bad"])
def test_cp949_is_read_fast_and_record_by_record(tail: bytes, run: Run) -> None:
    theirs = ["번호", "회원", "일시", "상태", "금액"]
    ours = ["order_id", "customer_id", "ordered_at", "status", "gross_amount"]
    named = ", ".join(f"{t}: {o}" for t, o in zip(theirs, ours, strict=True))
    columns = f"{{{named}}}"
    row = 'o1,가람,2026-06-01T00:00:00Z,"배송\n""완료""",5\n'
    file = f"번호,회원,일시,상태,금액\n{row}".encode("cp949") + tail
    mapping = of_orders("encoding: cp949", columns=columns)
    outcome = run(mapping, {"주문.csv": file})
    landed = outcome.rows("orders", "customer_id, status, source_file")
    assert landed == [("가람", '배송\n"완료"', "주문.csv")]
    assert outcome.rows("load_rejects", "reason") == (
        [("bad_encoding",)] if tail else []
    )


NESTED = """
tables:
  events:
    files: "*.parquet"
    columns:
      id: event_id
      who: customer_id
      what: event_name
      at: occurred_at
      device.category: device
      device.web.browser: browser
      params.page: page
      items.sku: product_id
      params: properties
"""


def test_nested_columns_are_named_with_dots(run: Run) -> None:
    value = pa.struct([("s", pa.string()), ("i", pa.int64())])
    entry = pa.struct([("key", pa.string()), ("value", value)])
    device = pa.struct(
        [("category", pa.string()), ("web", pa.struct([("browser", pa.string())]))]
    )
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("who", pa.string()),
            ("what", pa.string()),
            ("at", pa.timestamp("us", "UTC")),
            ("device", device),
            ("params", pa.list_(entry)),
            ("items", pa.list_(pa.struct([("sku", pa.string())]))),
        ]
    )
    moment = at(2026, 6, 1)

    def event(id: int, items: list[str | None], page: object) -> dict[str, object]:
        told = {"s": page} if isinstance(page, str) else {"i": page}
        return {
            "id": id,
            "who": "c1",
            "what": "view",
            "at": moment,
            "device": {"category": "mobile", "web": {"browser": "X"} if id else None},
            "params": [{"key": "n", "value": {"i": 7}}, {"key": "page", "value": told}],
            "items": [{"sku": sku} for sku in items],
        }

    told = [
        event(0, ["a"], "/x"),
        event(1, ["a", "a"], 12),
        event(2, ["a", "b"], "/y"),
        event(3, ["a", None], "/z"),
        event(4, [], None),
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(told, schema), sink)
    outcome = run(NESTED, {"a.parquet": bytes(sink.getvalue())})
    columns = "event_id, device, browser, page, product_id, properties"
    assert sorted(outcome.rows("events", columns)) == [
        ("0", "mobile", None, "/x", "a", '{"n":"7","page":"/x"}'),
        ("1", "mobile", "X", "12", "a", '{"n":"7","page":"12"}'),
        ("2", "mobile", "X", "/y", None, '{"n":"7","page":"/y"}'),
        ("3", "mobile", "X", "/z", None, '{"n":"7","page":"/z"}'),
        ("4", "mobile", "X", None, None, '{"n":"7","page":null}'),
    ]


# Loading again


def test_a_repaired_mapping_replaces_what_was_loaded(run: Run) -> None:
    wrong = of_orders("constants: {currency: USD}\nvalues: {status: {x: paid}}")
    right = of_orders("constants: {currency: KRW}\nvalues: {status: {x: shipped}}")
    files: dict[str, bytes | str] = {"a.csv": orders("o1,c1,2026-06-01T00:00:00Z,x,5")}
    run(wrong, files)
    outcome = run(right, files)
    assert outcome.rows("orders", "currency, status") == [("KRW", "shipped")]
    assert len(outcome.rows("load_manifest")) == 1


CONSENTS = """
tables:
  consents:
    - files: "m_*.csv"
      columns: {id: customer_id, sms: status}
      constants: {channel: %s, purpose: ad}
      file_dates: {changed_at: "m_%%Y%%m%%d.csv"}
      time_zone: Asia/Seoul
    - files: "m_*.csv"
      columns: {id: customer_id, mail: status}
      constants: {channel: email, purpose: ad}
      file_dates: {changed_at: "m_%%Y%%m%%d.csv"}
      time_zone: Asia/Seoul
"""


def test_one_file_may_hold_rows_of_a_table_twice(run: Run) -> None:
    """A channel that was mistyped leaves no consent behind once it is repaired."""
    files: dict[str, bytes | str] = {
        "m_20260601.csv": "id,sms,mail\nc1,granted,withdrawn\n"
    }
    run(CONSENTS % "push", files)
    outcome = run(CONSENTS % "sms", files)
    landed = outcome.rows("consents", "channel, status, changed_at, source_file")
    assert sorted(landed) == [
        ("email", "withdrawn", at(2026, 5, 31, 15), "m_20260601.csv (2)"),
        ("sms", "granted", at(2026, 5, 31, 15), "m_20260601.csv"),
    ]


def test_the_same_words_on_a_later_day_are_said_again(run: Run) -> None:
    """Granted, withdrawn, granted: the third export holds what the first one held."""
    for day, said in (("01", "granted"), ("02", "withdrawn"), ("03", "granted")):
        name = f"m_202606{day}.csv"
        outcome = run(CONSENTS % "sms", {name: f"id,sms,mail\nc1,{said},withdrawn\n"})
    landed = outcome.rows("consents", "changed_at, status, channel")
    assert max(row for row in landed if row[2] == "sms")[:2] == (
        at(2026, 6, 2, 15),
        "granted",
    )
    assert len(landed) == 6


def test_the_same_mapping_twice_changes_nothing(run: Run) -> None:
    files: dict[str, bytes | str] = {"a.csv": GOOD}
    first = run(of_orders(), files)
    before = {p: p.stat().st_mtime_ns for p in first.landing.rglob("*.parquet")}
    again = run(of_orders("ignore: [nothing]"), files, "--loaded-at", "2026-07-02")
    assert "already loaded: 1 files" in again.out
    assert {p: p.stat().st_mtime_ns for p in first.landing.rglob("*.parquet")} == before


def test_a_folder_that_is_hidden_is_not_read_but_the_one_that_is_loaded_may_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "_exports"
    for name in ("a.csv", ".old/deep/b.csv", "_c.csv"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(GOOD)
    (source / "mapping.yml").write_text(of_orders())
    landing = tmp_path / "landing"
    assert load_raw.main([str(source), "--landing", str(landing)]) == 0
    assert duckdb.read_parquet(f"{landing}/orders/*.parquet").shape[0] == 1


def test_a_landing_of_before_there_were_mappings_is_loaded_anew(run: Run) -> None:
    first = run(of_orders(), {"a.csv": GOOD})
    (path,) = (first.landing / "load_manifest").glob("*.parquet")
    old = pq.read_table(path).drop_columns(["mapping_sha256", "rows_set_aside"])
    pq.write_table(old, path)
    outcome = run(of_orders(), {})
    assert outcome.code == 0
    assert len(outcome.rows("orders")) == 1


# When the mapping, not the file, is wrong


@pytest.mark.parametrize(
    ("good", "bad", "code"), [(2, 3, 2), (3, 3, 0), (1, 3, 0), (0, 5, 2)]
)
def test_more_than_half_for_one_reason_stops(
    good: int, bad: int, code: int, run: Run
) -> None:
    rows = [order(n) for n in range(good)]
    rows += [order(10 + n, amount="₩5") for n in range(bad)]
    files: dict[str, bytes | str] = {"a.csv": orders(*rows)}
    mapping = "defaults:\n  numbers: {thousands: null}\n" + of_orders()
    outcome = run(mapping, files)
    assert outcome.code == code
    if code:
        said = f"{bad} of {good + bad} rows are bad_amount in gross_amount, such as ₩9"
        assert said in outcome.err
        assert "mapping.yml line 2 (defaults.numbers)" in outcome.err
        column = "mapping.yml line 6 (tables.orders.columns.sum)"
        assert f"Or gross_amount is another column: {column}" in outcome.err
        assert outcome.rows("orders") == []
    accepted = run(mapping, files, "--accept-rejects")
    assert accepted.code == 0
    assert len(accepted.rows("orders")) == good
    assert len(accepted.rows("load_rejects")) == bad


def test_what_is_set_aside_does_not_hide_what_is_rejected(run: Run) -> None:
    rows = [order(n, amount="x") for n in range(5)] + [f"o{n},,,," for n in range(9)]
    key = "only: {who: known}"
    assert run(of_orders(key), {"a.csv": orders(*rows)}).code == 2


# --check


def people_rows(count: int) -> str:
    """Customers with values that must never be shown."""
    rows = [
        f"k{n},2026-01-0{n}T00:00:00Z,canary{n}@secret.example,010-7777-123{n},카나리{n},"
        f"canary{n}@other.example"
        for n in range(1, count + 1)
    ]
    return "\n".join(["id,since,mail,mobile,called,via", *rows, "k9,2026-01-01,,,,"])


CHECKED = """
defaults: {time_zone: Asia/Seoul}
tables:
  customers:
    files: people*.csv
    columns:
      id: customer_id
      since: created_at
      mail: email
      mobile: phone
      called: name
      via: signup_channel
  orders:
    files: orders.csv
    columns:
      no: order_id
      who: customer_id
      at: ordered_at
      state: status
      sum: gross_amount
      note: sales_channel
    only: {sum: known}
  consents:
    - files: people*.csv
      columns: {id: customer_id, since: changed_at}
      constants: {channel: sms, purpose: ad, status: granted}
    - files: people*.csv
      columns: {id: customer_id, since: changed_at}
      constants: {channel: email, purpose: ad, status: granted}
"""


Fates = dict[tuple[str, str], list[int]]


def foretold(out: str) -> Fates:
    """By table and file: rows, and each of their fates in the order of the report."""
    lines = out.partition("What a build would do")[2].partition("Quarantined")[0]
    cells = [line.split() for line in lines.splitlines()[2:] if line.strip()]
    return {
        (row[-8], " ".join(row[:-8])): [int(count) for count in row[-7:]]
        for row in cells
    }


def built(warehouse: Warehouse) -> Fates:
    """As foretold, by a build of what is loaded."""
    result = warehouse.dbt("build", "--select", "+quarantined_rows", *UNTESTED)
    assert result.success, failures(result)
    fates: Fates = {}
    for table, file, rows, merged, set_aside in warehouse.query(
        "select raw_table, source_file, rows_in, rows_merged, rows_set_aside"
        " from landing.load_manifest where loaded_at = timestamp '2026-07-02'"
    ):
        origin = f"source_file = '{file}' and loaded_at = timestamp '2026-07-02'"
        states = dict(
            warehouse.query(
                f"select row_state, count(*) from main_staging.stg_{table}"
                f" where {origin} group by row_state"
            )
        )
        ((bad,),) = warehouse.query(
            "select count(*) from quarantined_rows"
            f" where raw_table = '{table}' and {origin}"
        )
        told = [states.get(state, 0) for state in ("kept", "superseded", "not_yet")]
        fates[(table, file)] = [rows, *told[:2], merged, told[2], bad, set_aside]
    return fates


def test_check_foretells_a_build_shows_nobody_and_leaves_nothing(
    run: Run, empty: Warehouse
) -> None:
    """With files loaded before, one of them under the name of a new one."""
    first = "no,who,at,state,sum,note\no1,k1,2026-02-01T00:00:00Z,paid,5,web\n"
    people = people_rows(4)
    landing = run(CHECKED, {"people.csv": people, "orders.csv": first}).landing
    landed = {p: p.read_bytes() for p in landing.rglob("*.parquet")}
    rows = [
        "o1,k1,2026-02-01T00:00:00Z,paid,6,010-7777-9999",
        "o2,k2,2026-02-01T00:00:00Z,paid,5,[b]web[/b]",
        "o2,k2,2026-02-01T00:00:00Z,paid,5,[b]web[/b]",
        "o3,nobody,2026-02-01T00:00:00Z,paid,5,web",
        "o4,k3,2026-02-01T00:00:00Z,gone,5,web",
        "o5,k3,2026-02-01T00:00:00Z,paid,x,web",
        "o6,k3,2026-02-01T00:00:00Z,paid,,web",
    ]
    later: dict[str, bytes | str] = {
        "people_2.csv": people.replace("k9", "k8"),
        "orders.csv": "\n".join([first.splitlines()[0], *rows]) + "\n",
    }
    tomorrow = ("--loaded-at", "2026-07-02T00:00:00Z")
    outcome = run(CHECKED, later, "--check", *tomorrow)
    assert outcome.code == 0, outcome.err
    assert {p: p.read_bytes() for p in landing.rglob("*.parquet")} == landed
    for canary in ("canary", "7777", "카나리", "secret.example", "other.example"):
        assert canary not in outcome.out + outcome.err
    assert "[b]web[/b]" in outcome.out
    assert "already loaded: 3 files" in outcome.out
    assert all(word in outcome.out for word in ("orphan", "unknown_status", "gone"))
    fates = foretold(outcome.out)
    assert fates[("orders", "orders.csv")] == [7, 2, 1, 0, 0, 3, 1]
    assert fates[("customers", "people_2.csv")] == [5, 4, 0, 0, 0, 1, 0]
    assert len(fates) == 4
    empty.landing = run(CHECKED, {}, *tomorrow).landing
    assert built(empty) == fates


def test_check_without_anything_landed_makes_no_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_raw, "forecast", lambda *_: ([], []))
    monkeypatch.setattr(load_raw, "print_check", lambda *_: None)
    monkeypatch.setattr(load_raw, "zip", lambda *_, strict: (), raising=False)
    outcome = run(of_orders(), {"a.csv": GOOD}, "--check")
    assert (outcome.code, outcome.landing.exists()) == (0, False)


def test_countries_that_nobody_knows_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "customers"
    folder.mkdir(parents=True)
    countries = ("KR", "south korea", "대한민국", "U.S.A.", "EIRE", "Atlantis", "")
    lines = [f"c{n},2026-01-01T00:00:00Z,{c}" for n, c in enumerate(countries)]
    text = "\n".join(["customer_id,created_at,country", *lines])
    (folder / "f.csv").write_text(text, encoding="utf-8")
    landing = tmp_path / "landing"
    options = LoadOptions(datetime(2026, 7, 1))
    staged = load(tmp_path / "in", landing, TABLES, options).staged
    (told,) = unknown_countries(landing, staged)
    assert "1 rows name a country that is not known (Atlantis)" in told


# The schema for editors


class PlainLoader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: only true and false are booleans."""


PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in told
        if tag.endswith((":null", ":int", ":float"))
        or (tag.endswith(":bool") and first in "tf")
    ]
    for first, told in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
SCHEMA = json.loads((ROOT / "mapping.schema.json").read_text("utf-8"))


def test_the_schema_is_current() -> None:
    assert json_schema(TABLES) == SCHEMA, "load_raw.py --schema > mapping.schema.json"


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_raw.main(["--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "mappings").glob("*/mapping.yml")),
    ids=lambda p: p.parent.name,
)
def test_the_schema_takes_the_ready_mappings(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(
        "# yaml-language-server: $schema=../../mapping.schema.json\n"
    )
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(yaml.load(text, PlainLoader), SCHEMA)
    read_mapping(path, TABLES)


@pytest.mark.parametrize(
    "told",
    [
        "tabels: {}",
        "tables: {order: {files: a}}",
        "tables: {orders: {files: a, colums: {}}}",
        "tables: {orders: {files: a, columns: {a: nope}}}",
        "tables: {orders: {files: a, sums: {nope: [a]}}}",
        "tables: {orders: {files: a, year_pivot: 1950}}",
        "tables: {orders: {files: a, only: {a: maybe}}}",
    ],
)
def test_the_schema_refuses_what_the_command_refuses(told: str, tmp_path: Path) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.load(told, PlainLoader), SCHEMA)
    path = tmp_path / "mapping.yml"
    path.write_text(told)
    with pytest.raises(WrongInput):
        read_mapping(path, TABLES)


def test_all_but_nothing_is_text() -> None:
    told = yaml.load("[yes, 010, 1.0, 2026-01-01, null, ~, on]", TextLoader)
    assert told == ["yes", "010", "1.0", "2026-01-01", None, None, "on"]


def test_equal_refunds_are_two_and_the_same_file_again_is_one(run: Run) -> None:
    """An id made of what a row says counts equal rows within their file."""
    told = """
        tables:
          refunds:
            files: "*.csv"
            columns: {no: order_id, at: refunded_at, sum: amount}
            made_ids: {refund_id: [no, at, sum]}
          customers:
            files: "*.csv"
            columns: {at: created_at}
            made_ids: {customer_id: [no]}
            ignore: [sum]
    """
    row = "o1,2026-06-01T00:00:00Z,20000\n"
    files: dict[str, bytes | str] = {"a.csv": f"no,at,sum\n{row}{row}o2{row[2:]}"}
    first = run(told, files).rows("refunds", "refund_id, order_id")
    assert len({id for id, _ in first}) == 3
    files["b.csv"] = str(files["a.csv"]) + "o3" + row[2:]
    again = run(told, files).rows("refunds", "refund_id, order_id")
    assert {id for id, _ in again} - {id for id, _ in first} == {
        id for id, order_id in again if order_id == "o3"
    }
    people = run(told, files).rows("customers", "customer_id")
    assert len(set(people)) == 3


LINES = """
no,who,at,state,qty,price,note
A,c1,2026-06-02,paid,2,1000,x
A,c1,2026-06-01,returned,0.350,9000,
A,c1,2026-06-03,paid,1,,z
B,c2,2026-06-02,paid,1,500,y
,c3,2026-06-02,paid,1,700,
,c3,2026-06-02,paid,1,700,
"""
PER_ORDER = """
time_zone: UTC
time_format: "%Y-%m-%d"
products: {gross_amount: [qty, price]}
rows_per: order_id
merge:
  gross_amount: sum
  ordered_at: min
  status: {last: ordered_at}
  discount_amount: count
constants: {discount_amount: "0"}
"""
LINE_COLUMNS = (
    "{no: order_id, who: customer_id, at: ordered_at, state: status, note: coupon_code}"
)


def test_many_rows_become_one(run: Run) -> None:
    """Sums, first and last; what has no key stays alone, and each row is counted."""
    outcome = run(of_orders(PER_ORDER, LINE_COLUMNS), {"a.csv": LINES.strip()})
    columns = "order_id, ordered_at::date::varchar, status, gross_amount::varchar"
    assert sorted(
        outcome.rows("orders", f"{columns}, discount_amount::int, coupon_code"),
        key=str,
    ) == [
        ("A", "2026-06-01", "paid", "5150.0000", 3, "x"),
        ("B", "2026-06-02", "paid", "500.0000", 1, "y"),
        (None, "2026-06-02", "paid", "700.0000", 1, None),
        (None, "2026-06-02", "paid", "700.0000", 1, None),
    ]
    counts = "rows_in, rows_landed, rows_merged, rows_rejected, rows_set_aside"
    assert outcome.rows("load_manifest", counts) == [(6, 4, 2, 0, 0)]


def test_a_row_is_not_merged_without_one_that_is_at_fault(run: Run) -> None:
    lines = LINES.replace("0.350", "x")
    outcome = run(of_orders(PER_ORDER, LINE_COLUMNS), {"a.csv": lines.strip()})
    assert {row[0] for row in outcome.rows("orders", "order_id")} == {"B", None}
    assert sorted(outcome.rows("load_rejects", "source_row, column_name, reason")) == [
        (1, "order_id", "merged_with_fault"),
        (2, "gross_amount", "bad_amount"),
        (3, "order_id", "merged_with_fault"),
    ]
    counts = "rows_in, rows_landed, rows_merged, rows_rejected, rows_set_aside"
    assert outcome.rows("load_manifest", counts) == [(6, 3, 0, 3, 0)]


def test_merged_amounts_are_rounded_once(run: Run) -> None:
    """Three lines of 0.333 x 0.05 are 0.04995: 0.05 once rounded, 0.06 line by line."""
    rows = "\n".join(["A,c1,2026-06-01,paid,0.333,0.05,"] * 3)
    header = LINES.strip().partition("\n")[0]
    key = PER_ORDER + "rounded: {gross_amount: 2}\n"
    outcome = run(of_orders(key, LINE_COLUMNS), {"a.csv": f"{header}\n{rows}\n"})
    assert outcome.rows("orders", "gross_amount::varchar") == [("0.0500",)]


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        (
            [order(1), order(1, amount="6"), order(2)],
            "",
            "2 of 3 rows share order_id and differ in gross_amount: is this a row per",
        ),
        ([order(1), order(1), order(2)], "", None),
        ([order(1), order(1, amount="6")], "rows_per: order_id", None),
        (
            [
                f"{order(1)},1,2026-06-01T00:00:00Z",
                f"{order(1)},2,2026-06-02T00:00:00Z",
            ],
            "",
            None,
        ),
    ],
)
def test_rows_that_share_a_key_and_differ_are_told(
    rows: list[str], more: str, told: str | None, run: Run
) -> None:
    header = HEADER + (",tax_amount,updated_at" if rows[0].count(",") > 4 else "")
    outcome = run(of_orders(more), {"a.csv": orders(*rows, header=header)})
    assert outcome.code == 0
    if told is None:
        assert "share" not in outcome.out
    else:
        assert told in outcome.out
