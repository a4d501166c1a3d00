"""Records of a CSV file, found by two readers that share no code.

A record is regular when each quoted field is closed right before a delimiter or a line
end, within RECORD_LIMIT bytes. What is not regular is cut to its first line, so that an
unclosed quote costs one line and not the rest of the file. Blank lines are no records.
"""

import csv
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

RECORD_LIMIT = 16 * 1024 * 1024
UTF8_MARK = b"\xef\xbb\xbf"
CHUNK = 8 * 1024 * 1024

Malformed = Literal["unclosed_quote", "oversized_record"]


@dataclass(frozen=True)
class RawRecord:
    """One record without its line end; an oversized one is cut to the limit.

    `start` is the byte of the file at which it begins.
    """

    content: bytes
    fault: Malformed | None
    start: int


LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")


@cache
def record_pattern(delimiter: str) -> re.Pattern[bytes]:
    """A regular record with its line end."""
    sign = re.escape(delimiter.encode())
    field = rb'(?:"(?:[^"]++|"")*+"(?=[' + sign + rb"\r\n]|\Z)"
    field += rb'|(?!")[^' + sign + rb"\r\n]*+)"
    return re.compile(field + rb"(?:" + sign + field + rb")*+(?:\r\n|\n|\r|\Z)")


@cache
def field_pattern(delimiter: str) -> re.Pattern[str]:
    """A field of a regular record: what stands in its quotes, or what it is."""
    sign = re.escape(delimiter)
    return re.compile(rf'"((?:[^"]++|"")*+)"(?={sign}|\Z)|([^{sign}]*+)')


@cache
def spaced_quote_pattern(delimiter: str) -> re.Pattern[str]:
    """A quote after spaces: DuckDB drops the spaces, the csv module keeps them."""
    return re.compile(rf'(?:^|{re.escape(delimiter)})[ \t]+"')


def split_records(
    path: Path, limit: int = RECORD_LIMIT, delimiter: str = ","
) -> Iterator[RawRecord]:
    """The records of a file, header first; memory stays near limit + CHUNK bytes."""
    with path.open("rb") as file:
        if file.read(len(UTF8_MARK)) != UTF8_MARK:
            file.seek(0)
        yield from _split(file, limit, record_pattern(delimiter))


def _split(
    file: BinaryIO, limit: int, pattern: re.Pattern[bytes]
) -> Iterator[RawRecord]:
    buffer, start, at_end = b"", 0, False
    # the byte of the file at which the buffer begins
    base = file.tell()
    while True:
        if not at_end and len(buffer) - start <= limit + 2:
            fresh = file.read(limit + 2 + CHUNK)
            at_end = not fresh
            base += start
            buffer, start = buffer[start:] + fresh, 0
            continue
        if start == len(buffer):
            return
        found = pattern.match(buffer, start)
        if found is not None and found.end() - start <= limit:
            content = found.group().rstrip(b"\r\n")
            if content:
                yield RawRecord(content, None, base + start)
            start = found.end()
            continue
        line = LINE.match(buffer, start)
        if line is not None and line.end() - start <= limit:
            yield RawRecord(
                line.group().rstrip(b"\r\n"), "unclosed_quote", base + start
            )
            start = line.end()
            continue
        cut = buffer[start : start + limit]
        yield RawRecord(cut, "oversized_record", base + start)
        while line is not None and line.end() == len(buffer) and not at_end:
            if line.group()[-1:] in (b"\r", b"\n"):
                break
            base += len(buffer)
            buffer = file.read(CHUNK)
            at_end = not buffer
            line = LINE.match(buffer)
        start = line.end() if line is not None else len(buffer)


def parse_fields(record: str, delimiter: str = ",") -> list[str]:
    """The fields of a regular record, unquoted."""
    if '"' not in record:
        return record.split(delimiter)
    pattern = field_pattern(delimiter)
    fields = []
    position = 0
    while position <= len(record):
        found = pattern.match(record, position)
        if found is None:
            raise ValueError("not a regular record")
        quoted, plain = found.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        position = found.end() + 1
    return fields


@dataclass(frozen=True)
class RecordCount:
    """Records after the header, and whether every CSV reader agrees on their fields.

    `trailing` is how many empty fields each of them has beyond the header: some tools
    end each row, but not the header, with a delimiter.
    """

    records: int
    is_regular: bool
    trailing: int = 0


class RecordTooLong(Exception):
    """The lines read for one record exceed the limit."""


class LineTape:
    """Physical lines that can be read again from the second line of a record."""

    def __init__(self, text: TextIO, limit: int) -> None:
        self.text = text
        self.limit = limit
        self.taken: list[str] = []
        self.size = 0
        self.pending: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.pending.popleft() if self.pending else self._read()
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.size += len(line)
        if self.size > self.limit:
            raise RecordTooLong
        return line

    def _read(self) -> str:
        line = rest = self.text.readline(self.limit + 2)
        while len(rest) > self.limit and rest[-1] not in "\r\n":
            rest = self.text.readline(self.limit + 2)
        return line

    def start_record(self) -> None:
        """Forget the lines of the last record."""
        self.taken.clear()
        self.size = 0

    def cut_record(self) -> None:
        """Give the lines after the first back."""
        self.pending.extendleft(reversed(self.taken[1:]))
        self.start_record()


def count_records(
    path: Path, width: int, limit: int = RECORD_LIMIT, delimiter: str = ","
) -> RecordCount:
    """Records after the header, by the csv module; width = fields of the header."""
    csv.field_size_limit(sys.maxsize)
    spaced_quote = spaced_quote_pattern(delimiter)
    records, is_regular, trailing = 0, True, 0
    with path.open("r", encoding="latin-1", newline="") as text:
        if text.read(len(UTF8_MARK)) != UTF8_MARK.decode("latin-1"):
            text.seek(0)
        tape = LineTape(text, limit)
        while True:
            try:
                for fields in csv.reader(tape, strict=True, delimiter=delimiter):
                    if fields:
                        records += 1
                        if records == 2 and not any(fields[width:]):
                            trailing = max(0, len(fields) - width)
                        expected = width if records == 1 else width + trailing
                        if len(fields) != expected or (
                            is_regular
                            and any(
                                '"' in line and spaced_quote.search(line)
                                for line in tape.taken
                            )
                        ):
                            is_regular = False
                    tape.start_record()
                return RecordCount(
                    max(records - 1, 0), is_regular, trailing if is_regular else 0
                )
            except (csv.Error, RecordTooLong):
                records += 1
                is_regular = False
                tape.cut_record()
