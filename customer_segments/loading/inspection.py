"""What can be known of a file before its rows are read: header, types, readability."""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from customer_segments.loading.columns import Field, find_field, folded, mapped_columns
from customer_segments.loading.contract import Column, Table
from customer_segments.loading.discovery import FoundFile, printable, unreadable
from customer_segments.loading.formats import EPOCHS
from customer_segments.loading.mapping import Source
from customer_segments.loading.plain_text import PlainText, plain_text
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.loading.records import (
    RECORD_LIMIT,
    parse_fields,
    split_records,
)

MOST_DIGITS = 38
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# what a header may be written in when it is no text in what was told
LIKELY_ENCODINGS = ("utf-8", "cp949", "cp932", "gb18030", "cp1252")


@dataclass(frozen=True)
class InspectedFile:
    """A file that can be read: our columns, theirs that more is made of, all names.

    `text` is where its rows are as text in lines; None = it is Parquet.
    """

    file: FoundFile
    fields: dict[str, Field]
    parts: dict[str, Field]
    extra_names: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[pa.DataType | None, ...]
    text: PlainText | None = None

    @property
    def width(self) -> int:
        """Fields per record."""
        return len(self.names)


def inspect_file(file: FoundFile, table: Table, work: Path) -> InspectedFile:
    """The file's columns; WrongInput when a row of it cannot be understood.

    What is no text in lines becomes such below the work folder.
    """
    try:
        size = file.path.stat().st_size
        name = printable(file.name)
        if size < 2:
            what = "is empty" if size == 0 else "holds a single byte"
            raise WrongInput(Problem(name, what, "Export it again."))
        if file.format == "text":
            return inspect_text(file, table, plain_text(file, table, work))
        return inspect_parquet(file, table)
    except OSError as error:
        raise WrongInput(unreadable(printable(file.name), error)) from error


def inspect_text(file: FoundFile, table: Table, text: PlainText) -> InspectedFile:
    """The columns of a text by its header; WrongInput."""
    name, place = printable(file.name), text.place
    first = next(split_records(text.path, RECORD_LIMIT, text.delimiter), None)
    if first is None or not first.content.strip():
        raise WrongInput(Problem(name, "holds blank lines only", "Export it again."))
    if first.fault is not None:
        remedy = "Close its quotes."
        if first.fault == "oversized_record":
            remedy = "Export it again, with line ends."
        raise WrongInput(
            Problem(place, f"the header cannot be read ({first.fault})", remedy)
        )
    if b"\x00" in first.content:
        raise WrongInput(
            Problem(name, "is binary, not text", "Save it as CSV (UTF-8).")
        )
    try:
        names = parse_fields(first.content.decode(), text.delimiter)
    except UnicodeDecodeError as error:
        raise WrongInput(wrong_encoding(file, place)) from error
    check_delimiter(place, names, text.delimiter, is_mapped=bool(file.keys))
    inspected = match_columns(file, table, names, [None] * len(names), place)
    return replace(inspected, text=text)


def wrong_encoding(file: FoundFile, place: str) -> Problem:
    """A header that is no text in the encoding that was told, and the likely one."""
    with file.path.open("rb") as source:
        line = source.readline(RECORD_LIMIT)
    told = file.source.encoding
    fitting = [e for e in LIKELY_ENCODINGS if e != told and decodes(line, e)]
    other = fitting[0] if fitting else "cp949"
    remedy = f"Say encoding: {other} in the mapping."
    if not file.keys:
        remedy = f"Load it with --encoding {other}."
    return Problem(place, f"the header is not {told}", remedy)


def decodes(content: bytes, encoding: str, is_whole: bool = True) -> bool:
    """Whether bytes are text in an encoding, perhaps cut in a character at the end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(content, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True


def check_delimiter(
    place: str, names: Sequence[str], expected: str, is_mapped: bool
) -> None:
    """WrongInput when the header is one field that holds another delimiter."""
    if len(names) == 1:
        for delimiter, plural in DELIMITERS.items():
            if delimiter != expected and delimiter in names[0]:
                said = "\\t" if delimiter == "\t" else delimiter
                remedy = f'Say delimiter: "{said}" in the mapping.'
                if not is_mapped:
                    remedy = "Export it with commas, or write a mapping.yml."
                raise WrongInput(
                    Problem(
                        place,
                        f"is separated by {plural}, not {DELIMITERS[expected]}",
                        remedy,
                    )
                )
        if len(names[0].split()) > 2:
            raise WrongInput(
                Problem(
                    place,
                    f"is separated by blanks, not {DELIMITERS.get(expected, expected)}",
                    "Export it with commas or tabs.",
                )
            )


def match_columns(
    file: FoundFile,
    table: Table,
    names: Sequence[str],
    types: Sequence[pa.DataType | None],
    place: str,
) -> InspectedFile:
    """Our columns among the names, as the mapping says; WrongInput."""
    where, source = printable(file.name), file.source
    cleaned = [folded(name) for name in names]
    contract_names = [column.name for column in table.file_columns]
    if not looks_like_header(cleaned, table, source):
        wanted = ", ".join(source.named or table.required)
        raise WrongInput(
            Problem(
                place,
                f"none of the columns of {table.name} is named; the header is missing",
                f"Required are {wanted}.",
            )
        )
    mapped = dict(mapped_columns(source, names, contract_names))
    found = {
        theirs: find_field(theirs, names, types)
        for theirs in dict.fromkeys([*mapped.values(), *source.named])
    }
    problems = missing_columns(file, table, names, mapped, found)
    used = {cleaned[field.position] for field in found.values() if field is not None}
    for name in sorted({n for n in cleaned if n and cleaned.count(n) > 1}):
        if name in used or not file.keys:
            problems.append(
                Problem(where, f"column {printable(name)} is there twice", "Keep one.")
            )
    if problems:
        raise WrongInput(*problems)
    fields = {ours: find_field(theirs, names, types) for ours, theirs in mapped.items()}
    wanted_names = used | {folded(name) for name in source.ignore}
    return InspectedFile(
        file,
        {n: field for n in contract_names if (field := fields.get(n)) is not None},
        {name: field for name in source.named if (field := found[name]) is not None},
        tuple(
            printable(name.strip()) or "(unnamed)"
            for name in dict.fromkeys(names)
            if folded(name) not in wanted_names
        ),
        tuple(names),
        tuple(types),
    )


def missing_columns(
    file: FoundFile,
    table: Table,
    names: Sequence[str],
    mapped: dict[str, str],
    found: dict[str, Field | None],
) -> list[Problem]:
    """Columns that the mapping names or the contract requires and the file lacks."""
    where = printable(file.name)
    spoken_of = {folded(name) for name, field in found.items() if field is not None}
    free = {folded(name): name for name in names if folded(name) not in spoken_of}
    problems = []
    for theirs, field in found.items():
        if field is None:
            near = get_close_matches(folded(theirs), list(free), 1, 0.5)
            hint = f"Is it {printable(free[near[0]])}? " if near else ""
            problems.append(
                Problem(
                    where,
                    f"column {printable(theirs)} is missing, which the mapping names",
                    f"{hint}Correct the mapping or export it with the column.",
                )
            )
    for name in table.required:
        if name not in mapped and name not in file.source.derived:
            near = get_close_matches(name, list(free), 1, 0.6)
            remedy = f"Rename {printable(near[0])}?" if near else "Add it."
            if file.keys:
                remedy = "Say under columns which of yours it is."
            problems.append(Problem(where, f"column {name} is missing", remedy))
    return problems


def looks_like_header(names: Sequence[str], table: Table, source: Source) -> bool:
    """Whether names, not values: values must never be shown as unknown names."""
    mapped = {folded(name).split(".")[0] for name in source.named}
    if mapped & set(names):
        return True
    contract_names = {column.name for column in table.file_columns}
    known = sum(name in contract_names for name in names)
    return 2 * known >= len(names) or any(
        get_close_matches(required, names, 1, 0.75) for required in table.required
    )


def inspect_parquet(file: FoundFile, table: Table) -> InspectedFile:
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
    inspected = match_columns(file, table, schema.names, schema.types, name)
    problems = []
    for column in table.file_columns:
        field = inspected.fields.get(column.name)
        if field is None or field.arrow_type is None:
            continue
        remedy = type_remedy(column, table.is_id(column), field.arrow_type, file.source)
        if remedy is not None:
            problems.append(
                Problem(
                    name,
                    f"column {column.name} should be {column.data_type}"
                    f" and is {field.arrow_type}",
                    remedy,
                )
            )
    for theirs, field in inspected.parts.items():
        nested = field.arrow_type is not None and pa.types.is_nested(field.arrow_type)
        if nested and theirs not in file.source.columns:
            problems.append(
                Problem(name, f"column {theirs} is nested", "Name a field of it.")
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
    column: Column, is_id: bool, found: pa.DataType, source: Source
) -> str | None:
    """What to do about a Parquet type, or None when it can be read without change."""
    if is_text(found) or pa.types.is_null(found):
        return None
    kind = re.sub(r"\(.*", "", column.data_type)
    if pa.types.is_nested(found):
        return None if column.is_object else "Name a field of it, such as device.os."
    integer = pa.types.is_integer(found)
    if kind == "timestamp" and pa.types.is_timestamp(found):
        if found.tz is None and source.time_zone is None:
            return "Say time_zone in the mapping, or --time-zone without one."
        return None
    if column.name in source.values and (integer or pa.types.is_boolean(found)):
        return None
    decimal = pa.types.is_decimal128(found) or pa.types.is_decimal256(found)
    fits = {
        "string": is_id and integer,
        "timestamp": integer and source.written(column.name, False) in EPOCHS,
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
        and not field.path
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
    """Columns that other files of the same table and source in this load have."""
    problems = []
    for inspected in files:
        others = [
            other
            for other in files
            if (other.file.table, other.file.keys)
            == (inspected.file.table, inspected.file.keys)
        ]
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
