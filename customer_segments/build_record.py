"""What the last build says of itself, and the one way to open it for reading."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from rich.console import Console

from customer_segments.loading.quoting import quote_name, quote_text
from customer_segments.places import ROOT
from customer_segments.warehouse_file import attach, held, is_lock, said
from customer_segments.wording import Spoken

SHOWN = {
    "en": ("A whole build, as of {}, every test passed.", "Not a whole build: {}."),
    "ko": ("{} 기준 완전한 빌드, 모든 테스트 통과.", "완전하지 않은 빌드입니다: {}."),
}

BUILD_FIRST = {
    "en": "Run dbt build first.",
    "ko": "먼저 dbt build를 실행하세요.",
}


class NotReadable(Spoken):
    """The warehouse cannot be read; `code` is the exit code that says so."""

    def __init__(self, en: str, ko: str, code: int) -> None:
        super().__init__(en, ko)
        self.code = code


@dataclass(frozen=True)
class BuildRecord:
    """Whether the last build is whole: all of one day, and every test passed."""

    is_whole: bool
    reason: str
    as_of: date | None


def read_record(connection: duckdb.DuckDBPyConnection, catalog: str) -> BuildRecord:
    """The record of an attached build; one that has none is not whole."""
    try:
        row = connection.sql(
            "select state = 'whole', reason, as_of_date"
            f" from {quote_name(catalog)}.main.build_record"
        ).fetchone()
    except duckdb.CatalogException:
        row = None
    if row is None:
        return BuildRecord(False, "none of this version has ended here", None)
    return BuildRecord(*row)


@contextmanager
def opened_build(
    path: Path, out: Console | None = None, language: str = "en"
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A database in memory that uses a build, and the build's name in it; NotReadable.

    Says on a console in a line what is shown.
    """
    if not path.is_file():
        raise NotReadable(
            f"{path} is not there: run make demo or dbt build",
            f"{path} 파일이 없습니다. 먼저 make demo 또는 dbt build를 실행하세요",
            2,
        )
    with duckdb.connect(":memory:") as connection:
        name = path.stem
        try:
            attach(connection, path, name)
        except duckdb.Error as error:
            if is_lock(error):
                raise NotReadable(
                    str(held(path, error)),
                    f"{path} 파일을 다른 프로세스가 쓰고 있습니다. 닫거나 잠시 후 다시 "
                    "시도하세요",
                    75,
                ) from None
            raise NotReadable(
                said(path, error),
                f"{path} 파일을 DuckDB 데이터베이스로 열 수 없습니다: "
                f"{str(error).splitlines()[0]}. WAREHOUSE_PATH에 다른 파일을 적거나, "
                "파일을 옮기고 다시 빌드하세요",
                2,
            ) from None
        # views of the warehouse may name files from the project's root
        connection.sql(f"set file_search_path = {quote_text(str(ROOT))}")
        connection.sql(f"use {quote_name(name)}")
        if out is not None:
            say(read_record(connection, name), out, language)
        yield connection, name


def refusal(path: Path, error: NotReadable | duckdb.Error, language: str = "en") -> int:
    """Say why a warehouse cannot be read, or what it lacks; the exit code."""
    if isinstance(error, NotReadable):
        print(error.said(language), file=sys.stderr)
        return error.code
    reason = str(error).splitlines()[0]
    print(f"{path}: {reason}. {BUILD_FIRST[language]}", file=sys.stderr)
    return 2


def say(record: BuildRecord, out: Console, language: str = "en") -> None:
    """In one line what a reader shows."""
    whole, unwhole = SHOWN[language]
    if record.is_whole:
        out.print(whole.format(record.as_of), style="dim")
    else:
        out.print(
            unwhole.format(record.reason),
            style="bold yellow",
            markup=False,
            soft_wrap=True,
        )
