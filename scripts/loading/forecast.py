"""What a build would do with files that are not loaded yet: the build is asked."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from scripts.loading.contract import Table
from scripts.loading.discovery import printable
from scripts.loading.landing import Fault, StagedFile
from scripts.loading.problems import LoadFailed
from scripts.loading.quoting import quote_name, quote_pattern
from scripts.loading.reporting import Fates
from scripts.places import ROOT

EXAMPLES = 3
MOST_WORDS = 12


def link_landed(landing: Path, trial: Path) -> None:
    """Let a trial landing folder hold what is landed already."""
    if not landing.is_dir():
        return
    for path in sorted(landing.glob("*/*.parquet")):
        folder = trial / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).symlink_to(path.resolve())


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def forecast(
    trial: Path,
    tables: Mapping[str, Table],
    staged: Sequence[StagedFile],
    loaded_at: datetime,
) -> list[Fates]:
    """The fates of each file's rows, by the models that judge them. LoadFailed.

    `loaded_at` tells them from rows of an earlier file of the same name.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    database = trial / "trial.duckdb"
    variables = {"landing_dir": str(trial), "raw_tables": {}}
    with environment(WAREHOUSE_PATH=str(database)):
        outcome = dbtRunner().invoke(
            [
                *("build", "--quiet", "--select", "+quarantined_rows"),
                *("--resource-type", "model", "--resource-type", "seed"),
                *("--vars", json.dumps(variables)),
                *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                *("--target-path", str(trial / "target")),
                *("--log-path", str(trial / "logs")),
            ]
        )
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise LoadFailed("the files were read, but could not be judged; see above.")
    with duckdb.connect(str(database), read_only=True) as connection:
        return [
            fates_of(connection, trial, tables[one.file.table], one, loaded_at)
            for one in staged
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
    faults = connection.execute(
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
        from quarantined_rows
        where
            raw_table = $raw_table
            and source_file = $source_file
            and loaded_at = $loaded_at
        group by reason, column_name
        order by count(*) desc, reason, column_name
        """,
        {"raw_table": staged.file.table, **origin},
    ).fetchall()
    return Fates(
        states.get("kept", 0),
        states.get("superseded", 0),
        states.get("not_yet", 0),
        tuple(
            Fault(
                reason,
                column,
                rows,
                unknown_words(connection, trial, table, staged, reason, column)
                or tuple(examples),
            )
            for reason, column, rows, examples in faults
        ),
    )


def unknown_words(
    connection: duckdb.DuckDBPyConnection,
    trial: Path,
    table: Table,
    staged: StagedFile,
    reason: str,
    name: str | None,
) -> tuple[str, ...]:
    """The words that are not known, the most frequent first, to be mapped.

    Words of a vocabulary are nobody's; a column of many words, or of words with digits
    or @, is none and stays masked.
    """
    column = next((c for c in table.file_columns if c.name == name), None)
    if not reason.startswith("unknown_") or column is None or column.config.meta.pii:
        return ()
    path = quote_pattern(trial / table.name / f"{staged.load_id}.parquet")
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
        {"raw_table": table.name, "reason": reason, "column_name": column.name},
    ).fetchall()
    if len(words) > MOST_WORDS or any(re.search(r"[\d@]", word) for word, _ in words):
        return ()
    return tuple(printable(word) for word, _ in words)
