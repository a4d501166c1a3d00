"""Adds broken rows beside the good ones and keeps the truth about each."""

import csv
import io
from pathlib import Path

import duckdb

from .contract import KEYS, RAW_TABLES
from .faults import Fault, business_faults, text_faults

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
}
TRUTH = """
create table dirt_truth (
    raw_table varchar,
    row_key varchar,
    reason varchar,
    row_n bigint
);
create table customer_truth (
    customer_id varchar,
    is_churned boolean,
    churned_on date
);
"""
CUSTOMER_TRUTH = """
insert into customer_truth
select
    customer_id,
    is_churned,
    seoul_date(churned_s) as churned_on,
from active_until
"""


def add_dirt(
    connection: duckdb.DuckDBPyConnection, table: str, file_format: str
) -> tuple[str | None, list[bytes]]:
    """The broken rows as a query, None without any, and records that are no rows."""
    faults = [(fault, False) for fault in business_faults(table)]
    if file_format == "csv":
        faults += [(fault, True) for fault in text_faults(table)]
    picked = pick_rows(connection, table, len(faults))
    truths: list[str] = []
    rows: list[str] = []
    records: list[bytes] = []
    for number, (fault, is_text) in enumerate(faults):
        if number not in picked:
            continue
        where = f"from {table}_picked where fault_n = {number}"
        key = key_text(table, fault, is_text)
        truths.append(f"select '{table}', {key}, '{fault.reason}', row_n {where}")
        values = select_list(table, fault, is_text, file_format)
        if fault.end:
            found = connection.execute(f"select {values} {where} order by row_n")
            records += [record(row, fault.end) for row in found.fetchall()]
        else:
            rows.append(f"select {values}, row_n, true as is_dirt {where}")
    if truths:
        connection.execute(f"insert into dirt_truth {' union all '.join(truths)}")
    return " union all ".join(rows) or None, records


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
        """
    )
    found = connection.execute(f"select distinct fault_n from {table}_picked")
    return {int(row[0]) for row in found.fetchall()}


def select_list(table: str, fault: Fault, is_text: bool, file_format: str) -> str:
    """SQL for the columns of a broken row, as its file holds them."""
    return ", ".join(
        f"{value(table, name, fault, is_text, file_format)} as {name}"
        for name in RAW_TABLES[table]
    )


def value(table: str, name: str, fault: Fault, is_text: bool, file_format: str) -> str:
    """SQL for one column of a broken row."""
    kind = RAW_TABLES[table][name]
    changed = fault.changes.get(name)
    if changed and is_text:
        return f"({changed})::varchar"
    typed = f"({changed})::{kind}" if changed else name
    return as_text(typed, kind) if file_format == "csv" else typed


def key_text(table: str, fault: Fault, is_text: bool) -> str:
    """SQL for the key: times in UTC, or as written where the text is at fault."""
    parts = []
    for name in KEYS[table]:
        written = value(table, name, fault, is_text, "csv" if is_text else "parquet")
        if not is_text and RAW_TABLES[table][name] == "timestamptz":
            written = f"{written}::timestamp"
        parts.append(f"coalesce({written}::varchar, '')")
    return " || '|' || ".join(parts)


def as_text(expression: str, kind: str) -> str:
    """SQL that writes a value the way a shop's export does."""
    if kind == "timestamptz":
        return (
            f"strftime({expression}::timestamp + interval 9 hours,"
            " '%Y-%m-%dT%H:%M:%S+09:00')"
        )
    if kind.startswith("decimal"):
        return rf"regexp_replace({expression}::varchar, '\.?0+$', '')"
    return f"{expression}::varchar"


def record(row: tuple[str | None, ...], end: str) -> bytes:
    """A record of a CSV file that no reader should take for a row."""
    fields = {"short": row[:-1], "long": (*row, "extra")}.get(end, row)
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue().encode("cp949" if end == "cp949" else "utf-8", "replace")


def write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write the truth tables and return the number of broken rows per raw table."""
    (folder / "_truth").mkdir()
    for name, query in {
        "dirt": "select raw_table, row_key, reason from dirt_truth"
        " order by raw_table, row_n, reason, row_key",
        "customers": "from customer_truth order by customer_id",
    }.items():
        path = str(folder / "_truth" / name).replace("'", "''")
        connection.execute(f"copy ({query}) to '{path}.parquet' (format parquet)")
    found = connection.execute(
        "select raw_table, count(*) from dirt_truth group by raw_table"
    )
    return {str(table): int(count) for table, count in found.fetchall()}
