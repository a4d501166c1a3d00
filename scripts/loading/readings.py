"""SQL that reads each contract column from a file, as the mapping says."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import pyarrow as pa

from scripts.loading.casting import AMOUNT, Form, Reading, full_match
from scripts.loading.columns import Field, field_sql, object_text
from scripts.loading.contract import Column, Table
from scripts.loading.formats import iso_text, plain_number
from scripts.loading.inspection import InspectedFile, is_text
from scripts.loading.mapping import Source
from scripts.loading.quoting import quote_text

ID_DIGITS = 32
SUM_TYPE = "decimal(38, 8)"


def readings_of(
    table: Table, inspected: InspectedFile, names: Sequence[str], types: Sequence[str]
) -> list[Reading]:
    """A reading per contract column; names and DuckDB types are the relation's."""
    source = inspected.file.source
    zone = ZoneInfo(source.time_zone) if source.time_zone else None

    def sql(field: Field) -> str:
        return field_sql(names[field.position], inspected.types[field.position], field)

    def part(theirs: str) -> str:
        return f"nullif(trim({sql(inspected.parts[theirs])}::varchar, ' '), '')"

    readings = []
    for column in table.file_columns:
        ours = column.name
        field = inspected.fields.get(ours)
        plain = plain_text(column, source)
        form: Form = "text"
        if ours in source.constants:
            expression = quote_text(source.constants[ours])
        elif ours in source.made_ids:
            expression = made_id([part(theirs) for theirs in source.made_ids[ours]])
        elif ours in source.sums:
            parts = [part(theirs) for theirs in source.sums[ours]]
            expression, plain = sum_text(parts, plain), None
        elif ours in source.line_numbers:
            expression = f"{line_name(ours)}::varchar"
        elif field is None or (
            field.arrow_type is not None and pa.types.is_null(field.arrow_type)
        ):
            expression, form = "null", "absent"
        else:
            expression, form = sql(field), form_of(column, field, types, source)
            if field.arrow_type is not None and pa.types.is_nested(field.arrow_type):
                expression = object_text(expression, field.arrow_type)
            elif form == "text" and field.arrow_type is not None:
                expression = f"{expression}::varchar"
            elif form == "typed" and column.data_type == "timestamp":
                expression = f"{expression}::timestamptz"
            elif form == "local_time":
                expression = f"{expression}::timestamp"
        if form == "text":
            expression = translated(expression, source.values.get(ours, {}))
        if field is not None and not is_written(field, column):
            plain = None
        readings.append(Reading(column, expression, form, zone, plain))
    return readings


def is_written(field: Field, column: Column) -> bool:
    """Whether a value is text that people wrote, rather than a typed one."""
    if field.arrow_type is None or is_text(field.arrow_type):
        return True
    return column.data_type == "timestamp" and pa.types.is_integer(field.arrow_type)


def form_of(column: Column, field: Field, types: Sequence[str], source: Source) -> Form:
    """Text as text, equal types as they are, all else by way of text."""
    arrow_type = field.arrow_type
    if arrow_type is None or is_text(arrow_type) or column.name in source.values:
        return "text"
    if column.data_type == "timestamp" and pa.types.is_timestamp(arrow_type):
        return "local_time" if arrow_type.tz is None else "typed"
    declared = {"int": "integer"}.get(column.data_type, column.data_type)
    found = types[field.position].lower()
    is_whole = not field.path
    return "typed" if is_whole and declared.replace(" ", "") == found else "text"


def plain_text(column: Column, source: Source) -> Callable[[str], str] | None:
    """How text of a column becomes plain; None when it already is."""
    kind = column.data_type.split("(")[0]
    if kind in ("timestamp", "date"):
        written = source.written(column.name, kind == "date")
        return None if written is None else lambda text: iso_text(text, written)
    numbers = source.numbers
    if kind in ("decimal", "int", "bigint") and numbers is not None:
        return lambda text: plain_number(
            text, numbers.thousands, numbers.decimal, numbers.symbols
        )
    return None


def translated(expression: str, values: dict[str, str]) -> str:
    """SQL: our word for theirs; a word that is not told stays."""
    if not values:
        return expression
    text = f"trim(coalesce({expression}, ''), ' ')"
    cases = " ".join(
        f"when {quote_text(theirs.strip(' '))} then {quote_text(ours)}"
        for theirs, ours in values.items()
    )
    return f"case {text} {cases} else {expression} end"


def made_id(parts: Sequence[str]) -> str:
    """SQL: an id that is the same for the same parts; null when all are unknown."""
    known = " or ".join(f"{part} is not null" for part in parts)
    told = ", ".join(f"coalesce({part}, '')" for part in parts)
    return f"case when {known} then sha256(concat_ws('|', {told}))[:{ID_DIGITS}] end"


def sum_text(parts: Sequence[str], plain: Callable[[str], str] | None) -> str:
    """SQL: the sum of amounts as text; what is no amount stands for itself."""
    amounts = [plain(part) if plain is not None else part for part in parts]
    readable = [
        f"({part} is null or coalesce({full_match(amount, AMOUNT)}, false))"
        for part, amount in zip(parts, amounts, strict=True)
    ]
    total = " + ".join(
        f"coalesce(try_cast({amount} as {SUM_TYPE}), 0)" for amount in amounts
    )
    wrong = " ".join(
        f"when not {ok} then {part}" for ok, part in zip(readable, parts, strict=True)
    )
    known = " or ".join(f"{part} is not null" for part in parts)
    return f"case {wrong} when {known} then ({total})::varchar end"


def line_name(ours: str) -> str:
    """The column of the relation that numbers lines."""
    return f"line_of_{ours}"


def own_rows(
    relation: str, inspected: InspectedFile, names: Sequence[str]
) -> tuple[str, str | None]:
    """SQL for the rows that are of this table, and for those that are set aside."""
    source = inspected.file.source

    def text(theirs: str) -> str:
        field = inspected.parts[theirs]
        told = field_sql(names[field.position], inspected.types[field.position], field)
        return f"nullif(trim({told}::varchar, ' '), '')"

    conditions = []
    for theirs, wanted in source.only.items():
        if isinstance(wanted, list):
            told = ", ".join(quote_text(value) for value in wanted)
            conditions.append(f"coalesce({text(theirs)} in ({told}), false)")
        else:
            test = "is not null" if wanted == "known" else "is null"
            conditions.append(f"{text(theirs)} {test}")
    set_aside = None
    rows = relation
    if conditions:
        told = " and ".join(conditions)
        rows = f"select * from ({relation}) where {told}"
        set_aside = f"select * from ({relation}) where not ({told})"
    for ours, columns in source.line_numbers.items():
        group = ", ".join(text(theirs) for theirs in columns)
        rows = (
            f"select *, row_number() over (partition by {group} order by source_row)"
            f" as {line_name(ours)} from ({rows})"
        )
    return rows, set_aside
