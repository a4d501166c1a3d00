"""Rows of cells from files that are no text in lines: workbooks, web pages, JSON.

A row of a grid is a row as the file shows it, blank ones included, so that a row number
is the one that a person sees.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msoffcrypto
from lxml import etree, html
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from xlrd import XL_CELL_ERROR, open_workbook

from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.loading.unpacking import ZIP, password

Cell = object
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
MOST_BYTES = 512 * 1024**2
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
# beyond it a number of a workbook is no longer the one that was written
LARGEST_NUMBER = 2**53
EXCEL_EPOCH = datetime(1899, 12, 30)
SPREADSHEET_ML = "urn:schemas-microsoft-com:office:spreadsheet"


@dataclass(frozen=True)
class Grid:
    """A table of a file: the name of its sheet, if it has one, and its rows."""

    name: str | None
    rows: Sequence[Sequence[Cell]]


def is_blank(cells: Iterable[Cell]) -> bool:
    """Whether no cell of a row holds anything."""
    return all(cell is None or cell == "" for cell in cells)


def workbook(path: Path, name: str, key: str) -> list[Grid]:
    """The sheets of an Excel file; a variable `key` has its password. WrongInput."""
    check_size(path.stat().st_size, name)
    with readable(name):
        content = decrypted(path.read_bytes(), name, key)
        if content.startswith(ZIP):
            with ZipFile(BytesIO(content)) as parts:
                check_size(sum(part.file_size for part in parts.infolist()) // 8, name)
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            return [
                Grid(
                    sheet,
                    book.get_sheet_by_name(sheet).to_python(skip_empty_area=False),
                )
                for sheet in book.sheet_names
            ]


@contextmanager
def readable(name: str) -> Iterator[None]:
    """WrongInput for whatever a library says of a workbook that is none."""
    try:
        yield
    except (WrongInput, MemoryError):
        raise
    except Exception as error:
        raise WrongInput(
            Problem(name, "is no readable workbook", "Save it as .xlsx or CSV (UTF-8).")
        ) from error


def decrypted(content: bytes, name: str, key: str) -> bytes:
    """A workbook without its password. WrongInput."""
    if not content.startswith(OLD_OFFICE):
        return content
    office = msoffcrypto.OfficeFile(BytesIO(content))
    if not office.is_encrypted():
        return content
    plain = BytesIO()
    secret = password(name, key)
    try:
        office.load_key(password=secret)
        office.decrypt(plain)
    except (DecryptionError, InvalidKeyError) as error:
        raise WrongInput(
            Problem(name, f"does not open with the password in {key}", "Correct it.")
        ) from error
    return plain.getvalue()


def count_rows(path: Path, name: str, key: str, sheet: str, header: int) -> int:
    """Rows of a sheet below row `header` (from 0) that are not blank. WrongInput."""
    status = path.stat()
    stamp = (status.st_size, status.st_mtime_ns)
    return counted(path, stamp, name, key, sheet, header)


@lru_cache(maxsize=64)
def counted(
    path: Path, stamp: tuple[int, int], name: str, key: str, sheet: str, header: int
) -> int:
    """What count_rows says of a file as it is, asked once for all that read it.

    Other readers are asked than the one that reads the rows, and they are slow.
    """
    rows: Iterable[Sequence[Cell]]
    with readable(name):
        content = decrypted(path.read_bytes(), name, key)
        if content.startswith(ZIP):
            new = load_workbook(BytesIO(content), read_only=True, data_only=True)
            rows = new[sheet].iter_rows(min_row=header + 2, values_only=True)
        else:
            with Path(os.devnull).open("w") as nowhere:
                old = open_workbook(file_contents=content, logfile=nowhere)
            cells = old.sheet_by_name(sheet)
            rows = (
                ["" if c.ctype == XL_CELL_ERROR else c.value for c in cells.row(i)]
                for i in range(header + 1, cells.nrows)
            )
        return sum(
            not is_blank("" if cell in ERRORS else cell for cell in row) for row in rows
        )


def web_page(text: bytes, name: str) -> list[Grid]:
    """The tables of a page in UTF-8, or the sheets of an Excel 2003 XML. WrongInput."""
    if SPREADSHEET_ML.encode() in text[:4096]:
        return old_xml(text, name)
    try:
        page = html.document_fromstring(text, html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError) as error:
        raise WrongInput(no_table(name)) from error
    grids = [
        Grid(
            None,
            [
                [cell for td in row.iterchildren("td", "th") for cell in spanned(td)]
                for row in table.iter("tr")
                if next(row.iterancestors("table")) is table
            ],
        )
        for table in page.iter("table")
    ]
    if not grids:
        raise WrongInput(no_table(name))
    return grids


def spanned(cell: Any) -> list[str]:
    """The text of a cell, and the blanks of the columns that it spans."""
    text = re.sub(r"\s+", " ", " ".join(map(str, cell.itertext()))).strip()
    span = str(cell.get("colspan", "1"))
    return [text, *[""] * (min(int(span), 1_000) - 1 if span.isdecimal() else 0)]


def old_xml(text: bytes, name: str) -> list[Grid]:
    """The sheets of an Excel 2003 XML file. WrongInput."""
    space = f"{{{SPREADSHEET_ML}}}"
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        book = etree.fromstring(text, parser)
    except etree.LxmlError as error:
        raise WrongInput(no_table(name)) from error
    grids = []
    for sheet in book.iter(f"{space}Worksheet"):
        rows: list[list[str]] = []
        for row in sheet.iter(f"{space}Row"):
            cells: list[str] = []
            for cell in row.iter(f"{space}Cell"):
                position = int(cell.get(f"{space}Index", len(cells) + 1))
                cells += [""] * (position - 1 - len(cells))
                cells.append("".join(map(str, cell.itertext())).strip())
            position = int(row.get(f"{space}Index", len(rows) + 1))
            rows += [[] for _ in range(position - 1 - len(rows))]
            rows.append(cells)
        grids.append(Grid(sheet.get(f"{space}Name"), rows))
    return grids


def no_table(name: str) -> Problem:
    """A page that is none of a shop's data, such as one that asks to log in."""
    return Problem(name, "is a web page without a table", "Log in and export it again.")


def json_rows(path: Path, name: str, paths: Sequence[str]) -> Iterator[list[Cell]]:
    """The keys of a JSON file in UTF-8, then a row for each object. WrongInput.

    The objects stand on a line each, in a list, or in the only list of an object. A key
    of `paths` with dots leads into nested objects; what is nested and not led into is
    JSON text. Lines are read twice, so that memory stays small.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        first = next((line for line in file if line.strip()), "")
    keys = (object_of(first) or {}).keys()
    if keys & {path.partition(".")[0] for path in paths} or (keys and not paths):
        return json_table(lambda: json_lines(path, name), paths)
    check_size(path.stat().st_size, name)
    try:
        told = parsed(path.read_text("utf-8-sig", errors="surrogateescape"))
    except ValueError as error:
        raise WrongInput(
            Problem(name, "is no JSON that can be read", "Export or copy it again.")
        ) from error
    lists = [told] if isinstance(told, list) else []
    if isinstance(told, dict):
        lists = [v for v in told.values() if isinstance(v, list) and v]
    if len(lists) != 1 or not all(isinstance(one, dict) for one in lists[0]):
        raise WrongInput(
            Problem(name, "is JSON, but not one list of objects", "Export one.")
        )
    return json_table(lambda: lists[0], paths)


def parsed(text: str) -> Any:
    """JSON whose numbers stay as they are written."""
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def object_of(line: str) -> dict[str, Any] | None:
    """The JSON object that a line is; None for what is none."""
    try:
        told = parsed(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def json_lines(path: Path, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a file with one on each line. WrongInput names the line."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            told = object_of(line) if line.strip() else {}
            if told is None:
                raise WrongInput(
                    Problem(
                        f"{name} line {number}",
                        "is no JSON object",
                        "Export it again, or take the line out.",
                    )
                )
            if told:
                yield told


def json_table(
    objects: Callable[[], Iterable[dict[str, Any]]], paths: Sequence[str]
) -> Iterator[list[Cell]]:
    """Keys in the order in which they are met, then a row for each object."""
    keys: dict[str, None] = {}
    for one in objects():
        keys.update(dict.fromkeys(one))
    into = [path for path in paths if path not in keys and "." in path]
    led = {path.partition(".")[0] for path in into} - set(paths)
    header = [key for key in keys if key not in led]
    header += [path for path in into if path.partition(".")[0] in keys]
    yield list(header)
    for one in objects():
        yield [
            flat(one[key] if key in one else below(one, key.split(".")))
            for key in header
        ]


def below(nested: Any, path: Sequence[str]) -> Any:
    """What a path leads to; of a list, what all of its objects say alike."""
    for index, key in enumerate(path):
        if isinstance(nested, list):
            found = [below(one, path[index:]) for one in nested]
            return found[0] if found and all(f == found[0] for f in found) else None
        nested = nested.get(key) if isinstance(nested, dict) else None
    return nested


def flat(value: Any) -> Cell:
    """A JSON value as a cell; what is nested is JSON text again."""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=float)
    return value


def cell_text(cell: Cell, decimal: str, written: str | None, is_day: bool) -> str:
    """A cell as text in the shop's manner, as if it had been exported to CSV.

    `decimal` is the sign of its decimals, `written` the format of its times, None =
    ISO 8601. A number that a workbook can no longer hold exactly keeps an exponent,
    which no id and no amount has.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if abs(cell) >= LARGEST_NUMBER:
            return f"{cell:e}"
        cell = Decimal(int(cell)) if cell.is_integer() else plain_float(cell)
    if isinstance(cell, (int, Decimal)):
        return f"{Decimal(cell):f}".replace(".", decimal)
    if isinstance(cell, (date, time)):
        return time_text(cell, written, is_day)
    if isinstance(cell, timedelta):
        return str(cell)
    return "" if cell in ERRORS else str(cell)


def plain_float(value: float) -> Decimal:
    """A number with the fifteen digits that a workbook shows."""
    return Decimal(f"{value:.15g}")


def time_text(cell: date | time, written: str | None, is_day: bool) -> str:
    """A day or time by its cell type, as the mapping says that times are written."""
    if isinstance(cell, time):
        return cell.isoformat()
    moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
    if written is not None and "%" in written:
        half = "오전" if moment.hour < 12 else "오후"
        return moment.strftime(written.replace("%p", half))
    if written == "excel_days":
        return f"{plain_float((moment - EXCEL_EPOCH) / timedelta(days=1)):f}"
    if is_day and moment.time() == time():
        return moment.date().isoformat()
    return moment.isoformat(sep=" ")


def check_size(size: int, name: str) -> None:
    """WrongInput for bytes that would not fit into memory."""
    if size > MOST_BYTES:
        raise WrongInput(
            Problem(
                name,
                f"is larger than {MOST_BYTES // 1024**2} MB",
                "Export it as CSV, JSON lines or Parquet.",
            )
        )
