"""What documents tell people to run is there, and every query of theirs runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.python.warehouse import ROOT, Warehouse

PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("*/**/*.md"))
    if not {".venv", "target", "node_modules"} & set(path.relative_to(ROOT).parts)
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`((?:select|with|from)\s[^`]+)`", re.IGNORECASE)
IN_PYTHON = re.compile(r"\.sql\('([^']+)'\)")


@dataclass(frozen=True)
class Query:
    """A query and where it stands."""

    place: str
    sql: str


def queries(page: Path) -> Iterator[Query]:
    """The queries of a document: blocks of SQL, spans of code, and calls in Python."""
    text = page.read_text("utf-8")
    name = page.relative_to(ROOT).as_posix()
    found = [
        (block.start(), one)
        for block in FENCE.finditer(text)
        if block[1] == "sql"
        for one in block[2].split(";")
        if one.strip()
    ]
    prose = FENCE.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)
    found += [
        (span.start(), span[1])
        for span in SPAN.finditer(prose)
        # a word of SQL in a sentence is no query, nor is a shape to fill in
        if " from " in f" {span[1]} ".lower() and not re.search(r"<\w", span[1])
    ]
    found += [(call.start(), call[1]) for call in IN_PYTHON.finditer(text)]
    for start, sql in found:
        yield Query(f"{name}:{1 + text.count(chr(10), 0, start)}", sql)


def test_every_query_of_the_documents_runs(shop: Warehouse) -> None:
    """On the tables of a build, and gives the columns that it names."""
    asked = [query for page in PAGES for query in queries(page)]
    assert len(asked) > 20
    wrong = []
    with duckdb.connect(str(shop.database), read_only=True) as connection:
        for query in asked:
            try:
                assert connection.execute(query.sql).description
            except duckdb.Error as error:
                wrong.append(f"{query.place}: {str(error).splitlines()[0]}")
    assert wrong == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_commands_of_the_documents_are_there(page: str) -> None:
    """Targets of make, and the scripts that are named."""
    text = (ROOT / page).read_text("utf-8")
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    made = re.findall(r"(?:^|`|&& )make ([a-z][a-z-]*)", text, re.MULTILINE)
    scripts = re.findall(r"\b((?:scripts|benchmarks)/\w+\.(?:py|sh))\b", text)
    assert len(made) >= 3
    assert set(made) <= set(targets)
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
