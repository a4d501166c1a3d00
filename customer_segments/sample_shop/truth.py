"""What only the sample knows, for tests: written beside the raw tables."""

from pathlib import Path

import duckdb

from .draws import quoted

TRUTH = """
create table dirt_truth (
    raw_table varchar, row_key varchar, reason varchar, row_n bigint
);
create table customer_truth (customer_id varchar, is_churned boolean, churned_on date);
create table person_truth (k uinteger, person_k uinteger);
create table arm_truth (
    n usmallint, k uinteger, variant varchar, is_lifted boolean
);
"""
CUSTOMER_TRUTH = """
insert into customer_truth
select
    customer_id,
    is_churned,
    seoul_date(churned_s) as churned_on,
from active_until
"""
# dirt: a row for each broken row. customers: who really left, and on which day they
# bought last. people: ids of somebody who has an earlier one. arms: who was in which
# arm of a campaign, and who bought once more because of it. lift: the arms counted.
WRITTEN = {
    "dirt": """
        select raw_table, row_key, reason
        from dirt_truth
        order by raw_table, row_n, reason, row_key
    """,
    "customers": "from customer_truth order by customer_id",
    "people": """
        select
            'C' || (10000000 + k) as customer_id,
            'C' || (10000000 + person_k) as person_id,
        from person_truth
        order by k
    """,
    "arms": """
        select
            'M' || (1001 + n) as campaign_id,
            'C' || (10000000 + k) as customer_id,
            variant,
            is_lifted,
        from arm_truth
        order by n, k
    """,
    "lift": """
        select
            'M' || (1001 + n) as campaign_id,
            variant,
            count(*) as customer_count,
            count(*) filter (where is_lifted) as lifted_count,
        from arm_truth
        group by n, variant
        order by n, variant
    """,
}


def write_truth(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write the truth tables and return the number of broken rows per raw table."""
    (folder / "_truth").mkdir()
    for name, query in WRITTEN.items():
        path = quoted(folder / "_truth" / f"{name}.parquet")
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    found = connection.execute(
        "select raw_table, count(*) from dirt_truth group by raw_table"
    )
    return {str(table): int(count) for table, count in found.fetchall()}
