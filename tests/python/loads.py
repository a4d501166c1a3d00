"""The loader, run on a mapping and files that a test writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb
import pytest

from customer_segments.loading import load_raw

LOADED_AT = "2026-07-01T00:00:00Z"

Run = Callable[..., "Outcome"]


def read_landed(
    landing: Path, table: str, columns: str = "*"
) -> list[tuple[object, ...]]:
    """Rows of a table of a landing folder, file by file."""
    return [
        row
        for file in sorted((landing / table).glob("*.parquet"))
        for row in duckdb.read_parquet(str(file)).project(columns).fetchall()
    ]


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left and said."""

    code: int
    out: str
    err: str
    landing: Path

    def rows(self, table: str, columns: str = "*") -> list[tuple[object, ...]]:
        """Rows of a landed table, load_rejects or load_manifest, as they lie there."""
        return read_landed(self.landing, table, columns)

    def rejects(self) -> list[tuple[object, ...]]:
        """Row, column and reason of what was rejected."""
        return sorted(self.rows("load_rejects", "source_row, column_name, reason"))

    def files(self) -> dict[str, bytes]:
        """Every file of the landing folder and its bytes."""
        return {
            path.relative_to(self.landing).as_posix(): path.read_bytes()
            for path in sorted(self.landing.rglob("*"))
            if path.is_file()
        }

    def fates(self, column: str) -> list[object]:
        """By row of the file: the value that landed, or why the row was rejected."""
        landed = self.rows("orders", f"source_row, {column}")
        rejected = self.rows("load_rejects", "source_row, reason")
        return [
            fate
            for _, fate in sorted(
                [*landed, *rejected], key=lambda r: str(r[0]).zfill(9)
            )
        ]


def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Writes a mapping and files into a folder, then runs the command on it."""

    def command(
        mapping: str | None, files: dict[str, bytes | str], *options: str
    ) -> Outcome:
        source, landing = tmp_path / "in", tmp_path / "landing"
        source.mkdir(exist_ok=True)
        written = dict(files)
        if mapping is not None:
            written["mapping.yml"] = dedent(mapping)
        for name, content in written.items():
            (source / name).parent.mkdir(exist_ok=True, parents=True)
            raw = content if isinstance(content, bytes) else content.encode()
            (source / name).write_bytes(raw)
        arguments = [str(source), "--landing", str(landing), "--loaded-at", LOADED_AT]
        code = load_raw.main([*arguments, *options])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err, landing)

    return command


def landed(landing: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Rows of a table of a landing folder, sorted."""
    return sorted(read_landed(landing, table, columns))
