"""The morning's work in one command: loads, builds, exports, or says why not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from customer_segments import daily
from customer_segments.sample_shop import seed_sample_data
from tests.python.warehouse import AS_OF, opened_elsewhere

DAY_AFTER = "2026-07-01"


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small shop's files up to AS_OF, and a warehouse beside it."""
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "build.duckdb"))
    seeded = seed_sample_data.main(
        [
            *("--customers", "200", "--days", "120", "--dirt", "0"),
            *("--as-of", AS_OF, "--out", str(tmp_path / "files")),
        ]
    )
    assert seeded == 0
    return tmp_path


def run(morning: Path, *options: str) -> int:
    """The command on the shop's files, as of the day after them."""
    return daily.main(
        [
            str(morning / "files"),
            *("--landing", str(morning / "landing")),
            *("--out", str(morning / "audiences"), "--as-of", DAY_AFTER, *options),
        ]
    )


def test_a_missing_day_ages_nobody_until_it_is_accepted(
    morning: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(morning) == 6
    said = capfd.readouterr()
    assert f"events: {DAY_AFTER} has 0 rows" in said.out + said.err
    assert "--accept-quiet-day" in said.err
    with duckdb.connect(str(morning / "build.duckdb"), read_only=True) as connection:
        built = connection.sql(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    assert ("customers",) not in built and ("segment_records",) not in built
    assert not (morning / "audiences").exists()

    assert run(morning, "--accept-quiet-day") == 0
    assert (morning / "audiences" / "manifest.json").exists()


def test_a_reader_who_stays_is_named(
    morning: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """After seven seconds, with 75; and what is gone on purpose is said twice."""
    database = morning / "build.duckdb"
    duckdb.connect(str(database)).close()
    with opened_elsewhere(database, read_only=True) as reader:
        assert run(morning, "--accept-quiet-day") == 75
        assert f"is open in process {reader.pid}" in capfd.readouterr().err
    database.write_text("no database" * 1000)
    assert run(morning, "--accept-quiet-day") == 2
    assert "cannot be opened as a DuckDB database" in capfd.readouterr().err
    assert run(morning, "--accept-missing") == 2
    assert "say it twice" in capfd.readouterr().err


def test_wrong_input_stops_before_anything_is_built(
    morning: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (morning / "files" / "orders.csv").write_text("order_id\n1\n")
    assert run(morning) == 2
    assert "orders.csv: is in no table's folder" in capfd.readouterr().err
    assert not (morning / "build.duckdb").exists()
