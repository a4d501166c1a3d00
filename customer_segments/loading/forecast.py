"""What a build would do with files that are not loaded yet: the build is asked."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unicodedata import normalize

import duckdb

from customer_segments.loading.contract import Table
from customer_segments.loading.conversion import count_faults, session
from customer_segments.loading.discovery import printable
from customer_segments.loading.landing import Fault, StagedFile
from customer_segments.loading.problems import LoadFailed
from customer_segments.loading.quoting import quote_name, quote_pattern
from customer_segments.loading.reporting import Fates, landed_path
from customer_segments.places import ROOT, environment

COUNTRIES = ROOT / "seeds" / "country_aliases.csv"
MOST_WORDS = 12
# reasons about a vocabulary beside those that begin with unknown_
OF_WORDS = ("no_rate",)


def link_landed(landing: Path, trial: Path) -> None:
    """Let a trial landing folder hold what is landed already."""
    if not landing.is_dir():
        return
    for path in sorted(landing.glob("*/*.parquet")):
        folder = trial / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).symlink_to(path.resolve())


def forecast(
    trial: Path,
    tables: Mapping[str, Table],
    staged: Sequence[StagedFile],
    loaded_at: datetime,
) -> tuple[list[Fates], list[str]]:
    """The fates of each file's rows, and what is odd about all of them. LoadFailed.

    `loaded_at` tells them from rows of an earlier file of the same name.
    """
    # importing dbt takes seconds, which only a forecast is worth
    from customer_segments.building import run_dbt

    database = trial / "trial.duckdb"
    with environment({"WAREHOUSE_PATH": str(database)}):
        outcome = run_dbt(
            "build",
            *("--select", "+quarantined_rows", "+order_line_gaps"),
            *("--resource-type", "model", "--resource-type", "seed"),
            *("--target-path", str(trial / "target")),
            *("--log-path", str(trial / "logs")),
            variables={"landing_dir": str(trial), "raw_tables": {}},
        )
    if not outcome.success:
        raise LoadFailed("the files were read, but could not be judged; see above.")
    with duckdb.connect(str(database), read_only=True) as connection:
        fates = [
            fates_of(connection, trial, tables[one.file.table], one, loaded_at)
            for one in staged
        ]
        has_orders = {one.file.table for one in staged} & {"orders", "order_items"}
        return fates, line_gaps(connection) if has_orders else []


def null_words(
    trial: Path, tables: Mapping[str, Table], staged: Sequence[StagedFile]
) -> list[str]:
    """What is said of columns of text in which words stand for nothing."""
    told = []
    with session(trial) as connection:
        for one in staged:
            names = [
                column.name
                for column in tables[one.file.table].file_columns
                if column.data_type == "string" and not column.is_object
            ]
            parts = " union all ".join(
                f"select trim({quote_name(name)}) as word"
                f" from landed where is_null_word({quote_name(name)})"
                for name in names
            )
            path = quote_pattern(landed_path(trial, one))
            found = connection.sql(
                f"with landed as (from read_parquet({path})) select word, count(*)"
                f" from ({parts}) group by word order by 2 desc, 1"
            ).fetchall()
            if found:
                words = ", ".join(f"'{word}'" for word, _ in found)
                told.append(
                    f"{printable(one.file.source_name)} → {one.file.table}:"
                    f" {sum(count for _, count in found):,} cells hold {words}; if they"
                    f" mean nothing, say nulls: [{words}] in the mapping."
                )
    return told


def unknown_countries(trial: Path, staged: Sequence[StagedFile]) -> list[str]:
    """What is said of countries that are no ISO code and no name that is known."""
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        known = {row["alias"] for row in csv.DictReader(file)}
    told = []
    with session(trial) as connection:
        for one in staged:
            if one.file.table != "customers":
                continue
            path = quote_pattern(landed_path(trial, one))
            counts = connection.sql(
                "select trim(country), count(*) from"
                f" read_parquet({path}) where trim(country) <> '' group by 1 order by 1"
            ).fetchall()
            strange = {
                word: count for word, count in counts if spelling(word) not in known
            }
            if strange:
                is_vocabulary = len(strange) <= MOST_WORDS
                words = ", ".join(printable(word) for word in strange)
                told.append(
                    f"{printable(one.file.source_name)} → customers:"
                    f" {sum(strange.values()):,} rows name a country that is not known"
                    f"{f' ({words})' if is_vocabulary else ''}: map it to its ISO code"
                    " under values, such as {EIRE: IE}."
                )
    return told


def spelling(word: str) -> str:
    """A name of a country as the macro `region_spelling` leaves it."""
    return re.sub(r"[\s.\-\u200b-\u200d\ufeff]+", "", normalize("NFC", word)).lower()


def line_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What is said of orders that are not worth what their lines come to."""
    return [
        f"{gaps:,} of {count:,} orders in {currency} ({share:.0%}) are not worth what"
        f" their lines come to, {gross:,.0f} against {lines:,.0f} {currency} in all: is"
        " gross_amount the price of one line? The table order_line_gaps has it."
        for gaps, count, currency, share, gross, lines in connection.sql(
            """
            select
                gap_count, order_count, currency, gap_share, gross_amount, line_amount
            from order_line_gaps
            where is_suspicious
            order by gap_count desc, currency
            """
        ).fetchall()
    ]


def fates_of(
    connection: duckdb.DuckDBPyConnection,
    trial: Path,
    table: Table,
    staged: StagedFile,
    loaded_at: datetime,
) -> Fates:
    """The fates of one file's rows."""
    origin = {"source_file": staged.file.source_name, "loaded_at": loaded_at}
    states = dict(
        connection.execute(
            f"""
            select row_state, count(*)
            from main_staging.stg_{staged.file.table}
            where source_file = $source_file and loaded_at = $loaded_at
            group by row_state
            """,
            origin,
        ).fetchall()
    )
    faults = count_faults(
        connection,
        """
        from quarantined_rows
        where
            raw_table = $raw_table
            and source_file = $source_file
            and loaded_at = $loaded_at
        """,
        {"raw_table": staged.file.table, **origin},
    )
    return Fates(
        states.get("kept", 0),
        states.get("superseded", 0),
        states.get("not_yet", 0),
        tuple(
            replace(
                fault,
                examples=unknown_words(connection, trial, table, staged, fault)
                or fault.examples,
            )
            for fault in faults
        ),
    )


def unknown_words(
    connection: duckdb.DuckDBPyConnection,
    trial: Path,
    table: Table,
    staged: StagedFile,
    fault: Fault,
) -> tuple[str, ...]:
    """The words that are not known, the most frequent first, to be mapped.

    Words of a vocabulary are nobody's; a column of many words, or of words with digits
    or @, is none and stays masked.
    """
    column = next((c for c in table.file_columns if c.name == fault.column), None)
    is_vocabulary = fault.reason.startswith("unknown_") or fault.reason in OF_WORDS
    if not is_vocabulary or column is None or column.config.meta.pii:
        return ()
    path = quote_pattern(landed_path(trial, staged))
    words = connection.execute(
        f"""
        select landed.{quote_name(column.name)}::varchar as word, count(*) as row_count
        from read_parquet({path}) as landed
        inner join quarantined_rows
            on
                landed.source_file = quarantined_rows.source_file
                and landed.source_row = quarantined_rows.source_row
                and landed.loaded_at = quarantined_rows.loaded_at
        where
            quarantined_rows.raw_table = $raw_table
            and quarantined_rows.reason = $reason
            and quarantined_rows.column_name = $column_name
            and word is not null
        group by word
        order by row_count desc, word
        """,
        {
            "raw_table": table.name,
            "reason": fault.reason,
            "column_name": column.name,
        },
    ).fetchall()
    if len(words) > MOST_WORDS or any(re.search(r"[\d@]", word) for word, _ in words):
        return ()
    return tuple(printable(word) for word, _ in words)
