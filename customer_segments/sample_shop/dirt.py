"""Adds broken rows beside the good ones and keeps the truth about each."""

import csv
import io

import duckdb

from .contract import KEYS, RAW_TABLES
from .draws import Arguments
from .faults import RECORD_ENDS, TEXT, Fault, faults_of
from .formats import as_text

# Which customer a row belongs to: nobody who asked to be forgotten has broken rows.
CUSTOMER_NUMBERS = {
    "customers": "row_n // 2",
    "orders": "row_n // 2000 - 10000000",
    "order_items": "row_n // 10000 - 10000000",
    "refunds": "row_n // 10000 - 10000000",
    "events": "row_n // 1000000 - 10000000",
    "consents": "row_n // 100",
    "suppressions": "row_n // 4",
    "campaign_messages": "row_n // 1000",
    "customer_attributes": "row_n // 10",
    "identity_links": "row_n // 3",
}


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
        where = f"from {table}_picked where fault_n = {number}"
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
            rows.append(f"select {select_list(table, fault, arguments.format)} {where}")
    if truths:
        connection.execute(f"insert into dirt_truth {' union all '.join(truths)}")
    # An unclosed quote comes last, where it swallows nothing.
    return " union all ".join(rows) or None, [
        line for end in RECORD_ENDS for line in records[end]
    ]


def pick_rows(
    connection: duckdb.DuckDBPyConnection, table: str, fault_count: int
) -> set[int]:
    """Create `<table>_picked`: the rows that get a broken one beside them."""
    conditions = [f"pick(dirt_h, '{table} dirt', 1000000) < dirt_ppm()"]
    if table in ("customers", "orders"):
        conditions.append("is_newest")
    if table in CUSTOMER_NUMBERS:
        conditions.append(f"{CUSTOMER_NUMBERS[table]} not in (select k from forgotten)")
    connection.execute(
        f"""
        create or replace temp table {table}_picked as
        with numbered as (

            select
                *,
                mix(row_n + (row_n >> 32) * 7919 + seed_h()) as dirt_h,
            from {table}_rows

        )

        select
            *,
            pick(dirt_h, '{table} fault', {fault_count}) as fault_n,
        from numbered
        where {" and ".join(conditions)}
        order by row_n
        """
    )
    found = connection.execute(f"select distinct fault_n from {table}_picked")
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
