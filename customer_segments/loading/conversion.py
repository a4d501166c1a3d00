"""One file to landing files: its rows as typed rows, or as rejects with a reason."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from customer_segments.loading.casting import (
    SESSION,
    Reading,
    judged_rows,
    landed_rows,
    rejected_rows,
)
from customer_segments.loading.contract import Table
from customer_segments.loading.discovery import (
    Fingerprint,
    FoundFile,
    is_unchanged,
    printable,
)
from customer_segments.loading.inspection import InspectedFile
from customer_segments.loading.landing import (
    Fault,
    SharedKeys,
    StagedFile,
    sizes,
    write_manifest,
)
from customer_segments.loading.plain_text import PlainText
from customer_segments.loading.problems import LoadFailed, Problem, WrongInput
from customer_segments.loading.quoting import quote_name, quote_pattern, quote_text
from customer_segments.loading.readings import (
    merging_of,
    no_row,
    own_rows,
    readings_of,
)
from customer_segments.loading.records import count_records
from customer_segments.loading.textual import (
    REJECT_SCHEMA,
    copy_regular_csv,
    count_parquet_rows,
    read_text_rows,
    split_csv,
    text_name,
)
from customer_segments.loading.tidying import nothing_for, tidied

MEMORY_LIMIT = "1GB"
ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 128 * 1024 * 1024
EXAMPLES = 3
# wider files are read record by record, and only what is used of each
MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class SourceRows:
    """The rows of a file: their independent count, and SQL that reads them.

    `whole_rows` is a Parquet file of records that cannot be one row; `set_aside` reads
    those that are of another table, as the mapping says, or of none: blank ones and
    totals. `unwrapped` counts cells that a spreadsheet's signs stood around.
    """

    rows_in: int
    relation: str
    set_aside: str | None
    readings: list[Reading]
    whole_rows: Path
    unwrapped: int = 0


@contextmanager
def session(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in UTC that spills into the work folder."""
    with duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(work / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    ) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(SESSION)
        yield connection


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    work: Path,
    table: Table,
    inspected: InspectedFile,
    seen: Fingerprint,
    loaded_at: datetime,
) -> StagedFile:
    """Write landed rows, rejects and manifest below the work folder.

    `loaded_at` is in UTC without a zone. WrongInput if the rows cannot be read,
    LoadFailed if they do not add up.
    """
    file = inspected.file
    name = printable(file.name)
    staged = work / seen.load_id
    scratch = work / f"{seen.load_id}.scratch"
    staged.mkdir()
    scratch.mkdir()
    try:
        if inspected.text is not None:
            rows = text_rows(connection, table, inspected, inspected.text, scratch)
        else:
            rows = parquet_rows(connection, table, inspected, scratch)
        rows_set_aside = count_rows(connection, rows.set_aside)
        converted = convert(connection, table, rows, file, seen.size, loaded_at, staged)
    except duckdb.Error as error:
        if inspected.text is not None or is_readable(file.path):
            raise
        raise WrongInput(
            Problem(name, "is damaged inside", "Export or copy it again.")
        ) from error
    told = {**asdict(converted), "rows_set_aside": rows_set_aside}
    if rows.rows_in != sum(told.values()):
        fates = ", ".join(
            f"{count} {fate.removeprefix('rows_').replace('_', ' ')}"
            for fate, count in told.items()
        )
        raise LoadFailed(
            f"{name}: {rows.rows_in} rows were counted, and {fates}. Nothing was"
            " loaded; please report it."
        )
    if not is_unchanged(file, seen):
        raise LoadFailed(f"{name} changed while it was read. Load it again.")
    write_manifest(
        staged,
        {
            "raw_table": table.name,
            "source_file": file.source_name,
            "file_sha256": seen.sha256,
            "file_bytes": seen.size,
            "file_format": inspected.text.format if inspected.text else file.format,
            "mapping_sha256": file.source.digest,
            "rows_in": rows.rows_in,
            **told,
            "loaded_at": loaded_at,
            **sizes(staged),
        },
    )
    for scrap in sorted(scratch.iterdir()):
        scrap.unlink()
    faults = count_faults(
        connection, f"from read_parquet({quote_pattern(staged / 'rejected.parquet')})"
    )
    may_share = not (file.source.rows_per or table.counts_equal_rows)
    return StagedFile(
        file=file,
        load_id=seen.load_id,
        folder=staged,
        rows_in=rows.rows_in,
        rows_set_aside=rows_set_aside,
        rows_merged=converted.rows_merged,
        rows_landed=converted.rows_landed,
        faults=faults,
        cells_unwrapped=rows.unwrapped,
        shared_keys=shared_keys(connection, table, staged) if may_share else None,
    )


@dataclass(frozen=True)
class Converted:
    """What became of the rows that are of the table."""

    rows_landed: int
    rows_rejected: int
    rows_merged: int


def convert(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: SourceRows,
    file: FoundFile,
    size: int,
    loaded_at: datetime,
    staged: Path,
) -> Converted:
    """Write landed.parquet and rejected.parquet; gives the rows of each."""
    landed, rejected = staged / "landed.parquet", staged / "rejected.parquet"
    merging, readings, name = merging_of(file.source), rows.readings, file.source_name
    judged = judged_rows(table, readings, rows.relation, merging)
    group_rows = row_group_rows(size, rows.rows_in)
    accepted = landed_rows(table, readings, judged, loaded_at, name, merging)
    copy_rows(connection, accepted, landed, group_rows)
    rows_landed = count_parquet_rows(landed)
    merged = 0
    if merging is not None:
        whole = f"{judged} select 1 from judged where fault is null"
        merged = count_rows(connection, whole) - rows_landed
    # only rows that did not land are judged again, to say why
    rest = judged_rows(
        table,
        readings,
        f"select * from ({rows.relation}) as own_rows where not exists ("
        f"select 1 from read_parquet({quote_pattern(landed)}) as landed"
        " where landed.source_row = own_rows.source_row)",
        merging,
    )
    whole_rows = f"from read_parquet({quote_pattern(rows.whole_rows)})"
    refused = rejected_rows(table, rest, whole_rows, loaded_at, name)
    if rows_landed == rows.rows_in:
        refused = f"select * from ({refused}) limit 0"
    copy_rows(connection, refused, rejected, group_rows)
    return Converted(rows_landed, count_parquet_rows(rejected), merged)


def shared_keys(
    connection: duckdb.DuckDBPyConnection, table: Table, staged: Path
) -> SharedKeys | None:
    """Rows of a file that share a key and differ, but for versions that say their time.

    Such are rows per line of an order, or per order of a customer, taken for a row per
    thing: all but one would be superseded.
    """
    names = [column.name for column in table.file_columns]
    if any(key not in names for key in table.key):
        return None
    keys = ", ".join(quote_name(key) for key in table.key)
    rows = f"from read_parquet({quote_pattern(staged / 'landed.parquet')})"
    known = " and ".join(f"{quote_name(key)} is not null" for key in table.key)
    (repeated,) = connection.sql(
        f"select count(*) - count(distinct ({keys})) {rows} where {known}"
    ).fetchall()[0]
    others = [name for name in names if name not in (*table.key, "updated_at")]
    if not repeated or not others:
        return None
    is_version = "false"
    if "updated_at" in names:
        is_version = "count(distinct updated_at) = count(*)"
    differ = [
        f"min({quote_name(n)}) is distinct from max({quote_name(n)})" for n in others
    ]
    flags = ", ".join(f"{sql} as d{i}" for i, sql in enumerate(differ))
    told = connection.sql(
        f"""
        select sum(n), {", ".join(f"bool_or(d{i})" for i in range(len(others)))}
        from (
            select count(*) as n, {is_version} as is_version, {flags}
            {rows} where {known} group by {keys} having count(*) > 1
        )
        where not is_version and ({" or ".join(f"d{i}" for i in range(len(others)))})
        """
    ).fetchall()[0]
    if told[0] is None:
        return None
    columns = [n for n, differs in zip(others, told[1:], strict=True) if differs]
    return SharedKeys(table.key, int(told[0]), tuple(columns))


def text_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    inspected: InspectedFile,
    text: PlainText,
    scratch: Path,
) -> SourceRows:
    """The rows as text: DuckDB's reading, or record by record where readers differ."""
    path, delimiter = text.path, text.delimiter
    cells, whole_rows = scratch / "text.parquet", scratch / "whole_rows.parquet"
    counted = count_records(path, inspected.width, delimiter=delimiter)
    width = inspected.width + counted.trailing
    positions = list(range(width))
    is_plain = (
        counted.is_regular
        and width <= MOST_COLUMNS
        and copy_regular_csv(connection, path, width, cells, delimiter)
        and count_parquet_rows(cells) == counted.records
    )
    if is_plain:
        pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
    else:
        if width > MOST_COLUMNS:
            used = [*inspected.fields.values(), *inspected.parts.values()]
            positions = sorted({field.position for field in used})
        split_csv(path, positions, width, cells, whole_rows, delimiter=delimiter)
    names = [text_name(position) for position in range(width)]
    there = [names[position] for position in positions]
    relation, unwrapped = tidied(
        connection,
        read_text_rows(cells, has_row_numbers=not is_plain),
        there,
        inspected.file.source.nulls,
    )
    # most files have none, and need not be asked again and again
    blank: str | None = no_row(table, inspected, there)
    if count_rows(connection, f"select 1 from ({relation}) where {blank}") == 0:
        blank = None
    relation, set_aside = own_rows(relation, table, inspected, names, blank)
    readings = readings_of(table, inspected, names, ["VARCHAR"] * width)
    return SourceRows(
        counted.records, relation, set_aside, readings, whole_rows, unwrapped
    )


def parquet_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    inspected: InspectedFile,
    scratch: Path,
) -> SourceRows:
    """The rows of a Parquet file in its own types, counted by the footer."""
    path = quote_pattern(inspected.file.path)
    described = connection.sql(
        f"describe from read_parquet({path}, hive_partitioning = false)"
    ).fetchall()
    names, types = [row[0] for row in described], [row[1] for row in described]
    texts = [name for name, kind in zip(names, types, strict=True) if kind == "VARCHAR"]
    told = (
        f"select file_row_number + 1 as source_row, * from read_parquet({path},"
        " file_row_number = true, hive_partitioning = false)"
    )
    relation, set_aside = own_rows(
        nothing_for(told, texts, inspected.file.source.nulls),
        table,
        inspected,
        names,
        None,
    )
    readings = readings_of(table, inspected, names, types)
    whole_rows = scratch / "whole_rows.parquet"
    pq.write_table(REJECT_SCHEMA.empty_table(), whole_rows)
    rows_in = count_parquet_rows(inspected.file.path)
    return SourceRows(rows_in, relation, set_aside, readings, whole_rows)


def row_group_rows(size: int, rows: int) -> int:
    """Rows a Parquet row group, so that wide rows do not fill the memory."""
    average = max(1, 4 * size // max(1, rows))
    return max(2048, min(ROW_GROUP_ROWS, ROW_GROUP_BYTES // average))


def copy_rows(
    connection: duckdb.DuckDBPyConnection, query: str, target: Path, group_rows: int
) -> None:
    """Write a query's rows as Parquet, in their order."""
    connection.execute(
        f"copy ({query}) to {quote_text(str(target))}"
        f" (format parquet, compression zstd, row_group_size {group_rows})"
    )


def count_rows(connection: duckdb.DuckDBPyConnection, query: str | None) -> int:
    """Rows of a query; none without one."""
    if query is None:
        return 0
    (count,) = connection.sql(f"select count(*) from ({query})").fetchall()[0]
    return int(count)


def count_faults(
    connection: duckdb.DuckDBPyConnection,
    rejects: str,
    values: Mapping[str, object] | None = None,
) -> tuple[Fault, ...]:
    """Rejects by reason and column, the most frequent first; `rejects` is a query."""
    return tuple(
        Fault(reason, column, count, tuple(examples))
        for reason, column, count, examples in connection.execute(
            f"""
            select
                reason,
                column_name,
                count(*),
                coalesce(
                    list(masked_value order by source_row)
                        filter (where masked_value is not null)[:{EXAMPLES}],
                    []
                )
            from ({rejects})
            group by reason, column_name
            order by count(*) desc, reason, column_name
            """,
            values or {},
        ).fetchall()
    )


def is_readable(path: Path) -> bool:
    """Whether every row of a Parquet file can be read by another reader."""
    try:
        with pq.ParquetFile(path) as parquet:
            for batch in parquet.iter_batches():
                batch.validate(full=True)
    except (pa.ArrowException, OSError):
        return False
    return True
