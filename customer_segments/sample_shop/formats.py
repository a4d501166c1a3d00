"""How each format writes a value, a header and a file."""

from pathlib import Path

import duckdb

from customer_segments.loading.quoting import quote_text

from .contract import RAW_TABLES
from .shop_export import FILES, HEADERS, VALUES
from .steps import Arguments

UTF8_MARK = "\ufeff"
BLOCK = 1 << 20


def as_text(table: str, column: str, expression: str, file_format: str) -> str:
    """SQL that writes a value as our own CSV or the shop's own export does."""
    kind = RAW_TABLES[table][column]
    shop = file_format == "shop-csv"
    if kind == "timestamptz":
        return f"{'shop' if shop else 'csv'}_time({expression})"
    if kind.startswith("decimal"):
        scale = kind.rstrip(")").split(",")[1].strip()
        return (
            f"shop_number({expression}, {scale})"
            if shop
            else f"csv_number({expression})"
        )
    if kind == "boolean" and shop:
        return f"shop_boolean({expression})"
    words = VALUES.get((table, column)) if shop else None
    if words:
        cases = " ".join(f"when '{ours}' then '{told}'" for ours, told in words)
        return f"case {expression} {cases} else {expression} end"
    return f"({expression})::varchar"


def file_path(folder: Path, table: str, number: int, arguments: Arguments) -> Path:
    """The file of a chunk; its folder is there."""
    if arguments.format == "shop-csv":
        return folder / f"{FILES[table]}_{number:03}.csv"
    (folder / table).mkdir(exist_ok=True)
    return folder / table / f"{table}_{number:03}.{arguments.format}"


def write_file(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    table: str,
    dirt: str | None,
    records: list[bytes],
    arguments: Arguments,
) -> int:
    """Write the good rows, then the broken ones; how many rows that is."""
    columns = RAW_TABLES[table]
    good = ", ".join(
        name
        if arguments.format == "parquet"
        else f"{as_text(table, name, name, arguments.format)} as {name}"
        for name in columns
    )
    names = list(columns)
    if arguments.format == "shop-csv":
        names = [f'{name} as "{HEADERS[table][name]}"' for name in columns]
        if arguments.encoding == "utf-8":
            names[0] = names[0].replace('"', f'"{UTF8_MARK}', 1)
    options = (
        "format parquet" if arguments.format == "parquet" else "format csv, header"
    )
    row = connection.execute(
        f"""
        copy (
            with written as (

                select {good}, row_n as place
                from {table}_rows

                {f"union all {dirt}" if dirt else ""}

            )

            select {", ".join(names)}
            from written
            order by place
        ) to {quote_text(str(path))} ({options})
        """
    ).fetchone()
    assert row is not None
    if arguments.encoding != "utf-8":
        transcode(path, arguments.encoding)
    if records:
        with path.open("ab") as file:
            file.writelines(records)
    return int(row[0]) + len(records)


def transcode(path: Path, encoding: str) -> None:
    """Turn a UTF-8 file into another encoding; UnicodeEncodeError if it cannot hold."""
    fresh = path.with_suffix(".part")
    with (
        path.open(encoding="utf-8", newline="") as source,
        fresh.open("w", encoding=encoding, newline="") as target,
    ):
        while block := source.read(BLOCK):
            target.write(block)
    fresh.replace(path)
