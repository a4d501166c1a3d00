"""A CSV file as an all-text Parquet file, and the records that cannot be one row."""

import codecs
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from customer_segments.loading.quoting import quote_pattern, quote_text
from customer_segments.loading.records import (
    RECORD_LIMIT,
    RawRecord,
    parse_fields,
    split_records,
)

BATCH_BYTES = 8 * 1024 * 1024
BATCH_ROWS = 20_000
REJECT_SCHEMA = pa.schema(
    [("source_row", pa.int64()), ("reason", pa.string()), ("masked_value", pa.string())]
)


def text_name(position: int) -> str:
    """The column of the text file for a field's position from 0."""
    return f"c{position}"


def copy_regular_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    width: int,
    target: Path,
    delimiter: str = ",",
) -> bool:
    """Write the text file with DuckDB; False if DuckDB does not take the file."""
    columns = ", ".join(f"{text_name(i)}: 'VARCHAR'" for i in range(width))
    try:
        connection.execute(
            f"""copy (
                select * from read_csv(
                    {quote_pattern(path)}, columns = {{{columns}}}, header = true,
                    auto_detect = false, delim = {quote_text(delimiter)}, quote = '"',
                    escape = '"',
                    strict_mode = true, null_padding = false, ignore_errors = false,
                    hive_partitioning = false
                )
            ) to {quote_text(str(target))} (format parquet, compression snappy)"""
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    return True


def read_text_rows(path: Path, has_row_numbers: bool) -> str:
    """SQL that reads a text file, with source_row from 1."""
    if has_row_numbers:
        return f"select * from read_parquet({quote_pattern(path)})"
    return (
        "select file_row_number + 1 as source_row, * exclude (file_row_number)"
        f" from read_parquet({quote_pattern(path)}, file_row_number = true)"
    )


class TextWriter:
    """Rows to a Parquet file in batches of bounded bytes."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.writer = pq.ParquetWriter(path, schema, compression="snappy")
        self.rows: list[Sequence[object]] = []
        self.size = 0

    def add(self, row: Sequence[object], size: int) -> None:
        """Keep a row of about `size` bytes; write when a batch is full."""
        self.rows.append(row)
        self.size += size
        if self.size >= BATCH_BYTES or len(self.rows) >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows kept so far as one row group."""
        if self.rows:
            columns = [
                pa.array(values, field.type)
                for values, field in zip(
                    zip(*self.rows, strict=True), self.schema, strict=True
                )
            ]
            self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))
        self.rows, self.size = [], 0

    def close(self) -> None:
        """Write what is left and the footer."""
        self.flush()
        self.writer.close()


def bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stands a byte that UTF-8 does not have for what is no text, and goes on."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error("bad_bytes", bad_bytes)


def as_utf8(path: Path, encoding: str, target: Path) -> Path:
    """The file, or a copy of it in UTF-8, in which what is no text is none either."""
    if encoding == "utf-8":
        return path
    with (
        path.open("r", encoding=encoding, errors="bad_bytes", newline="") as source,
        target.open(
            "w", encoding="utf-8", errors="surrogateescape", newline=""
        ) as copy,
    ):
        while chunk := source.read(BATCH_BYTES):
            copy.write(chunk)
    return target


def split_csv(
    path: Path,
    positions: Sequence[int],
    width: int,
    target: Path,
    rejects: Path,
    limit: int = RECORD_LIMIT,
    delimiter: str = ",",
) -> None:
    """Write the text file and the rejects record by record, in bounded memory."""
    names = [text_name(position) for position in positions]
    schema = pa.schema(
        [("source_row", pa.int64()), *((name, pa.string()) for name in names)]
    )
    rows, faults = TextWriter(target, schema), TextWriter(rejects, REJECT_SCHEMA)
    try:
        for ordinal, record in enumerate(split_records(path, limit, delimiter)):
            if ordinal == 0:
                continue
            judged = judge_record(record, width, delimiter)
            size = len(record.content)
            if isinstance(judged, str):
                more = "more than " if judged == "oversized_record" else ""
                faults.add((ordinal, judged, f"({more}{size} bytes)"), 100)
            else:
                rows.add((ordinal, *(judged[p] for p in positions)), size)
    finally:
        rows.close()
        faults.close()


def judge_record(record: RawRecord, width: int, delimiter: str) -> list[str] | str:
    """The fields of a record, or the reason why it is no row."""
    if record.fault is not None:
        return record.fault
    try:
        text = record.content.decode()
    except UnicodeDecodeError:
        return "bad_encoding"
    fields = parse_fields(text, delimiter)
    return fields if len(fields) == width else "wrong_field_count"


def count_parquet_rows(path: Path) -> int:
    """Rows according to the footer."""
    with pq.ParquetFile(path) as parquet:
        return int(parquet.metadata.num_rows)
