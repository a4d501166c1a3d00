"""SQL that reads each contract column from a file, as the mapping says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa

from customer_segments.loading.casting import (
    AMOUNT,
    Form,
    Merging,
    Reading,
    full_match,
)
from customer_segments.loading.columns import Field, field_sql, object_text
from customer_segments.loading.contract import Column, Table
from customer_segments.loading.discovery import printable
from customer_segments.loading.formats import day_in_name, iso_text, plain_number
from customer_segments.loading.inspection import InspectedFile, is_text
from customer_segments.loading.mapping import Source
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.loading.quoting import quote_name, quote_text
from customer_segments.loading.textual import text_name

ID_DIGITS = 32
HALF_WIDTH = "0123456789+-.,:/"
FULL_WIDTH = "".join(chr(ord(sign) + 0xFEE0) for sign in HALF_WIDTH)
# a row of totals begins with one of these, perhaps with a count in brackets
TOTAL = (
    r"(?i)(총? ?합 ?계|[총소누] ?계|(grand |sub-?)?totals?|summe|gesamt)"
    r"\s*(\(.*\))?\s*[:：]?"
)
SUM_TYPE = "decimal(38, 8)"
FACTOR_TYPE = "decimal(18, 6)"
FACTOR = r"[+-]?\d{1,12}(\.\d{1,6}0*)?"
Plain = Callable[[str], str] | None


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

    def as_plain(theirs: str, plain: Plain) -> Plain:
        return plain if is_written(inspected.parts[theirs], None) else None

    readings = []
    for column in table.file_columns:
        ours = column.name
        field = inspected.fields.get(ours)
        plain = plain_text(column, source)
        form: Form = "text"
        if ours in source.constants:
            expression, plain = quote_text(source.constants[ours]), None
        elif ours in source.file_dates:
            expression, plain = quote_text(file_day(inspected, column)), None
        elif ours in source.made_ids:
            nth = nth_name(ours) if counts(table, ours) else None
            expression = made_id(
                [part(theirs) for theirs in source.made_ids[ours]], nth
            )
        elif ours in source.sums:
            terms = [
                Term(part(theirs), theirs != told, as_plain(theirs, plain))
                for told in source.sums[ours]
                for theirs in [told.removeprefix("-")]
            ]
            expression, plain = sum_text(terms), None
        elif ours in source.products:
            factors = [
                Term(part(theirs), False, as_plain(theirs, plain))
                for theirs in source.products[ours]
            ]
            expression, plain = product_text(factors), None
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
        places = source.rounded.get(ours)
        if places is not None and form == "typed":
            expression, form = f"{expression}::varchar", "text"
        readings.append(Reading(column, expression, form, zone, plain, places))
    return readings


def is_written(field: Field, column: Column | None) -> bool:
    """Whether a value is text that people wrote, rather than a typed one."""
    if field.arrow_type is None or is_text(field.arrow_type):
        return True
    is_epoch = column is not None and column.data_type == "timestamp"
    return is_epoch and pa.types.is_integer(field.arrow_type)


def file_day(inspected: InspectedFile, column: Column) -> str:
    """The day that the name of the file says, for a day or a time. WrongInput."""
    name, source = inspected.file.name, inspected.file.source
    written = source.file_dates[column.name]
    days = [
        day_in_name(called.rpartition("/")[2], written, source.year_pivot)
        for called in inspected.file.called
    ]
    day = next((day for day in days if day is not None), None)
    if day is None:
        raise WrongInput(
            Problem(
                printable(name),
                f"its name says no day as {written} does",
                "Rename the file, or correct file_dates.",
            )
        )
    return day if column.data_type == "date" else f"{day} 00:00:00"


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


def plain_text(column: Column, source: Source) -> Plain:
    """How text of a column becomes plain; None when it already is."""
    kind = column.data_type.split("(")[0]
    if kind in ("timestamp", "date"):
        is_day = kind == "date"
        written, pivot = source.written(column.name, is_day), source.year_pivot
        if written is None:
            return half_width
        return lambda text: iso_text(half_width(text), written, is_day, pivot)
    numbers = source.numbers
    if kind not in ("decimal", "int", "bigint"):
        return None
    if numbers is None:
        return half_width
    return lambda text: plain_number(
        half_width(text), numbers.thousands, numbers.decimal, numbers.symbols
    )


def half_width(text: str) -> str:
    """SQL: full-width digits and signs, as some keyboards write them, as plain ones."""
    plain = f"translate({text}, '{FULL_WIDTH}', '{HALF_WIDTH}')"
    return f"case when strlen({text}) = length({text}) then {text} else {plain} end"


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


def counts(table: Table, ours: str) -> bool:
    """Whether rows that are equal in what makes their id are several."""
    return table.counts_equal_rows and table.key == (ours,)


def made_id(parts: Sequence[str], nth: str | None) -> str:
    """SQL: an id that is the same for the same parts; null when all are unknown.

    Of several rows with the same parts, `nth` names the column that says which it is.
    """
    known = " or ".join(f"{part} is not null" for part in parts)
    told = ", ".join(f"coalesce({part}, '')" for part in parts)
    if nth is not None:
        told += f", case when {nth} > 1 then {nth}::varchar end"
    # no text that is loaded holds the separator, so ('a|b', 'c') is not ('a', 'b|c')
    joined = f"concat_ws(chr(31), {told})"
    return f"case when {known} then sha256({joined})[:{ID_DIGITS}] end"


@dataclass(frozen=True)
class Term:
    """One amount of a sum: SQL for its text, and how that becomes plain."""

    text: str
    is_taken_off: bool
    plain: Plain

    @property
    def amount(self) -> str:
        """SQL: the amount as plain text."""
        return self.text if self.plain is None else self.plain(self.text)


def product_text(factors: Sequence[Term]) -> str:
    """SQL: the product of two amounts as text; what is no amount stands for itself."""
    known = " and ".join(f"{factor.text} is not null" for factor in factors)
    total = " * ".join(f"try_cast({f.amount} as {FACTOR_TYPE})" for f in factors)
    return f"case {no_amount(factors, FACTOR)} when {known} then ({total})::varchar end"


def no_amount(terms: Sequence[Term], pattern: str) -> str:
    """SQL: cases for the first of the terms that is no amount, which is then shown."""
    return " ".join(
        f"when {term.text} is not null"
        f" and not coalesce({full_match(term.amount, pattern)}, false) then {term.text}"
        for term in terms
    )


def sum_text(terms: Sequence[Term]) -> str:
    """SQL: the sum of amounts as text; what is no amount stands for itself."""
    wrong = no_amount(terms, AMOUNT)
    total = "0" + "".join(
        f" {'-' if term.is_taken_off else '+'}"
        f" coalesce(try_cast({term.amount} as {SUM_TYPE}), 0)"
        for term in terms
    )
    known = " or ".join(f"{term.text} is not null" for term in terms)
    return f"case {wrong} when {known} then ({total})::varchar end"


def merging_of(source: Source) -> Merging | None:
    """How the rows of a source become one, if they do."""
    return Merging(source.rows_per, source.merge) if source.rows_per else None


def line_name(ours: str) -> str:
    """The column of the relation that numbers lines."""
    return f"line_of_{ours}"


def nth_name(ours: str) -> str:
    """The column of the relation that numbers rows whose made ids are equal."""
    return f"nth_of_{ours}"


def no_row(table: Table, inspected: InspectedFile, names: Sequence[str]) -> str:
    """SQL: whether a record of text is none of its table: all blank, or totals.

    Totals begin with a word for them and lack something that each row must have.
    """
    cells = [f"nullif(trim({quote_name(name)}), '')" for name in names]
    first = f"coalesce({', '.join(cells)})"
    required = [
        f"coalesce(trim({quote_name(text_name(field.position))}), '') = ''"
        for name in table.required
        if (field := inspected.fields.get(name)) is not None
    ]
    # asked first, since nearly every row has all of them
    lacking = " or ".join(required) or "true"
    return (
        f"(({lacking}) and ({first} is null"
        f" or coalesce({full_match(first, TOTAL)}, false)))"
    )


def own_rows(
    relation: str,
    table: Table,
    inspected: InspectedFile,
    names: Sequence[str],
    no_row: str | None,
) -> tuple[str, str | None]:
    """SQL for the rows that are of this table, and for those that are set aside."""
    source = inspected.file.source

    def text(theirs: str) -> str:
        field = inspected.parts[theirs]
        told = field_sql(names[field.position], inspected.types[field.position], field)
        return f"nullif(trim({told}::varchar, ' '), '')"

    conditions = [] if no_row is None else [f"not {no_row}"]
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
    numbered = {line_name(o): columns for o, columns in source.line_numbers.items()}
    numbered |= {
        nth_name(ours): columns
        for ours, columns in source.made_ids.items()
        if counts(table, ours)
    }
    for name, columns in numbered.items():
        group = ", ".join(text(theirs) for theirs in columns)
        rows = (
            f"select *, row_number() over (partition by {group} order by source_row)"
            f" as {name} from ({rows})"
        )
    return rows, set_aside
