"""What a load did, and what it would do, as tables for people."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console

from customer_segments.loading.casting import MASK_LENGTH, mask
from customer_segments.loading.columns import folded
from customer_segments.loading.contract import Column, Table
from customer_segments.loading.conversion import session
from customer_segments.loading.discovery import printable
from customer_segments.loading.inspection import InspectedFile
from customer_segments.loading.landing import Fault, StagedFile
from customer_segments.loading.loader import LoadReport
from customer_segments.loading.quoting import quote_name, quote_pattern, quote_text
from customer_segments.places import ROOT
from customer_segments.terminal import table

REMEDIES = ROOT / "seeds" / "fault_reasons.csv"
LOADED = [
    *("table", "files", "rows in", "landed", "merged", "quarantined", "set aside"),
]
SAMPLE_ROWS = 3
MOST_LINES = 60
PERSONAL = (
    r"@|01[016789]\.[0-9]{3,4}\.[0-9]{4}"
    r"|(^|[^0-9.])(\+?82[- ]?)?0?1[016789][- ]?[0-9]{3,4}[- ]?[0-9]{4}([^0-9]|$)"
)


@dataclass(frozen=True)
class Fates:
    """What becomes of a file's rows in a build."""

    kept: int
    superseded: int
    not_yet: int
    faults: tuple[Fault, ...]


@cache
def remedies() -> dict[str, str]:
    """What to do about each reason."""
    with REMEDIES.open(encoding="utf-8", newline="") as file:
        return {row["reason"]: row["remedy_en"] for row in csv.DictReader(file)}


def print_load(console: Console, report: LoadReport) -> None:
    """Files and rows per raw table, extra columns, and the faults of each file."""
    for name, extra_names in extras(report).items():
        if extra_names:
            console.print(
                f"{printable(name)}: not in the contract, not loaded:"
                f" {', '.join(extra_names)}",
                markup=False,
                soft_wrap=True,
            )
    print_skipped(console, report)
    print_unwrapped(console, report)
    if report.staged:
        console.print(table("Loaded", LOADED, totals(report.staged)))
    print_shared(console, report)
    print_faults(
        console,
        [
            (printable(s.file.source_name), s.file.table, s.faults)
            for s in report.staged
        ],
    )


def print_skipped(console: Console, report: LoadReport) -> None:
    """How many files are loaded already."""
    if report.skipped:
        console.print(f"already loaded: {len(report.skipped)} files")


def print_unwrapped(console: Console, report: LoadReport) -> None:
    """How many cells of each file lost what a spreadsheet had put around them."""
    cells: Counter[str] = Counter()
    for staged in report.staged:
        cells[staged.file.name] = max(cells[staged.file.name], staged.cells_unwrapped)
    for name, count in cells.items():
        if count:
            console.print(
                f"{printable(name)}: {count:,} cells are read without the"
                ' ="…" or the apostrophe around them',
                markup=False,
                soft_wrap=True,
            )


def print_shared(console: Console, report: LoadReport) -> None:
    """Per file, its rows that would take each other's place, and how they differ."""
    for staged in report.staged:
        if staged.shared_keys is not None:
            console.print(
                f"{printable(staged.file.source_name)} → {staged.file.table}:"
                f" {staged.shared_keys.rows:,} of {staged.own_rows:,} rows"
                f" {staged.shared_keys}",
                markup=False,
                soft_wrap=True,
            )


def extras(report: LoadReport) -> dict[str, list[str]]:
    """Per file, its columns that no table is made of and nobody ignores on purpose.

    What was made of it in an earlier load counts too.
    """
    unread: dict[str, list[str]] = {}
    for one in report.inspected:
        before = unread.get(one.file.name, list(one.extra_names))
        unread[one.file.name] = [name for name in before if name in one.extra_names]
    for file in report.skipped:
        told = [*file.source.named, *file.source.ignore]
        spoken_of = {folded(name).partition(".")[0] for name in told}
        unread[file.name] = [
            name for name in unread.get(file.name, []) if folded(name) not in spoken_of
        ]
    return unread


def totals(staged: Iterable[StagedFile]) -> list[list[object]]:
    """Files, rows in, landed, quarantined and set aside per raw table, sorted."""
    sums: dict[str, Counter[str]] = {}
    for one in staged:
        sums.setdefault(one.file.table, Counter()).update(
            files=1,
            rows_in=one.rows_in,
            landed=one.rows_landed,
            merged=one.rows_merged,
            quarantined=sum(fault.rows for fault in one.faults),
            set_aside=one.rows_set_aside,
        )
    keys = [column.replace(" ", "_") for column in LOADED[1:]]
    return [[name, *(sums[name][key] for key in keys)] for name in sorted(sums)]


def print_faults(
    console: Console, files: Sequence[tuple[str, str, Sequence[Fault]]]
) -> None:
    """Per file, raw table and reason: how many rows, three examples, what to do."""
    if sum(len(faults) for *_, faults in files) > MOST_LINES:
        files = joined(files)
    rows = [
        [
            f"{name}\n→ {raw_table}",
            fault.reason + (f"\n{fault.column}" if fault.column else ""),
            fault.rows,
            "\n".join(fault.examples),
            remedies().get(fault.reason, ""),
        ]
        for name, raw_table, faults in files
        for fault in faults
    ]
    if rows:
        columns = ["file", "reason", "rows", "such as (masked)", "remedy"]
        console.print(table("\nQuarantined", columns, rows))


def joined(
    files: Sequence[tuple[str, str, Sequence[Fault]]],
) -> list[tuple[str, str, list[Fault]]]:
    """The faults of many files per raw table; `load_report` keeps them per file."""
    found: dict[str, dict[tuple[str, str | None], list[Fault]]] = {}
    counts: Counter[str] = Counter()
    for _, raw_table, faults in files:
        counts[raw_table] += 1
        for fault in faults:
            alike = found.setdefault(raw_table, {})
            alike.setdefault((fault.reason, fault.column), []).append(fault)
    return [
        (
            f"{counts[raw_table]} files",
            raw_table,
            sorted(
                (
                    Fault(
                        reason, column, sum(f.rows for f in faults), faults[0].examples
                    )
                    for (reason, column), faults in alike.items()
                ),
                key=lambda fault: (-fault.rows, fault.reason, fault.column or ""),
            ),
        )
        for raw_table, alike in sorted(found.items())
    ]


def print_check(
    console: Console,
    report: LoadReport,
    landing: Path,
    tables: dict[str, Table],
    fates: Sequence[Fates],
    oddities: Sequence[str],
) -> None:
    """Per file: its columns, a masked sample, and what would become of its rows."""
    unread = extras(report)
    print_skipped(console, report)
    print_unwrapped(console, report)
    for inspected, staged in zip(report.inspected, report.staged, strict=True):
        source = inspected.file.source
        text = inspected.text
        how = inspected.file.format if text is None else text.format
        if text is not None and text.format == "csv":
            how = f"{source.encoding}, separated by {text.delimiter!r}"
        how = ", ".join([how, *(text.notes if text is not None else [])])
        rows, missing = described_columns(
            landing, tables[inspected.file.table], staged, inspected
        )
        samples = [f"row {number}" for number in range(1, SAMPLE_ROWS + 1)]
        console.print(
            table(
                f"\n{printable(inspected.file.source_name)} →"
                f" {inspected.file.table}: {how},"
                f" {len(inspected.names)} columns, {staged.rows_in:,} rows",
                ["our column", "comes from", *samples],
                rows,
            )
        )
        for label, names in {
            "not filled": missing,
            "extra, not loaded": unread[inspected.file.name],
            "ignored on purpose": source.ignore,
        }.items():
            if names:
                console.print(
                    f"{label}: {', '.join(printable(name) for name in names)}",
                    markup=False,
                )
    print_shared(console, report)
    columns = ["file", "table", "rows", "kept", "superseded", "merged", "not yet"]
    console.print(
        table(
            "\nWhat a build would do with them",
            [*columns, "quarantined", "set aside"],
            [
                [
                    printable(staged.file.source_name),
                    staged.file.table,
                    staged.rows_in,
                    fate.kept,
                    fate.superseded,
                    staged.rows_merged,
                    fate.not_yet,
                    sum(fault.rows for fault in fate.faults),
                    staged.rows_set_aside,
                ]
                for staged, fate in zip(report.staged, fates, strict=True)
            ],
        )
    )
    for oddity in oddities:
        console.print(oddity, markup=False, soft_wrap=True)
    print_faults(
        console,
        [
            (printable(staged.file.source_name), staged.file.table, fate.faults)
            for staged, fate in zip(report.staged, fates, strict=True)
        ],
    )


def described_columns(
    landing: Path, contract: Table, staged: StagedFile, inspected: InspectedFile
) -> tuple[list[list[object]], list[str]]:
    """Our columns with their origin and masked values; those that nothing fills."""
    source = inspected.file.source
    origins: dict[str, str] = {
        ours: printable(inspected.names[field.position].strip())
        + "".join(f".{part}" for part in field.path)
        for ours, field in inspected.fields.items()
    }
    for ours, key in source.derived.items():
        told = getattr(source, key)[ours]
        shown = told if isinstance(told, str) else ", ".join(told)
        origins[ours] = f"{key}: {shown}"
    filled = [column for column in contract.file_columns if column.name in origins]
    texts = [
        f"{quote_name(c.name)}::varchar" + (" || ' UTC'" if is_time(c) else "")
        for c in filled
    ]
    values = [
        mask(text, column.is_personal) if column.config.meta.pii else visible(text)
        for column, text in zip(filled, texts, strict=True)
    ]
    path = landed_path(landing, staged)
    with session(landing) as connection:
        sample = connection.sql(
            f"select {', '.join(values)} from read_parquet({quote_pattern(path)})"
            f" order by source_row limit {SAMPLE_ROWS}"
        ).fetchall()
    rows: list[list[object]] = []
    for index, column in enumerate(filled):
        shown_values = [
            None if row[index] is None else printable(row[index]) for row in sample
        ]
        shown_values += [""] * (SAMPLE_ROWS - len(shown_values))
        rows.append([column.name, origins[column.name], *shown_values])
    missing = [c.name for c in contract.file_columns if c.name not in origins]
    return rows, missing


def visible(text: str) -> str:
    """SQL for a value that is nobody's; masked if it looks like somebody's after all.

    A column of the file may have been taken for another.
    """
    cut = f"left({text}, {MASK_LENGTH})"
    return (
        f"case when regexp_matches({text}, {quote_text(PERSONAL)})"
        f" then {mask(text, False)} else {cut} end"
    )


def is_time(column: Column) -> bool:
    """Whether a column holds times, which land in UTC."""
    return column.data_type == "timestamp"


def landed_path(landing: Path, staged: StagedFile) -> Path:
    """Where the rows of a published file lie."""
    return landing / staged.file.table / f"{staged.load_id}.parquet"
