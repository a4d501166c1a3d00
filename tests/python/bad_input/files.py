"""Whole files that load, with what becomes of each of their rows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.python.bad_input.common import (
    AMOUNTS,
    CP949,
    GOOD,
    HEADER,
    IDS,
    INTACT,
    KEPT,
    LATER,
    MEGABYTE,
    MOMENT,
    NEW_YORK,
    ROWS,
    TIMES,
    UTF8_MARK,
    Fate,
    Kept,
    Loads,
    Quarantined,
    SetAside,
    Superseded,
    as_csv,
    as_parquet,
    csv_lines,
    lines,
    order_line,
    parquet,
    row,
    shown,
)
from tests.python.bad_input.stops import (
    SMALL,
    SMALL_COLUMNS,
)


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


def marked() -> Iterator[Loads]:
    """Text that says its encoding by a mark or by its zero bytes, whatever is told."""
    for encoding in ("utf-16-le", "utf-16-be", "utf-8"):
        for mark in ("", "\ufeff"):
            if encoding == "utf-8" and not mark:
                continue
            case = encoding.replace("-", "_") + ("_marked" if mark else "")
            good = csv_lines(case, {"coupon_code": "서울"}, {})
            yield Loads(
                INTACT,
                case,
                "orders",
                f"{encoding}, {'with' if mark else 'without'} a byte order mark",
                (mark + "\n".join(good)).encode(encoding),
                (Kept({"coupon_code": "서울"}), KEPT),
                options=CP949 if encoding == "utf-8" else (),
                encoding=encoding,
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
        SetAside(),
    )
    yield among(
        "row_of_totals",
        "a row of totals",
        f"합계 (2건){',' * 5}10000{',' * (HEADER.count(',') - 5)}",
        SetAside(),
    )
    yield among(
        "an_order_called_total",
        "an order whose id is a word for totals",
        order_line("total", 2, order_id="Total"),
        Kept({"order_id": "Total"}),
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
