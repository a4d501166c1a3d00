"""The sample knows its broken rows: all of them are found, and no others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from customer_segments.sample_shop import seed_sample_data
from tests.python.warehouse import AS_OF, ROOT, UNTESTED, Warehouse

FOUND = """
    select raw_table, reason, count(*) as row_count
    from quarantined_rows
    where reason <> 'erased'
    group by raw_table, reason
    order by raw_table, reason
"""
# What the loader finds, and what staging finds in the tables it judges so far.
BROKEN = """
    select raw_table, reason, count(*) as row_count
    from read_parquet('{truth}')
    where
        reason <> 'superseded'
        and (list_contains({judged}, raw_table) or list_contains({unreadable}, reason))
    group by raw_table, reason
    order by raw_table, reason
"""
UNREADABLE = [
    "amount_overflow",
    "bad_amount",
    "bad_boolean",
    "bad_date",
    "bad_encoding",
    "bad_integer",
    "bad_json",
    "bad_time",
    "control_characters",
    "float_id",
    "no_time_zone",
    "too_many_decimals",
    "unclosed_quote",
    "wrong_field_count",
]


def judged_tables() -> list[str]:
    """The raw tables that have a staging model."""
    found = (ROOT / "models" / "staging").rglob("stg_*.sql")
    return sorted(path.stem.removeprefix("stg_") for path in found)


READS_MAPPINGS = (ROOT / "customer_segments" / "loading" / "mapping.py").exists()
FORMATS = [
    (["csv"], 28),
    (["parquet"], 16),
    *([(["shop-csv", "--encoding", "cp949"], 26)] if READS_MAPPINGS else []),
]


@pytest.mark.few(1)
@pytest.mark.parametrize(("file_format", "least_reasons"), FORMATS)
def test_every_broken_row_is_quarantined_with_its_reason_and_no_other(
    file_format: list[str], least_reasons: int, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path)
    code = seed_sample_data.main(
        [
            *("--customers", "600", "--days", "400", "--as-of", AS_OF),
            *("--dirt", "0.2", "--out", str(warehouse.raw), "--format", *file_format),
        ]
    )
    assert code == 0
    warehouse.load()
    warehouse.build(
        AS_OF,
        *("--select", "+quarantined_rows", "+row_fates", *UNTESTED),
    )
    truth = warehouse.raw / "_truth" / "dirt.parquet"
    broken = duckdb.sql(
        BROKEN.format(truth=truth, judged=judged_tables(), unreadable=UNREADABLE)
    ).fetchall()
    assert warehouse.query(FOUND) == broken
    assert len({reason for _, reason, _ in broken}) >= least_reasons
    [(repeated,)] = warehouse.query("select sum(superseded) from row_fates")
    [(planted,)] = duckdb.sql(
        f"select count(*) from read_parquet('{truth}') where reason = 'superseded'"
        f" and list_contains({judged_tables()}, raw_table)"
    ).fetchall()
    assert repeated >= planted > 0
