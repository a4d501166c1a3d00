"""The sample knows its broken rows: all of them are found, and no others."""

from __future__ import annotations

from pathlib import Path

import duckdb

from scripts import seed_sample_data
from tests.python.warehouse import AS_OF, Warehouse

FOUND = """
    select raw_table, reason, count(*) as row_count
    from quarantined_rows
    where reason <> 'erased'
    group by raw_table, reason
    order by raw_table, reason
"""
BROKEN = """
    select raw_table, reason, count(*) as row_count
    from read_parquet('{truth}')
    where reason <> 'superseded'
    group by raw_table, reason
    order by raw_table, reason
"""


def test_every_broken_row_is_quarantined_with_its_reason_and_no_other(
    tmp_path: Path,
) -> None:
    warehouse = Warehouse(tmp_path)
    code = seed_sample_data.main(
        [
            *("--customers", "600", "--days", "400", "--as-of", AS_OF),
            *("--dirt", "0.05", "--format", "csv", "--out", str(warehouse.raw)),
        ]
    )
    assert code == 0
    warehouse.load()
    warehouse.build(AS_OF, "--exclude-resource-type", "test", "unit_test")
    truth = warehouse.raw / "_truth" / "dirt.parquet"
    broken = duckdb.sql(BROKEN.format(truth=truth)).fetchall()
    assert warehouse.query(FOUND) == broken
    assert len({reason for _, reason, _ in broken}) >= 17
    [(repeated,)] = warehouse.query("select sum(superseded) from row_fates")
    [(planted,)] = duckdb.sql(
        f"select count(*) from read_parquet('{truth}') where reason = 'superseded'"
    ).fetchall()
    assert repeated >= planted > 0
