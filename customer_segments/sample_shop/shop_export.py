"""A Korean shop's own exports: headers, words, and the mapping that explains them."""

import csv
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a committed table."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FILES = {row["raw_table"]: row["file"] for row in rows_of("shop_files")}
HEADERS: dict[str, dict[str, str]] = {table: {} for table in FILES}
for _row in rows_of("shop_headers"):
    HEADERS[_row["raw_table"]][_row["column"]] = _row["header"]
VALUES: dict[tuple[str, str], list[tuple[str, str]]] = {}
for _row in rows_of("shop_values"):
    words = VALUES.setdefault((_row["raw_table"], _row["column"]), [])
    words.append((_row["ours"], _row["theirs"]))


def mapping_of(encoding: str) -> dict[str, Any]:
    """What mapping.yml says about the exports, from the header table."""
    return {
        "defaults": {
            "encoding": encoding,
            "time_zone": "Asia/Seoul",
            "time_format": "%Y-%m-%d %H:%M:%S",
            "numbers": {"thousands": ",", "decimal": "."},
        },
        "tables": {
            table: {
                "files": f"{file}_*.csv",
                "columns": {theirs: ours for ours, theirs in HEADERS[table].items()},
                **values_of(table),
            }
            for table, file in FILES.items()
        },
    }


def values_of(table: str) -> dict[str, Any]:
    """The shop's words for our values of a table; nothing where it says the same."""
    told = {
        column: {theirs: ours for ours, theirs in words}
        for (named, column), words in VALUES.items()
        if named == table
    }
    return {"values": told} if told else {}


def write_mapping(folder: Path, encoding: str) -> None:
    """Write mapping.yml into a folder of exports."""
    text = yaml.safe_dump(mapping_of(encoding), allow_unicode=True, sort_keys=False)
    (folder / "mapping.yml").write_text(text, "utf-8")
