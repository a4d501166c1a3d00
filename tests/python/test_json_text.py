"""What the macro json_text reads is what Python reads in the same JSON."""

from __future__ import annotations

import duckdb
import pytest

from tests.python.json_documents import documents, misread, reading, write_documents
from tests.python.warehouse import Warehouse


def test_documents_are_read_as_python_reads_them(empty: Warehouse) -> None:
    """Whole ones and spoilt ones, and enough of each to mean something."""
    path = empty.folder / "documents.parquet"
    write_documents(documents(20_000, seed=1), path)
    for key in ("a", "a.b"):
        rows = duckdb.sql(reading(empty, key, f"read_parquet('{path}')")).fetchall()
        assert misread(rows, key) == []
        found = sum(text is not None for _, text in rows)
        assert 1_000 < found < 10_000


@pytest.mark.parametrize("key", ["", "$.a", 'a"b', "a\\n"])
def test_a_key_that_cannot_be_read_is_refused(
    empty: Warehouse, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything runs, and saying which keys can."""
    result = empty.dbt(
        "compile", "--inline", f"{{{{ json_text('content', '{key}') }}}}"
    )
    assert not result.success
    assert "is no key it can read" in capsys.readouterr().out
