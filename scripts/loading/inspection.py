"""What can be known of a file before its rows are read: header, types, readability."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from scripts.loading.contract import Column, Table
from scripts.loading.discovery import FoundFile, printable, unreadable
from scripts.loading.problems import Problem, WrongInput
from scripts.loading.records import (
    RECORD_LIMIT,
    UTF8_MARK,
    parse_fields,
    split_records,
)

Encoding = Literal["utf-8", "cp949"]
HEAD_BYTES = 4096
MOST_DIGITS = 38
WRONG_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
PACKED = {
    b"\x1f\x8b": ("gzip", "Unpack it (gunzip)."),
    b"PK\x03\x04": ("zip", "Unpack it; from a spreadsheet, save it as CSV (UTF-8)."),
    b"PAR1": ("Parquet", "Name it .parquet."),
    b"\x28\xb5\x2f\xfd": ("zstd", "Unpack it (unzstd)."),
    b"BZh": ("bzip2", "Unpack it (bunzip2)."),
    b"\xfd7zXZ": ("xz", "Unpack it (unxz)."),
    b"\xd0\xcf\x11\xe0": ("old Excel", "Save it as CSV (UTF-8)."),
}


@dataclass(frozen=True)
class Field:
    """A column of a file: its position from 0 and, for Parquet, its type."""

    position: int
    arrow_type: pa.DataType | None


@dataclass(frozen=True)
class InspectedFile:
    """A file that can be read: contract columns, other names, fields per record."""

    file: FoundFile
    fields: dict[str, Field]
    extra_names: tuple[str, ...]
    width: int


def inspect_file(
    file: FoundFile, table: Table, encoding: Encoding, has_zone: bool
) -> InspectedFile:
    """The file's columns; WrongInput when a row of it cannot be understood."""
    try:
        with file.path.open("rb") as source:
            head = source.read(HEAD_BYTES)
        size = file.path.stat().st_size
        name = printable(file.name)
        if size < 2:
            what = "is empty" if size == 0 else "holds a single byte"
            raise WrongInput(Problem(name, what, "Export it again."))
        if file.format == "parquet":
            return inspect_parquet(file, table, has_zone)
        return inspect_csv(file, table, encoding, head)
    except OSError as error:
        raise WrongInput(unreadable(printable(file.name), error)) from error


def inspect_csv(
    file: FoundFile, table: Table, encoding: Encoding, head: bytes
) -> InspectedFile:
    """The columns of a CSV file by its header; WrongInput."""
    name = printable(file.name)
    check_bytes(name, head, encoding)
    first = next(split_records(file.path, RECORD_LIMIT), None)
    if first is None:
        raise WrongInput(Problem(name, "holds blank lines only", "Export it again."))
    if first.fault is not None:
        raise WrongInput(
            Problem(
                f"{name} line 1",
                f"the header cannot be read ({first.fault})",
                "Close its quotes.",
            )
        )
    try:
        names = parse_fields(first.content.decode(encoding))
    except UnicodeDecodeError as error:
        raise WrongInput(
            Problem(
                f"{name} line 1",
                f"the header is not {encoding}",
                "Save it as UTF-8, or say --encoding cp949.",
            )
        ) from error
    check_delimiter(name, names)
    return match_columns(file, table, names, [None] * len(names))


def check_bytes(name: str, head: bytes, encoding: Encoding) -> None:
    """WrongInput for bytes that are no text in the encoding."""
    for magic, (kind, remedy) in PACKED.items():
        if head.startswith(magic):
            raise WrongInput(Problem(name, f"holds {kind} data, not CSV", remedy))
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or max(even, odd) * 4 > len(head):
        raise WrongInput(
            Problem(name, "is UTF-16 or binary, not UTF-8", "Save it as CSV (UTF-8).")
        )
    if encoding != "utf-8" and head.startswith(UTF8_MARK):
        raise WrongInput(
            Problem(name, "is marked as UTF-8", "Load it without --encoding.")
        )


def check_delimiter(name: str, names: Sequence[str]) -> None:
    """WrongInput when the header is one field that holds another delimiter."""
    if len(names) == 1:
        for delimiter, plural in WRONG_DELIMITERS.items():
            if delimiter in names[0]:
                raise WrongInput(
                    Problem(
                        f"{name} line 1",
                        f"is separated by {plural}, not commas",
                        "Export it with commas.",
                    )
                )


def match_columns(
    file: FoundFile,
    table: Table,
    names: Sequence[str],
    types: Sequence[pa.DataType | None],
) -> InspectedFile:
    """The contract's columns among the names; WrongInput."""
    where = printable(file.name)
    cleaned = [name.strip().lower() for name in names]
    contract_names = [column.name for column in table.file_columns]
    if not looks_like_header(cleaned, table):
        raise WrongInput(
            Problem(
                f"{where} line 1" if file.format == "csv" else where,
                f"none of the columns of {table.name} is named; the header is missing",
                f"Required are {', '.join(table.required)}.",
            )
        )
    problems = []
    repeated = sorted({n for n in cleaned if n and cleaned.count(n) > 1})
    for name in repeated:
        problems.append(
            Problem(where, f"column {printable(name)} is there twice", "Keep one.")
        )
    unknown = [name for name in cleaned if name not in contract_names]
    for name in table.required:
        if name not in cleaned:
            near = get_close_matches(name, unknown, 1, 0.6)
            remedy = f"Rename {printable(near[0])}?" if near else "Add it."
            problems.append(Problem(where, f"column {name} is missing", remedy))
    if problems:
        raise WrongInput(*problems)
    return InspectedFile(
        file,
        {
            name: Field(cleaned.index(name), types[cleaned.index(name)])
            for name in contract_names
            if name in cleaned
        },
        tuple(sorted(printable(n) or "(unnamed)" for n in set(unknown))),
        len(names),
    )


def looks_like_header(names: Sequence[str], table: Table) -> bool:
    """Whether names, not values: values must never be shown as unknown names."""
    contract_names = {column.name for column in table.file_columns}
    known = sum(name in contract_names for name in names)
    return 2 * known >= len(names) or any(
        get_close_matches(required, names, 1, 0.75) for required in table.required
    )


def inspect_parquet(file: FoundFile, table: Table, has_zone: bool) -> InspectedFile:
    """The columns of a Parquet file by its footer; WrongInput."""
    name = printable(file.name)
    try:
        with pq.ParquetFile(file.path) as parquet:
            schema = parquet.schema_arrow
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise WrongInput(
            Problem(name, "is no readable Parquet file", "Export or copy it again.")
        ) from error
    inspected = match_columns(file, table, schema.names, schema.types)
    problems = []
    for column in table.file_columns:
        field = inspected.fields.get(column.name)
        if field is None or field.arrow_type is None:
            continue
        remedy = type_remedy(column, table.is_id(column), field.arrow_type, has_zone)
        if remedy is not None:
            problems.append(
                Problem(
                    name,
                    f"column {column.name} should be {column.data_type}"
                    f" and is {field.arrow_type}",
                    remedy,
                )
            )
    problems += find_nanoseconds(file, inspected)
    if problems:
        raise WrongInput(*problems)
    return inspected


def is_text(arrow_type: pa.DataType) -> bool:
    """Whether a Parquet column holds text."""
    if pa.types.is_dictionary(arrow_type):
        return is_text(arrow_type.value_type)
    return bool(
        pa.types.is_string(arrow_type)
        or pa.types.is_large_string(arrow_type)
        or pa.types.is_string_view(arrow_type)
    )


def type_remedy(
    column: Column, is_id: bool, found: pa.DataType, has_zone: bool
) -> str | None:
    """What to do about a Parquet type, or None when it can be read without change."""
    if is_text(found) or pa.types.is_null(found):
        return None
    kind = re.sub(r"\(.*", "", column.data_type)
    if kind == "timestamp" and pa.types.is_timestamp(found):
        if found.tz is None and not has_zone:
            return "Write it with a zone, or say which with --time-zone."
        return None
    integer = pa.types.is_integer(found)
    decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
    fits = {
        "string": is_id and integer,
        "date": pa.types.is_date(found),
        "decimal": integer or (decimal and found.precision <= MOST_DIGITS),
        "int": integer,
        "bigint": integer,
        "boolean": pa.types.is_boolean(found) or integer,
    }
    if fits.get(kind, False):
        return None
    return f"Write it as {column.data_type} or text."


def find_nanoseconds(file: FoundFile, inspected: InspectedFile) -> list[Problem]:
    """Columns whose times are finer than a microsecond, which would be cut."""
    problems = []
    names = {
        field.position: name
        for name, field in inspected.fields.items()
        if field.arrow_type is not None
        and pa.types.is_timestamp(field.arrow_type)
        and field.arrow_type.unit == "ns"
    }
    for position, name in sorted(names.items()):
        with pq.ParquetFile(file.path) as parquet:
            column = parquet.schema_arrow.names[position]
            try:
                for batch in parquet.iter_batches(columns=[column]):
                    batch.column(0).cast(pa.timestamp("us", batch.column(0).type.tz))
            except pa.ArrowInvalid:
                problems.append(
                    Problem(
                        printable(file.name),
                        f"column {name} has times finer than a microsecond",
                        "Write it in microseconds.",
                    )
                )
    return problems


def find_missing_columns(files: Sequence[InspectedFile]) -> list[Problem]:
    """Columns that other files of the same table in this load have."""
    problems = []
    for inspected in files:
        others = [o for o in files if o.file.table == inspected.file.table]
        for name in sorted({n for o in others for n in o.fields}):
            if name not in inspected.fields:
                holder = next(o.file.name for o in others if name in o.fields)
                problems.append(
                    Problem(
                        printable(inspected.file.name),
                        f"lacks column {name}, which {printable(holder)} has",
                        "Export both alike, or load them one after the other.",
                    )
                )
    return problems
