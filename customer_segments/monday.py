"""Answer the twelve questions of a Monday morning from a built warehouse."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from customer_segments.build_record import NotReadable, opened_build, refusal
from customer_segments.places import ROOT, database
from customer_segments.terminal import console, table
from customer_segments.yaml_files import known_yaml

QUESTIONS = ROOT / "analyses" / "monday"
ROWS_SHOWN = 12


@dataclass(frozen=True)
class Question:
    """A question in both languages and the query that answers it."""

    name: str
    en: str
    ko: str
    sql: str


def questions(folder: Path = QUESTIONS) -> Iterator[Question]:
    """The questions of a folder in their order."""
    described = known_yaml(folder / "monday.yml")
    for one in described["analyses"]:
        asked = one["config"]["meta"]["question"]
        sql = (folder / f"{one['name']}.sql").read_text("utf-8")
        yield Question(one["name"], asked["en"], asked["ko"], sql)


def answer(
    connection: duckdb.DuckDBPyConnection, question: Question
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Columns and rows of an answer; duckdb.Error when a table is missing."""
    result = connection.execute(question.sql)
    return [column[0] for column in result.description or []], result.fetchall()


def main(argv: Sequence[str] | None = None) -> int:
    """Print the answers; 0 done, 2 no warehouse or an old one, 75 busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument(
        "--rows", type=int, default=ROWS_SHOWN, help="rows of an answer to print"
    )
    options = parser.parse_args(argv)
    path, out = options.database.resolve(), console()
    try:
        with opened_build(path, out) as (connection, _):
            for number, question in enumerate(questions(), start=1):
                columns, rows = answer(connection, question)
                out.print(f"\n[bold]{number}. {question.en}\n   {question.ko}[/]")
                heads = [column.replace("_", " ") for column in columns]
                out.print(table("", heads, rows[: options.rows]))
                if len(rows) > options.rows:
                    left = len(rows) - options.rows
                    where = f"analyses/monday/{question.name}.sql"
                    out.print(f"[dim]… and {left:,} more: {where}[/]")
                if not rows:
                    out.print("[dim]nothing / 없음[/]")
    except (NotReadable, duckdb.CatalogException) as error:
        return refusal(path, error)
    return 0
