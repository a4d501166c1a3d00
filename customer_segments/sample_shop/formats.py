"""How each format writes a value, a header and a file."""

from pathlib import Path

import duckdb

from .contract import RAW_TABLES
from .draws import Arguments, quoted
from .shop_export import FILES, HEADERS, VALUES

UTF8_MARK = "\ufeff"
BLOCK = 1 << 20


def as_text(table: str, column: str, expression: str, file_format: str) -> str:
    """SQL that writes a value as our own CSV or the shop's own export does."""
    kind = RAW_TABLES[table][column]
    if file_format == "csv":
        return plain_text(expression, kind)
    if kind == "boolean":
        return f"case {expression} when true then 'Y' when false then 'N' end"
    if kind == "timestamptz":
        return seoul_time(expression, "%Y-%m-%d %H:%M:%S")
    if kind.startswith("decimal"):
        scale = kind.rstrip(")").split(",")[1].strip()
        return (
            rf"regexp_replace(format('{{:,.{scale}f}}', ({expression})::double),"
            r" '\.?0+$', '')"
        )
    values = VALUES.get((table, column))
    if values:
        cases = " ".join(f"when '{ours}' then '{told}'" for ours, told in values)
        return f"case {expression} {cases} else {expression} end"
    return f"({expression})::varchar"


def plain_text(expression: str, kind: str) -> str:
    """SQL that writes a value without loss, times in Seoul with their zone."""
    if kind == "timestamptz":
        return seoul_time(expression, "%Y-%m-%dT%H:%M:%S+09:00")
    if kind.startswith("decimal"):
        return rf"regexp_replace(({expression})::varchar, '\.?0+$', '')"
    return f"({expression})::varchar"


def seoul_time(expression: str, written: str) -> str:
    """SQL that writes a time as clocks in Seoul show it."""
    return (
        f"strftime(make_timestamp(epoch_us({expression}) + 32400000000), '{written}')"
    )


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

                select {good}
                from {table}_rows

                {f"union all {dirt}" if dirt else ""}

            )

            select {", ".join(names)}
            from written
        ) to '{quoted(path)}' ({options})
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
