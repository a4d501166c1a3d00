"""Answer the twelve questions of a Monday morning from a built warehouse."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from customer_segments.build_record import NotReadable, opened_build, refusal
from customer_segments.missing import what_to_load
from customer_segments.names import Names
from customer_segments.places import ROOT, database
from customer_segments.terminal import console, shown, table
from customer_segments.wording import LANGUAGES, percent
from customer_segments.yaml_files import known_yaml

QUESTIONS = ROOT / "analyses" / "monday"
ROWS_SHOWN = 12
NUMBERS = ("money", "share", "change", "moved")
TEXTS = {
    "en": {"more": "{shown} of {rows} rows are listed; all: {file}", "none": "nothing"},
    "ko": {"more": "{rows}행 중 {shown}행 표시. 전체: {file}", "none": "없음"},
}


@dataclass(frozen=True)
class Question:
    """A question in both languages, the query that answers it, and how it is shown."""

    name: str
    asked: Mapping[str, str]
    sql: str
    columns: Mapping[str, Mapping[str, Any]]
    total: Mapping[str, str] | None


def questions(folder: Path = QUESTIONS) -> Iterator[Question]:
    """The questions of a folder in their order."""
    described = known_yaml(folder / "monday.yml")
    for one in described["analyses"]:
        meta = one["config"]["meta"]
        sql = (folder / f"{one['name']}.sql").read_text("utf-8")
        yield Question(
            one["name"], meta["question"], sql, meta["columns"], meta.get("total")
        )


def answer(
    connection: duckdb.DuckDBPyConnection, question: Question
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Columns and rows of an answer; duckdb.Error when a table is missing."""
    result = connection.execute(question.sql)
    return [column[0] for column in result.description or []], result.fetchall()


def heading(told: Mapping[str, Any], names: Names) -> str:
    """What a column is called: its own words, or the label of what it counts."""
    for vocabulary, value in told.get("named_as", {}).items():
        return names.label(vocabulary, value)
    return str(told[names.language])


def worded(value: Any, told: Mapping[str, Any], names: Names) -> object:
    """A value as it is shown in its column."""
    language, how = names.language, told.get("shown")
    if value is None or isinstance(value, bool):
        return shown(value, language)
    if "named" in told:
        return names.label(told["named"], value)
    if value in told.get("words", {}):
        return told["words"][value][language]
    if how == "money":
        return names.currency.shown(value, language)
    if how in ("share", "change"):
        return percent(value, is_signed=how == "change")
    if how == "moved":
        return f"{value:+,}"
    return what_to_load(value, language) if how == "missing" else value


def total(
    question: Question, columns: list[str], rows: list[tuple[Any, ...]], language: str
) -> str | None:
    """What all rows of an answer come to, in words."""
    if question.total is None:
        return None
    of = question.total.get("of")
    count = sum(row[columns.index(of)] or 0 for row in rows) if of else len(rows)
    return question.total[language].format(count=f"{count:,}")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the answers; 0 done, 2 no warehouse or an old one, 75 busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=database())
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    parser.add_argument(
        "--rows", type=int, default=ROWS_SHOWN, help="rows of an answer to print"
    )
    options = parser.parse_args(argv)
    path, out, language = options.database.resolve(), console(), options.lang
    texts = TEXTS[language]
    try:
        with opened_build(path, out, language) as (connection, _):
            names = Names(connection, language)
            for number, question in enumerate(questions(), start=1):
                columns, rows = answer(connection, question)
                # of a column in both languages, that of the language
                places = {
                    name: columns.index(
                        name if name in columns else f"{name}_{language}"
                    )
                    for name in question.columns
                }
                told = list(question.columns.values())
                out.print(f"\n[bold]{number}. {question.asked[language]}[/]")
                if not rows:
                    out.print(f"[dim]{texts['none']}[/]")
                    continue
                out.print(
                    table(
                        "",
                        [heading(one, names) for one in told],
                        [
                            [
                                worded(row[place], one, names)
                                for place, one in zip(
                                    places.values(), told, strict=True
                                )
                            ]
                            for row in rows[: options.rows]
                        ],
                        numbers=[
                            place
                            for place, one in enumerate(told)
                            if one.get("shown") in NUMBERS
                        ],
                    )
                )
                lines = [total(question, columns, rows, language)]
                if len(rows) > options.rows:
                    lines.append(
                        texts["more"].format(
                            shown=options.rows,
                            rows=f"{len(rows):,}",
                            file=f"analyses/monday/{question.name}.sql",
                        )
                    )
                for line in filter(None, lines):
                    out.print(f"[dim]{line}[/]")
    except (NotReadable, duckdb.CatalogException) as error:
        return refusal(path, error, language)
    return 0
