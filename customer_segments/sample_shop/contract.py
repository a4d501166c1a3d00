"""What the raw tables look like: columns, types and keys, as sources.yml says."""

from customer_segments.loading.contract import read_contract
from customer_segments.places import ROOT

TYPES = {"string": "varchar", "timestamp": "timestamptz", "int": "integer"}
CONTRACT = read_contract(ROOT / "models" / "staging" / "sources.yml")
RAW_TABLES: dict[str, dict[str, str]] = {
    name: {
        column.name: TYPES.get(column.data_type, column.data_type)
        for column in table.file_columns
    }
    for name, table in CONTRACT.items()
}
KEYS: dict[str, list[str]] = {name: list(table.key) for name, table in CONTRACT.items()}
