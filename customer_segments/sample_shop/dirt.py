"""Adds broken rows beside the good ones and keeps the truth about each."""

import csv
import io

import duckdb

from .contract import KEYS, RAW_TABLES
from .faults import RECORD_ENDS, TEXT, Fault, faults_of
from .formats import as_text
from .steps import Arguments

AFTER_GOOD_ROWS = 10**18


def add_dirt(
    connection: duckdb.DuckDBPyConnection, table: str, arguments: Arguments
) -> tuple[str | None, list[bytes]]:
    """The broken rows as a query, None without any, and records that are no rows."""
    faults = faults_of(table, arguments.format, arguments.encoding)
    picked = pick_rows(connection, table, len(faults)) if arguments.dirt else set()
    truths: list[str] = []
    rows: list[str] = []
    records: dict[str, list[bytes]] = {end: [] for end in RECORD_ENDS}
    for number in sorted(picked):
        fault = faults[number]
        where = f"from picked where fault_n = {number}"
        key = key_text(table, fault)
        truths.append(f"select '{table}', {key}, '{fault.reason}', row_n {where}")
        if fault.carrier in RECORD_ENDS:
            values = select_list(table, fault, arguments.format)
            found = connection.execute(f"select {values} {where} order by row_n")
            records[fault.carrier] += [
                record(row, fault.carrier, arguments.encoding)
                for row in found.fetchall()
            ]
        else:
            values = select_list(table, fault, arguments.format)
            rows.append(f"select {values}, row_n + {AFTER_GOOD_ROWS} as place {where}")
    if truths:
        connection.execute(f"insert into dirt_truth {' union all '.join(truths)}")
    # An unclosed quote comes last, where it swallows nothing.
    return " union all ".join(rows) or None, [
        line for end in RECORD_ENDS for line in records[end]
    ]


def pick_rows(
    connection: duckdb.DuckDBPyConnection, table: str, fault_count: int
) -> set[int]:
    """Create `picked`: the rows that get a broken one beside them, and its fault."""
    connection.execute(
        "create or replace temp table picked as"
        f" from picked_rows('{table}', {fault_count})"
    )
    found = connection.execute("select distinct fault_n from picked")
    return {int(row[0]) for row in found.fetchall()}


def select_list(table: str, fault: Fault, file_format: str) -> str:
    """SQL for the columns of a broken row, as its file holds them."""
    return ", ".join(
        f"{value(table, name, fault, file_format)} as {name}"
        for name in RAW_TABLES[table]
    )


def value(table: str, name: str, fault: Fault, file_format: str) -> str:
    """SQL for one column of a broken row."""
    kind = RAW_TABLES[table][name]
    changed = fault.changes.get(name)
    if changed and fault.carrier == TEXT:
        return f"({changed})::varchar"
    typed = f"({changed})::{kind}" if changed else name
    if file_format == "parquet":
        return typed
    return as_text(table, name, typed, file_format)


def key_text(table: str, fault: Fault) -> str:
    """SQL for the key: times in UTC, or as written where the text is at fault."""
    parts = []
    written = "csv" if fault.carrier == TEXT else "parquet"
    for name in KEYS[table]:
        part = value(table, name, fault, written)
        if written == "parquet" and RAW_TABLES[table][name] == "timestamptz":
            part = f"{part}::timestamp"
        parts.append(f"coalesce({part}::varchar, '')")
    return " || '|' || ".join(parts)


def record(row: tuple[str | None, ...], end: str, encoding: str) -> bytes:
    """A record of a text file that no reader should take for a row."""
    fields = {
        "short": row[:-1],
        "long": (*row, "extra"),
        "truncated": row[: max(1, len(row) // 2)],
        "unclosed": row[:1],
    }.get(end, row)
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    text = line.getvalue()
    if end == "truncated":
        return text[: max(3, len(text) - 2)].replace('"', "").encode(encoding) + b"\n"
    if end == "unclosed":
        return f'{text},"broken off'.replace('""', "").encode(encoding) + b"\n"
    if end == "wrong_bytes":
        return (
            text.replace("김민준", "\0")
            .encode(encoding)
            .replace(b"\0", b"\xff\xc3\x28")
            + b"\n"
        )
    if end == "korean_bytes":
        other = "cp949" if encoding == "utf-8" else "utf-8"
        korean = "김민준x".encode(other)
        return (
            text.replace("김민준", "\0").encode(encoding).replace(b"\0", korean) + b"\n"
        )
    return text.encode(encoding) + b"\n"
