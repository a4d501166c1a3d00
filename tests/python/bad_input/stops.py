"""Files and folders that stop a load."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import pyarrow as pa

from tests.python.bad_input.common import (
    MOMENT,
    STOP,
    UTF8_MARK,
    Stops,
    as_parquet,
    lines,
    parquet,
    row,
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


def zipped(content: bytes | None = None) -> bytes:
    """A zip file that holds a CSV file, or nothing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if content is not None:
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
        "title_above_another_table",
        "a title above a header that lacks a column",
        lines("Orders of January,,,,", header.replace(",status", ""), good),
        "column status is missing",
        "Add it.",
    )
    yield stop(
        "web_page",
        "a web page named .csv",
        lines("<!DOCTYPE html>", "<html><body>Sign in</body></html>"),
        "is a web page without a table",
        "Log in and export it again",
    )
    yield stop(
        "json",
        "JSON lines without a column, named .csv",
        lines(
            '{"order_id": "o1", "customer_id": "c1", "status": "paid",'
            ' "gross_amount": 1}'
        ),
        "column ordered_at is missing",
        "Add it.",
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
    for id, told, content, kind, remedy in (
        (
            "zstd",
            "zstd",
            pa.compress(SMALL_CSV, codec="zstd", asbytes=True),
            "zstd",
            "unzstd",
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
            f"holds {kind} data, not text",
            remedy,
        )
    for id, told, content, what, remedy in (
        ("gzip", "a cut gzip", gzip.compress(SMALL_CSV)[:-9], "damaged", "copy it"),
        ("zip", "a cut zip", zipped(SMALL_CSV)[:-9], "damaged", "copy it"),
        ("bzip2", "a cut bzip2", bz2.compress(SMALL_CSV)[:-9], "damaged", "copy it"),
        ("xz", "a cut xz", lzma.compress(SMALL_CSV)[:-9], "damaged", "copy it"),
        ("empty_zip", "a zip of nothing", zipped(), "holds no file", "Unpack it"),
        (
            "old_excel",
            "what begins like an old workbook",
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
            "is no readable workbook",
            "CSV (UTF-8)",
        ),
    ):
        yield stop(f"{id}_named_csv", f"{told} named .csv", content, what, remedy)
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
        "--encoding cp1252",
        line=1,
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
        "binary",
        "bytes of no text",
        b"order_id\x00\x01\x02\n1,2\n",
        "is binary, not text",
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
        ("order_items", "quantity", pa.array([1.5]), "decimal(18,4)"),
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
            "holds no CSV, Excel, HTML, JSON or Parquet file",
            "Tables are account_technologies",
        ),
        (
            "only_ignored_files",
            "only folders that begin with _ or .",
            {"_old/f.csv": b"x", ".git/f": b"x"},
            "",
            "holds no CSV, Excel, HTML, JSON or Parquet file",
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
            "orders/f.docx",
            {"orders/f.docx": SMALL_CSV},
            "orders/f.docx",
            "is no CSV, Excel, HTML, JSON or Parquet file",
            "Convert it",
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
            gzip.compress(SMALL_CSV)[:-9],
            "is packed, and damaged",
            "copy it again",
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
