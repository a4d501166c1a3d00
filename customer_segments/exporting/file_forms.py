"""Forms that files take, and how rows become the bytes of one."""

import csv
import hashlib
import io
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import duckdb
from pydantic import BaseModel, ConfigDict, Field, model_validator

from customer_segments.exporting.folder import (
    WrittenFile,
    digest_file,
    disk_full,
    open_temporary,
    sync,
    temporary,
)
from customer_segments.exporting.judging import (
    FORMULA,
    HASH_OF_NOTHING,
    PLAIN_IDENTIFIER,
)
from customer_segments.exporting.problems import WriteFailed, WrongSpec
from customer_segments.exporting.reading import memory
from customer_segments.loading.quoting import quote_name, quote_pattern, quote_text
from customer_segments.yaml_files import known_yaml, nearest

READY = Path(__file__).with_name("file_forms.yml")
# of a message, see messages.py
OF_MESSAGES = ("text", "subject", "message_type", "template_code")
SOURCES = (
    *("audience", "customer_id", "channel", "identifier", "message_class"),
    *("campaign_id", "arm", "variables", *OF_MESSAGES),
)
VARIABLE = re.compile(r"variables\.(\w{1,64})")
OF_CHANNELS = re.compile(r"identifier of ([a-z_]+(?:, [a-z_]+)*)")
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\ufeff]*")
MOBILE = r"^(?:\+82|0)(1[0-9])([0-9]{3,4})([0-9]{4})$"
RUNS_AS_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}
# one size whatever the threads, so that the same rows make the same bytes
ROW_GROUP = 100_000
BATCH = 20_000

Header = Annotated[str, Field(min_length=1, max_length=200)]


class FileForm(BaseModel):
    """How a file looks; `columns` says by header where each column comes from.

    A source is a column of the members (audience, customer_id, channel, identifier,
    message_class, campaign_id, arm, variables), `variables.<name>`, `identifier of
    <channel>, <channel>` (empty for other channels), a column of the message (text,
    subject, message_type, template_code), or `=text`, which is the same in each row.
    `hashed` columns hold a SHA-256 in lower-case hex or nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: Literal["csv", "jsonl", "parquet"] = "csv"
    columns: dict[Header, str] = Field(min_length=1)
    hashed: tuple[str, ...] = ()
    header: bool = True
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8", "utf-8-sig", "cp949"] = "utf-8"
    line_end: Literal["lf", "crlf"] = "lf"
    spreadsheet_safe: bool = False
    # Korean mobile numbers as 010-1234-5678, which a spreadsheet keeps as text
    dashed_phones: bool = False

    @model_validator(mode="before")
    @classmethod
    def guard_what_people_open(cls, given: Any) -> Any:
        """CSV without hashed columns is for people, unless it says otherwise."""
        if isinstance(given, Mapping) and "spreadsheet_safe" not in given:
            people = given.get("format", "csv") == "csv" and not given.get("hashed")
            return {**given, "spreadsheet_safe": people}
        return given

    @model_validator(mode="after")
    def fit_together(self) -> "FileForm":
        """ValueError for settings that exclude each other."""
        if len({header.lower() for header in self.columns}) < len(self.columns):
            raise ValueError("two columns have the same header but for capitals")
        for header, source in self.columns.items():
            if not PRINTABLE.fullmatch(header) or RUNS_AS_FORMULA.match(header):
                raise ValueError("a header begins like a formula or cannot be printed")
            check_source(header, source)
        unknown = sorted(set(self.hashed) - set(self.columns))
        if unknown:
            raise ValueError(f"hashed names {unknown[0]!r}, which is no column")
        if self.format != "csv":
            self.refuse_csv_settings()
        if self.spreadsheet_safe and (self.hashed or self.format != "csv"):
            raise ValueError(
                "spreadsheet_safe is for files that people open; programs that read"
                " hashes, JSON lines or Parquet want each value untouched"
            )
        if self.encoding == "cp949":
            self.refuse_beyond_cp949()
        return self

    def refuse_csv_settings(self) -> None:
        """ValueError when a format that has no such thing is given one."""
        for name in ("header", "delimiter", "encoding", "line_end"):
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(f"{name} is for csv only, not for {self.format}")

    def refuse_beyond_cp949(self) -> None:
        """ValueError when headers or fixed texts cannot be written, or hashes are."""
        if self.hashed:
            raise ValueError("hashed columns are for programs, which read utf-8")
        for header, source in self.columns.items():
            fixed = source if source.startswith("=") else ""
            if not fits_cp949(header + fixed):
                raise ValueError(f"column {header!r} holds what cp949 cannot say")

    @property
    def suffix(self) -> str:
        """How names of such files end."""
        return f".{self.format}"

    @property
    def line_break(self) -> str:
        """What ends a record."""
        return LINE_ENDS[self.line_end]


class Approved(NamedTuple):
    """What is known of rows before they are written."""

    rows: int
    checksum: int | None
    is_plain: bool


def check_source(header: str, source: str) -> None:
    """ValueError, with the nearest name, for a source that does not exist."""
    if source.startswith("="):
        if not PRINTABLE.fullmatch(source):
            raise ValueError(f"the fixed text of {header!r} cannot be printed")
        return
    known = source in SOURCES
    if known or VARIABLE.fullmatch(source) or OF_CHANNELS.fullmatch(source):
        return
    raise ValueError(
        f"column {header!r} has no source {source!r}; {nearest(source, SOURCES)} Also"
        " variables.<name>, `identifier of <channel>` and `=text`."
    )


@cache
def ready_forms() -> Mapping[str, FileForm]:
    """The forms that come with the project, by name."""
    content = known_yaml(READY)
    return {name: FileForm(**given) for name, given in content["file_forms"].items()}


def ready_form(name: str) -> FileForm:
    """A form by its name; WrongSpec with the nearest one."""
    forms = ready_forms()
    if name not in forms:
        raise WrongSpec(f"no file form of that name; {nearest(name, forms)}")
    return forms[name]


def value(source: str) -> str:
    """The SQL expression of a source: text or null."""
    if source.startswith("="):
        return quote_text(source[1:])
    if variable := VARIABLE.fullmatch(source):
        return f"json_extract_string(variables, {quote_text(variable[1])})"
    if of_channels := OF_CHANNELS.fullmatch(source):
        names = ", ".join(quote_text(name) for name in of_channels[1].split(", "))
        return f"case when channel in ({names}) then identifier end"
    return quote_name(source)


def cell(form: FileForm, source: str) -> str:
    """The SQL expression of a CSV cell: never null, guarded and composed if asked."""
    text = f"coalesce({value(source)}, '')"
    is_identifier = source == "identifier" or bool(OF_CHANNELS.fullmatch(source))
    if form.dashed_phones and is_identifier:
        text = f"regexp_replace({text}, '{MOBILE}', '0\\1-\\2-\\3')"
    if form.encoding == "cp949" and not source.startswith("="):
        # Hangul in pieces, as some systems write names, has whole syllables there
        text = (
            rf"case when regexp_matches({text}, '[\x{{1100}}-\x{{11FF}}]')"
            f" then nfc_normalize({text}) else {text} end"
        )
    if form.spreadsheet_safe and not source.startswith("="):
        exempt = (
            f" and not regexp_matches({text}, '{PLAIN_IDENTIFIER}')"
            if is_identifier
            else ""
        )
        text = (
            f"case when regexp_matches({text}, '{FORMULA}'){exempt}"
            f" then '''' || {text} else {text} end"
        )
    return text


def quoted_cell(form: FileForm, source: str) -> str:
    """The SQL expression of a CSV cell as RFC 4180 writes it."""
    text = cell(form, source)
    delimiter = quote_text(form.delimiter)
    blank = f"when {text} = '' then '\"\"'" if len(form.columns) == 1 else ""
    return (
        f"case {blank} when contains({text}, {delimiter}) or contains({text}, '\"')"
        f" or contains({text}, chr(10)) or contains({text}, chr(13))"
        f" then '\"' || replace({text}, '\"', '\"\"') || '\"' else {text} end"
    )


def line(form: FileForm) -> str:
    """The SQL expression of a record of text, without its line break."""
    if form.format == "csv":
        cells = (quoted_cell(form, source) for source in form.columns.values())
        return f" || {quote_text(form.delimiter)} || ".join(cells)
    pairs = (
        f"{quote_text(header)}, {json_value(source)}"
        for header, source in form.columns.items()
    )
    return f"json_object({', '.join(pairs)})::varchar"


def json_value(source: str) -> str:
    """The SQL expression of a JSON value: variables stay an object."""
    return "variables::json" if source == "variables" else value(source)


def header_line(form: FileForm) -> bytes:
    """What a CSV file begins with, up to its first row."""
    text = io.StringIO(newline="")
    if form.header:
        writer = csv.writer(
            text, delimiter=form.delimiter, lineterminator=form.line_break
        )
        writer.writerow(form.columns)
    if form.encoding == "cp949":
        return text.getvalue().encode("cp949")
    bom = BOM if form.encoding == "utf-8-sig" else ""
    return (bom + text.getvalue()).encode()


def write_rows(
    path: Path,
    form: FileForm,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    expected: int,
) -> WrittenFile:
    """Write the temporary file of a path from a table or view, by customer_id.

    WriteFailed when the rows are not as many as expected, when a column that must be
    hashed holds anything else, or when the file reads otherwise than it was written;
    WrongSpec when the form takes what the rows have not. Then nothing is left of it.
    A customer has one row: that is what makes the order, and so the bytes, the same.
    """
    with explained(path):
        refuse_missing(form, connection, relation)
        approved = approve(path, form, connection, relation)
        if approved.rows != expected:
            raise WriteFailed(
                f"{path}: {approved.rows:,} rows instead of {expected:,};"
                " nothing changed"
            )
        with open_temporary(path) as file:
            if form.format == "parquet" or is_copied(form, approved):
                digest = None
                copy_rows(path, form, connection, relation)
                if not os.path.samestat(
                    os.fstat(file.fileno()), temporary(path).lstat()
                ):
                    raise WriteFailed(f"{path}: its temporary file was replaced")
            else:
                digest = stream_rows(file, form, connection, relation)
            sync(file)
        return read_back(path, form, connection, approved, digest)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of the engine and the system into WriteFailed; leave no half file."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, FileExistsError):
            temporary(path).unlink(missing_ok=True)
        if isinstance(error, duckdb.Error):
            # its text may show a value
            full = disk_full(error, str(path))
            if full is not None:
                raise full from None
            why = type(error).__name__
            raise WriteFailed(
                f"{path}: could not be written ({why}); nothing changed"
            ) from None
        if isinstance(error, UnicodeError):
            raise WriteFailed(
                f"{path}: holds what its encoding cannot say; nothing changed"
            ) from None
        raise


def approve(
    path: Path, form: FileForm, connection: duckdb.DuckDBPyConnection, relation: str
) -> Approved:
    """Look at the rows before anything reaches the disk; WriteFailed."""
    checks = {header: wrong_cells(form, header) for header in checked_columns(form)}
    plain = " and ".join(
        f"{cell(form, source)} not like '#%'"
        for header, source in form.columns.items()
        if header not in form.hashed and not source.startswith("=")
    )
    counts = "".join(f", count(*) filter (where {wrong})" for wrong in checks.values())
    row = connection.sql(
        f"select count(*), {checksum(form)},"
        f" coalesce(bool_and({plain or 'true'}), true){counts}"
        f" from {quote_name(relation)}"
    ).fetchone()
    assert row
    rows, total, is_plain, *wrong_counts = row
    for header, count in zip(checks, wrong_counts, strict=True):
        if count:
            kind = "be a hash" if header in form.hashed else "not be a hash of nothing"
            raise WriteFailed(
                f"{path}: column {header!r} must {kind}, and in {count:,} rows it is"
                " something else; nothing was written"
            )
    return Approved(rows, total, is_plain)


def refuse_missing(
    form: FileForm, connection: duckdb.DuckDBPyConnection, relation: str
) -> None:
    """WrongSpec when the form takes what the rows have not, such as a message."""
    there = connection.sql(f"from {quote_name(relation)} limit 0").columns
    taken = {
        source.partition(".")[0].partition(" of ")[0]
        for source in form.columns.values()
        if not source.startswith("=")
    }
    missing = sorted(taken - set(there))
    if missing:
        raise WrongSpec(
            f"the file form takes {', '.join(missing)}, which the rows have not; text,"
            " subject, message_type and template_code come from a message"
        )


def checked_columns(form: FileForm) -> list[str]:
    """Headers of columns whose values are looked at: hashes and identifiers."""
    return [
        header
        for header, source in form.columns.items()
        if header in form.hashed
        or source == "identifier"
        or OF_CHANNELS.fullmatch(source)
    ]


def wrong_cells(form: FileForm, header: str) -> str:
    """The SQL condition of cells that must not be written."""
    text = value(form.columns[header])
    nothing = f"{text} = '{HASH_OF_NOTHING}'"
    if header in form.hashed:
        # a pattern over each value would take as long as half the writing; no e-mail
        # lacks the @, and no phone number is this long
        return (
            f"{nothing} or ({text} <> '' and (strlen({text}) <> {len(HASH_OF_NOTHING)}"
            f" or contains({text}, '@') or not {text} between '0' and 'g'))"
        )
    return nothing


def checksum(form: FileForm, read: bool = False) -> str:
    """The SQL sum over the checked cells of rows, or of those that were read back."""
    columns = checked_columns(form)
    if not columns:
        return "null"
    if read:
        cells = [f"coalesce({quote_name(header)}, '')" for header in columns]
    elif form.format == "csv":
        cells = [cell(form, form.columns[header]) for header in columns]
    else:
        cells = [f"coalesce({value(form.columns[header])}, '')" for header in columns]
    return f"sum(hash({', '.join(cells)})::hugeint)::hugeint"


def is_copied(form: FileForm, approved: Approved) -> bool:
    """Whether the engine's own writer makes these bytes; it is the fastest.

    It ends lines with a line feed, quotes cells that begin with #, and leaves blank
    what is a record of one empty cell.
    """
    return (
        form.format == "csv"
        and form.encoding == "utf-8"
        and form.line_end == "lf"
        and len(form.columns) > 1
        and approved.is_plain
        and not any(header.startswith("#") for header in form.columns)
        and not any(source.startswith("=#") for source in form.columns.values())
    )


def copy_rows(
    path: Path, form: FileForm, connection: duckdb.DuckDBPyConnection, relation: str
) -> None:
    """Let the engine write the temporary file of a path, which is there already."""
    if form.format == "parquet":
        expressions = {header: value(source) for header, source in form.columns.items()}
        options = f"format parquet, compression zstd, row_group_size {ROW_GROUP}"
    else:
        expressions = {
            header: cell(form, source) for header, source in form.columns.items()
        }
        options = (
            f"format csv, header {str(form.header).lower()}, compression none,"
            f" delimiter {quote_text(form.delimiter)}, quote '\"', escape '\"',"
            " nullstr '\n'"
        )
    columns = ", ".join(
        f"({text})::varchar as {quote_name(header)}"
        for header, text in expressions.items()
    )
    connection.sql(
        # a header may be called customer_id too, and hold what the guard made of it
        f"copy (select {columns} from {quote_name(relation)} as members"
        " order by members.customer_id)"
        f" to {quote_text(str(temporary(path).absolute()))}"
        f" ({options}, use_tmp_file false)"
    )


def stream_rows(
    file: io.BufferedWriter,
    form: FileForm,
    connection: duckdb.DuckDBPyConnection,
    relation: str,
) -> str:
    """Write records one by one, for what the engine does not write; their digest."""
    encoding = "cp949" if form.encoding == "cp949" else "utf-8"
    digest = hashlib.sha256()
    begin = header_line(form) if form.format == "csv" else b""
    records = connection.sql(
        f"select {line(form)} from {quote_name(relation)} order by customer_id"
    )
    pieces = (
        "".join(text + form.line_break for (text,) in rows).encode(encoding)
        for rows in iter(lambda: records.fetchmany(BATCH), [])
    )
    for piece in itertools.chain([begin], pieces):
        file.write(piece)
        digest.update(piece)
    return digest.hexdigest()


def read_back(
    path: Path,
    form: FileForm,
    connection: duckdb.DuckDBPyConnection,
    approved: Approved,
    digest: str | None,
) -> WrittenFile:
    """Read a temporary file again; WriteFailed if it is another than was written."""
    with ThreadPoolExecutor(1) as background:
        digesting = background.submit(digest_file, temporary(path))
        if digest is not None:
            found = (count_records(temporary(path), form), approved.checksum)
        else:
            row = connection.sql(
                f"select count(*), {checksum(form, read=True)} from"
                f" {reader(temporary(path), form)}"
            ).fetchone()
            assert row
            found = (row[0], row[1])
        written = digesting.result()
    if found != (approved.rows, approved.checksum) or digest not in (None, written):
        raise WriteFailed(f"{path}: read back otherwise than written; nothing changed")
    check_beginning(path, form)
    return WrittenFile(approved.rows, temporary(path).stat().st_size, written)


def check_beginning(path: Path, form: FileForm) -> None:
    """WriteFailed when a CSV file does not begin with its header."""
    if form.format == "csv":
        begin = header_line(form)
        with temporary(path).open("rb") as file:
            if file.read(len(begin)) != begin:
                raise WriteFailed(
                    f"{path}: read back without its header; nothing changed"
                )


def reader(path: Path, form: FileForm) -> str:
    """What follows `from` in SQL to read a file that the engine wrote."""
    place = quote_pattern(path.absolute())
    if form.format == "parquet":
        return f"read_parquet({place})"
    types = ", ".join(f"{quote_text(header)}: 'varchar'" for header in form.columns)
    return (
        f"read_csv({place}, columns = {{{types}}}, auto_detect = false,"
        f" header = {str(form.header).lower()}, delim = {quote_text(form.delimiter)},"
        " quote = '\"', escape = '\"', nullstr = '\n', allow_quoted_nulls = false,"
        " strict_mode = true, compression = 'none')"
    )


def records(file: Iterable[bytes]) -> Iterator[bytes]:
    """Records of a CSV file with their line breaks; quoted ones may hold several.

    No byte of a character of UTF-8 or CP949 looks like a quote or a line break.
    """
    begun: list[bytes] = []
    is_open = False
    for piece in file:
        begun.append(piece)
        is_open ^= piece.count(b'"') % 2 == 1
        if not is_open:
            yield b"".join(begun)
            begun.clear()
    if begun:
        yield b"".join(begun)


def count_records(path: Path, form: FileForm) -> int:
    """Rows of a text file."""
    with path.open("rb") as file:
        file.seek(len(header_line(form)) if form.format == "csv" else 0)
        return sum(1 for _ in (records(file) if form.format == "csv" else file))


def drop_rows(path: Path, form: FileForm, places: Iterable[int]) -> WrittenFile:
    """Write the temporary file of a path: the old file without some records.

    Places count from 1, the header does not. What stays keeps its bytes; a Parquet
    file is what these rows alone would have made. WriteFailed when a place is not
    there or the old file has another form.
    """
    dropped = frozenset(places)
    with explained(path):
        if form.format == "parquet":
            return drop_from_parquet(path, dropped)
        digest = hashlib.sha256()
        begin = header_line(form) if form.format == "csv" else b""
        old = 0
        with path.open("rb") as source, open_temporary(path) as file:
            if source.read(len(begin)) != begin:
                raise WriteFailed(f"{path}: has another header; nothing changed")
            file.write(begin)
            digest.update(begin)
            rows = records(source) if form.format == "csv" else source
            for old, record in enumerate(rows, start=1):
                if old not in dropped:
                    file.write(record)
                    digest.update(record)
            refuse_beyond(path, old, dropped)
            sync(file)
        kept = old - len(dropped)
        written = WrittenFile(
            kept, temporary(path).stat().st_size, digest_file(temporary(path))
        )
        if (
            written.sha256 != digest.hexdigest()
            or count_records(temporary(path), form) != kept
        ):
            raise WriteFailed(
                f"{path}: read back otherwise than written; nothing changed"
            )
        return written


def refuse_beyond(path: Path, rows: int, places: frozenset[int]) -> None:
    """WriteFailed when somebody who must leave is not where they should be."""
    if places and not (min(places) >= 1 and max(places) <= rows):
        raise WriteFailed(
            f"{path}: holds {rows:,} rows, and one beyond must leave; nothing changed"
        )


def drop_from_parquet(path: Path, places: frozenset[int]) -> WrittenFile:
    """The same for Parquet."""
    with memory() as connection:
        source = (
            f"read_parquet({quote_pattern(path.absolute())}, file_row_number = true)"
        )
        rows = count(connection, source)
        refuse_beyond(path, rows, places)
        connection.sql("create table dropped (place bigint)")
        for some in batches(sorted(places)):
            connection.execute("insert into dropped select unnest($1)", [some])
        with open_temporary(path) as file:
            connection.sql(
                f"copy (select * exclude (file_row_number) from {source} as old"
                " where not exists (select 1 from dropped"
                " where dropped.place = old.file_row_number + 1)"
                " order by old.file_row_number)"
                f" to {quote_text(str(temporary(path).absolute()))}"
                f" (format parquet, compression zstd, row_group_size {ROW_GROUP},"
                " use_tmp_file false)"
            )
            sync(file)
        kept = count(
            connection, f"read_parquet({quote_pattern(temporary(path).absolute())})"
        )
    if kept != rows - len(places):
        raise WriteFailed(f"{path}: read back otherwise than written; nothing changed")
    return WrittenFile(
        kept, temporary(path).stat().st_size, digest_file(temporary(path))
    )


def batches(values: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some values at a time."""
    for begin in range(0, len(values), BATCH):
        yield values[begin : begin + BATCH]


def count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Rows of what follows `from`."""
    row = connection.sql(f"select count(*) from {source}").fetchone()
    assert row
    return int(row[0])


def fits_cp949(text: str) -> bool:
    """Whether CP949 has each character."""
    try:
        text.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def beyond_cp949(
    connection: duckdb.DuckDBPyConnection, relation: str, expressions: Sequence[str]
) -> str:
    """A pattern of the characters in some columns that CP949 lacks; empty if none."""
    usual = r"^[\x00-\x7F\x{AC00}-\x{D7A3}]*$"
    texts = " union all ".join(
        f"select {text} as text from {quote_name(relation)}"
        f" where not regexp_matches({text}, '{usual}')"
        for text in expressions
    )
    found = connection.sql(
        "select distinct unnest(regexp_extract_all(text, '(?s).')) as sign from"
        f" ({texts}) order by sign"
    ).fetchall()
    lacking = [sign for (sign,) in found if not fits_cp949(sign)]
    if not lacking:
        return ""
    return "[" + "".join(rf"\x{{{ord(sign):X}}}" for sign in lacking) + "]"


def unmappable(
    connection: duckdb.DuckDBPyConnection, relation: str, form: FileForm
) -> list[str]:
    """Customers whose rows a CP949 form cannot hold: reject them `not_in_cp949`.

    WrongSpec when the form takes what the rows have not.
    """
    refuse_missing(form, connection, relation)
    cells = [
        cell(form, source)
        for source in form.columns.values()
        if not source.startswith("=")
    ]
    if form.encoding != "cp949" or not cells:
        return []
    pattern = beyond_cp949(connection, relation, cells)
    if not pattern:
        return []
    where = " or ".join(f"regexp_matches({text}, '{pattern}')" for text in cells)
    found = connection.sql(
        f"select distinct customer_id from {quote_name(relation)} where {where}"
        " order by customer_id"
    ).fetchall()
    return [customer for (customer,) in found]
