"""A file of any kind as UTF-8 text in lines that begins with its header."""

import csv
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp

from customer_segments.loading.columns import folded, mapped_columns
from customer_segments.loading.contract import Table
from customer_segments.loading.discovery import FoundFile, printable
from customer_segments.loading.grids import (
    OLD_OFFICE,
    Cell,
    Grid,
    cell_text,
    count_rows,
    is_blank,
    json_rows,
    web_page,
    workbook,
)
from customer_segments.loading.mapping import Source, known_encoding
from customer_segments.loading.problems import LoadFailed, Problem, WrongInput
from customer_segments.loading.records import UTF8_MARK, parse_fields, split_records
from customer_segments.loading.textual import as_utf8
from customer_segments.loading.unpacking import ZIP

HEAD_BYTES = 4096
# above the header there are titles, a period, a blank line; not a table
MOST_TITLES = 50
MARKS = {
    UTF8_MARK: "utf-8",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
UNREAD = {
    b"PAR1": ("Parquet", "Name it .parquet."),
    b"\x28\xb5\x2f\xfd": ("zstd", "Unpack it (unzstd)."),
    b"\x04\x22\x4d\x18": ("lz4", "Unpack it (lz4 -d)."),
    b"7z\xbc\xaf\x27\x1c": ("7z", "Unpack it (7z x)."),
    b"Rar!": ("rar", "Unpack it (unrar x)."),
    b"%PDF": ("PDF", "Export it as CSV (UTF-8)."),
}
SEPARATOR = re.compile(r"(?i)sep=(.)")
CHARSET = re.compile(rb"""(?i)<meta[^>]*charset=["']?([\w-]+)""")


@dataclass(frozen=True)
class PlainText:
    """Where the text is, what it was, and how it is separated.

    `place` is its header, for messages; `notes` say what was found out about it.
    """

    path: Path
    format: str
    delimiter: str
    place: str
    notes: tuple[str, ...] = ()


def plain_text(file: FoundFile, table: Table, work: Path) -> PlainText:
    """The file as text below the work folder, or as it is; WrongInput, OSError."""
    with file.path.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    name, source = printable(file.name), file.source
    folder = Path(mkdtemp(prefix="text_", dir=work))
    for mark, (kind, remedy) in UNREAD.items():
        if head.startswith(mark):
            raise WrongInput(Problem(name, f"holds {kind} data, not text", remedy))
    if head.startswith((ZIP, OLD_OFFICE)):
        grids = workbook(file.path, name, source.password_env)
        return from_grids(grids, "excel", file, table, folder)
    encoding, note = encoding_of(head, source.encoding)
    start = beginning_of(head, encoding)
    if start.startswith("<"):
        encoding = charset_of(head, source, encoding)
    path = as_utf8(file.path, encoding, folder / "text")
    notes = (note,) if note else ()
    if start.startswith("<"):
        text = path.read_bytes().removeprefix(UTF8_MARK)
        return from_grids(web_page(text, name), "html", file, table, folder, notes)
    if start.startswith(("{", "[")):
        rows = json_rows(path, name, source.named)
        names = [str(cell) for cell in next(rows)]
        target = folder / "rows.csv"
        write_rows(target, names, rows, file.source, table)
        return PlainText(target, "json", ",", name, notes)
    return from_lines(path, file, table, folder, notes)


def encoding_of(head: bytes, told: str) -> tuple[str, str | None]:
    """The encoding by the mark of a file or its zero bytes, or the one that is told.

    With a note when it is another than was told.
    """
    found = next((MARKS[mark] for mark in MARKS if head.startswith(mark)), None)
    if found is None and len(head) > 1:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 4 > len(head):
            found = "utf-16-le" if odd > even else "utf-16-be"
    if found is None or found == told:
        return told, None
    return found, found.upper()


def beginning_of(head: bytes, encoding: str) -> str:
    """How a text begins, without blanks before it."""
    return head.decode(encoding, "ignore").lstrip("\ufeff \t\r\n")


def charset_of(head: bytes, source: Source, encoding: str) -> str:
    """The encoding of a page: what a mapping says, or what the page says itself."""
    found = CHARSET.search(head)
    if found is None or encoding != source.encoding or source.encoding != "utf-8":
        return encoding
    try:
        return known_encoding(found.group(1).decode())
    except ValueError:
        return encoding


def from_lines(
    path: Path, file: FoundFile, table: Table, folder: Path, notes: tuple[str, ...]
) -> PlainText:
    """Text whose lines are rows, from its header on."""
    name, delimiter = printable(file.name), str(file.source.delimiter)
    first = next(split_records(path, delimiter=delimiter), None)
    said = SEPARATOR.fullmatch(text_of(first.content)) if first is not None else None
    if said is not None:
        delimiter = said.group(1)
        notes = (*notes, "a line sep=")
    records = list(islice(split_records(path, delimiter=delimiter), MOST_TITLES))
    rows = [
        parse_fields(text_of(record.content), delimiter) if not record.fault else ["?"]
        for record in records
    ]
    lines = line_numbers(path, [record.start for record in records])
    skipped = 0 if said is None else 1
    index = skipped + find_header(
        rows[skipped:], lines[skipped:], wanted_names(file, table), file.source, name
    )
    if index >= len(records):
        return PlainText(path, "csv", delimiter, f"{name} line 1", notes)
    if index > skipped:
        notes = (*notes, f"header in line {lines[index]}")
    target = path
    if index:
        target = folder / "rows.csv"
        with path.open("rb") as source, target.open("wb") as copy:
            source.seek(records[index].start)
            shutil.copyfileobj(source, copy)
    return PlainText(target, "csv", delimiter, f"{name} line {lines[index]}", notes)


def text_of(content: bytes) -> str:
    """What of a record is UTF-8."""
    return content.decode("utf-8", "replace")


def line_numbers(path: Path, starts: Sequence[int]) -> list[int]:
    """The line, from 1, of each of these bytes of a file."""
    numbers, line, position = [], 1, 0
    with path.open("rb") as file:
        for start in starts:
            passed = file.read(start - position)
            line += len(re.findall(rb"\r\n|\r|\n", passed))
            position = start
            numbers.append(line)
    return numbers


def wanted_names(file: FoundFile, table: Table) -> set[str]:
    """Their columns that the mapping names, or without one ours that are required."""
    return {folded(name) for name in file.source.named or table.required}


def count_named(row: Sequence[Cell], wanted: Collection[str]) -> int:
    """How many of the wanted names stand in a row, of nested ones the outer."""
    cells = {folded(cell) for cell in row if isinstance(cell, str)}
    return sum(name in cells or name.partition(".")[0] in cells for name in wanted)


def find_header(
    rows: Sequence[Sequence[Cell]],
    numbers: Sequence[int],
    wanted: Collection[str],
    source: Source,
    place: str,
) -> int:
    """Which of the first rows is the header; `numbers` are theirs as a person counts.

    The one that the mapping says, or the first if it names all that is wanted, or the
    only one that does; else the one that names most. WrongInput when it is not known.
    """
    told = source.header_row
    if told is not None:
        named = folded(told)
        for index, (row, number) in enumerate(zip(rows, numbers, strict=True)):
            cells = {folded(cell) for cell in row if isinstance(cell, str)}
            if str(number) == named or (not named.isdecimal() and named in cells):
                return index
        raise WrongInput(
            Problem(place, f"has no row {printable(told)}", "Correct header_row.")
        )
    counts = [count_named(row, wanted) for row in rows]
    found = [index for index, count in enumerate(counts) if count == len(wanted)]
    if found[1:] and found[0] > 0:
        both = f"rows {numbers[found[0]]} and {numbers[found[1]]}"
        raise WrongInput(
            Problem(
                place,
                f"{both} both name the mapped columns",
                "Say header_row in the mapping.",
            )
        )
    if found or max(counts, default=0) > 0:
        return found[0] if found else counts.index(max(counts))
    return next((i for i, row in enumerate(rows) if not is_blank(row)), 0)


def from_grids(
    grids: Sequence[Grid],
    kind: str,
    file: FoundFile,
    table: Table,
    folder: Path,
    notes: tuple[str, ...] = (),
) -> PlainText:
    """The rows of the sheet, or of the table of a page, that is meant."""
    name, source = printable(file.name), file.source
    wanted = wanted_names(file, table)
    grid, called = chosen(grids, wanted, source, name)
    head = list(grid.rows[:MOST_TITLES])
    numbers = range(1, len(head) + 1)
    index = find_header(head, numbers, wanted, source, f"{name} {called}")
    rows = grid.rows[index + 1 :]
    width = max(
        (
            i + 1
            for row in grid.rows[index:]
            for i, c in enumerate(row)
            if c not in ("", None)
        ),
        default=0,
    )
    header = list(grid.rows[index]) if grid.rows else []
    names = [cell_text(cell, ".", None, False) for cell in header[:width]]
    names += [""] * (width - len(names))
    target = folder / "rows.csv"
    written = write_rows(target, names, rows, source, table)
    if kind == "excel":
        counted = count_rows(
            file.path, name, source.password_env, grid.name or "", index
        )
        if counted != written:
            raise LoadFailed(
                f"{name} {called}: {counted:,} rows were counted and {written:,} read."
                " Nothing was loaded; please report it."
            )
    if index:
        notes = (*notes, f"header in row {index + 1}")
    return PlainText(
        target, kind, ",", f"{name} {called} row {index + 1}", (called, *notes)
    )


def chosen(
    grids: Sequence[Grid], wanted: Collection[str], source: Source, name: str
) -> tuple[Grid, str]:
    """The sheet or table that is meant, and what to call it. WrongInput."""
    called = [
        f"table {number}" if grid.name is None else f"sheet {printable(grid.name)}"
        for number, grid in enumerate(grids, start=1)
    ]
    if source.sheet is not None:
        told = folded(source.sheet)
        for number, (grid, said) in enumerate(zip(grids, called, strict=True), start=1):
            if folded(grid.name or "") == told or str(number) == told:
                return grid, said
        raise WrongInput(
            Problem(
                name,
                f"has no sheet {printable(source.sheet)}, but {', '.join(called)}",
                "Correct sheet.",
            )
        )
    found = [
        (grid, said)
        for grid, said in zip(grids, called, strict=True)
        if any(
            count_named(row, wanted) == len(wanted) for row in grid.rows[:MOST_TITLES]
        )
    ]
    if len(found) > 1:
        both = " and ".join(said for _, said in found)
        raise WrongInput(
            Problem(name, f"{both} both name the mapped columns", "Say sheet.")
        )
    filled = [pair for pair in zip(grids, called, strict=True) if pair[0].rows]
    if not (found or filled):
        raise WrongInput(Problem(name, "holds no rows", "Export it again."))
    return (found or filled)[0]


def write_rows(
    target: Path,
    names: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    source: Source,
    table: Table,
) -> int:
    """Write a header and the rows that are not blank; gives how many they are."""
    decimal = source.numbers.decimal if source.numbers is not None else "."
    times = dict(times_of(names, source, table))
    written = 0
    # what is no text in JSON is none here either, so that its row is quarantined
    with target.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            if is_blank(row):
                continue
            writer.writerow(
                cell_text(cell, decimal, *times.get(position, (None, False)))
                for position, cell in enumerate(
                    [*row[: len(names)], *[None] * (len(names) - len(row))]
                )
            )
            written += 1
    return written


def times_of(
    names: Sequence[str], source: Source, table: Table
) -> Iterator[tuple[int, tuple[str | None, bool]]]:
    """Per position of a column of times: how they are written, and whether as days."""
    contract = {column.name: column for column in table.file_columns}
    cleaned = [folded(name) for name in names]
    for ours, theirs in mapped_columns(source, names, list(contract)):
        kind = contract[ours].data_type
        if kind in ("date", "timestamp") and folded(theirs) in cleaned:
            is_day = kind == "date"
            yield cleaned.index(folded(theirs)), (source.written(ours, is_day), is_day)
