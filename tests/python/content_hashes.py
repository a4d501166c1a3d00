"""Hash what every public table holds, so that a rebuilt house can be compared.

    python -m tests.python.content_hashes write hashes.json [--keep FOLDER]
    python -m tests.python.content_hashes compare before.json after.json

Four shops are built: the sample of 10,000 customers on its four days, a sample with
5 % dirty rows, Online Retail and CDNOW. A table's hash is that of its rows in order,
columns by name; without `loaded_at` of files there is nothing in it of the hour.
`compare` prints what differs and exits 1; 0 = all the same.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.python import real_data
from tests.python.warehouse import AS_OF, UNTESTED, Warehouse, parsed_project

DEMO_DAYS = ("2026-06-02", "2026-06-23", "2026-06-29", AS_OF)
Hashes = dict[str, dict[str, Any]]


def public_tables() -> list[str]:
    """Names of the models whose access is public."""
    return sorted(
        node.name
        for node in parsed_project().nodes.values()
        if node.resource_type == "model" and node.config.access == "public"
    )


def hashes(database: Path) -> Hashes:
    """Rows, column names and content hash of each public table of a database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {name: table_hash(connection, name) for name in public_tables()}


def table_hash(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, Any]:
    """Rows, column names and content hash of a table; order and places are nothing."""
    columns = sorted(connection.sql(f"from main.{table} limit 0").columns)
    packed = ", ".join(f'"{column}" := "{column}"' for column in columns)
    row = connection.execute(
        f"""
        select count(*), md5(string_agg(row_hash, '' order by row_hash))
        from (
            select md5(to_json(struct_pack({packed}))::varchar) as row_hash
            from main.{table}
        )
        """
    ).fetchone()
    assert row is not None
    return {"rows": row[0], "columns": columns, "hash": row[1]}


def shops(folder: Path) -> Iterator[tuple[str, Path]]:
    """Build each shop below a folder; its name with the day, and its database."""
    demo = Warehouse(folder / "demo")
    demo.seed_sample(customers=10_000, days=730, as_of=AS_OF)
    demo.load()
    for day in DEMO_DAYS:
        build_tables(demo, day)
        yield f"demo {day}", demo.database
    dirty = Warehouse(folder / "dirty")
    dirty.seed_sample(customers=2_000, days=500, as_of=AS_OF, dirt=0.05)
    dirty.load()
    build_tables(dirty, AS_OF)
    yield "dirty", dirty.database
    retail = Warehouse(folder / "online_retail")
    real_data.write_online_retail(retail.raw)
    retail.load("--time-zone", "Europe/London")
    build_tables(
        retail,
        "2011-12-10",
        reporting_currency="GBP",
        business_timezone="Europe/London",
    )
    yield "online_retail", retail.database
    cdnow = Warehouse(folder / "cdnow")
    real_data.write_cdnow(cdnow.raw)
    cdnow.load()
    build_tables(cdnow, "1998-06-30", reporting_currency="USD", business_timezone="UTC")
    yield "cdnow", cdnow.database


def build_tables(warehouse: Warehouse, day: str, **variables: str) -> None:
    """Build seeds and models as of a day, without tests."""
    warehouse.build(day, *UNTESTED, variables=variables)
    warehouse.vouch()


def differences(before: dict[str, Hashes], after: dict[str, Hashes]) -> list[str]:
    """What differs between two writings, a line for each table of each shop."""
    told = []
    for shop in sorted(before.keys() | after.keys()):
        one, other = before.get(shop, {}), after.get(shop, {})
        for table in sorted(one.keys() | other.keys()):
            if table not in other or table not in one:
                told.append(
                    f"{shop}: {table}: only {'before' if table in one else 'after'}"
                )
            elif one[table] != other[table]:
                columns = set(one[table]["columns"]) ^ set(other[table]["columns"])
                told.append(
                    f"{shop}: {table}: {one[table]['rows']} and"
                    f" {other[table]['rows']} rows differ {sorted(columns) or ''}"
                )
    return told


def main(argv: Sequence[str] | None = None) -> int:
    """Write or compare; 0 done or the same, 1 something differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    write = commands.add_parser("write", help="build four shops, write their hashes")
    write.add_argument("file", type=Path)
    write.add_argument("--keep", type=Path, help="folder for the databases")
    compare = commands.add_parser("compare", help="say what differs")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.command == "compare":
        told = differences(
            json.loads(arguments.before.read_text()),
            json.loads(arguments.after.read_text()),
        )
        print("\n".join(told) or "the same")
        return int(bool(told))
    written: dict[str, Hashes] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for shop, database in shops(arguments.keep or Path(temporary)):
            written[shop] = hashes(database)
            print(f"{shop}: {len(written[shop])} tables", file=sys.stderr)
    arguments.file.write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
