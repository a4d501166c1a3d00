"""From text or Parquet types to contract types, and the first fault of each row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from customer_segments.loading.contract import LOADER_COLUMNS, Column, Table
from customer_segments.loading.mapping import ByColumn, Merge
from customer_segments.loading.quoting import quote_name, quote_text, quote_timestamp

Form = Literal["absent", "text", "typed", "local_time"]

AMOUNT = r"[+-]?\d+(\.\d+)?"
INTEGER = r"[+-]?\d+(\.0+)?"
DATE = r"\d{4}-\d{2}-\d{2}"
ZONE = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"
TIME = (
    DATE
    + r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
    + r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)?"
)
BOOLEAN = r"(?i)(true|false|t|f|1|0|yes|no|y|n)"
TRUE = r"(?i)(true|t|1|yes|y)"
FLOAT_ID = r"[+-]?\d+\.\d*([eE][+-]?\d+)?|[+-]?\d+[eE][+-]\d+"
BLANK = r"[\s\x{00A0}\x{200B}\x{3000}\x{FEFF}]*"
CONTROL = (
    r"[\x00-\x08\x0B\x0C\x0E-\x1F"
    r"\x{061C}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2066}-\x{2069}]"
)
# an amount before it is rounded
WIDE = "decimal(38, 8)"
FIRST_MOMENT = "timestamp '0001-01-01 00:00:00'"
LAST_MOMENT = "timestamp '9999-12-31 23:59:59.999999'"
MASK_LENGTH = 40
# words that stand for nothing; they are nobody's, and are shown
NULL_WORDS = (
    *("NULL", "(NULL)", r"\N", "N/A", "#N/A", "NA", "NAN", "NONE", "NIL", "-", "--"),
    *("UNDEFINED", "없음", "해당없음"),
)

# The offset in force a day earlier wins, so a local time that occurs twice is the first
# of the two; a time that no clock showed fits neither offset and becomes null.
SESSION = f"""
create or replace temp macro offset_at(instant, zone) as
    timezone(zone, instant::timestamptz) - instant;
create or replace temp macro fits_clock(local_time, zone, zone_offset) as
    timezone(zone, (local_time - zone_offset)::timestamptz) = local_time;
create or replace temp macro local_to_utc(local_time, zone) as
    case
        when fits_clock(
            local_time, zone, offset_at(local_time - interval 1 day, zone)
        ) then local_time - offset_at(local_time - interval 1 day, zone)
        when fits_clock(
            local_time, zone, offset_at(local_time + interval 1 day, zone)
        ) then local_time - offset_at(local_time + interval 1 day, zone)
    end;
create or replace temp macro offset_to_utc(local_time, zone) as
    case
        when zone = 'Z' then local_time
        else local_time - to_minutes(
            (case when zone[1] = '-' then -1 else 1 end) * (
                60 * try_cast(zone[2:3] as integer)
                + case
                    when length(zone) > 3 then try_cast(right(zone, 2) as integer)
                    else 0
                end
            )
        )
    end;
create or replace temp macro representable(moment) as
    case when moment between {FIRST_MOMENT} and {LAST_MOMENT} then moment end;
create or replace temp macro hide_control(content) as
    regexp_replace(content, '{CONTROL}', chr(65533), 'g');
create or replace temp macro mask_length(content) as
    '(' || length(content) || ' characters)';
create or replace temp macro is_null_word(content) as
    upper(trim(content)) in ({", ".join(map(quote_text, NULL_WORDS))});
create or replace temp macro mask_shape(content) as
    case when is_null_word(content) then content else
    regexp_replace(regexp_replace(regexp_replace(hide_control(
        left(content, {MASK_LENGTH})
    ), '[^\\P{{L}}\\p{{Hangul}}]|\\p{{M}}', 'a', 'g'),
        '\\p{{Hangul}}', '가', 'g'), '\\p{{N}}', '9', 'g')
    || case when length(content) > {MASK_LENGTH} then '…' else '' end end;
"""


@dataclass(frozen=True)
class Reading:
    """How a contract column is read: SQL over the source, and what it gives.

    `plain` makes text plain: SQL over SQL that is null for what is not written as the
    mapping says; without it plain text is what is there. `places` rounds an amount when
    it lands.
    """

    column: Column
    expression: str
    form: Form
    zone: ZoneInfo | None = None
    plain: Callable[[str], str] | None = None
    places: int | None = None


@dataclass(frozen=True)
class Merging:
    """Many rows that become one: the columns that are equal, and how the others merge.

    Columns are ours; how = sum, min, max, count, first or last, the latter two perhaps
    by another column.
    """

    keys: Sequence[str]
    how: Mapping[str, Merge | ByColumn]

    def value(self, column: str, index: Mapping[str, int]) -> str:
        """SQL: the one value of a column; what is not known is passed over."""
        v, how = f"v{index[column]}", self.how.get(column, "first")
        if column in self.keys:
            return f"any_value({v})"
        if how == "count":
            return "count(*)"
        if how in ("sum", "min", "max"):
            return f"{how}({v})"
        order, by = str(how), "source_row"
        if isinstance(how, dict):
            ((order, other),) = how.items()
            nulls = "last" if order == "first" else "first"
            by = f"v{index[other]} nulls {nulls}, source_row"
        return f"{order}({v} order by {by}) filter (where {v} is not null)"


@dataclass(frozen=True)
class Steps:
    """SQL of one column in each step, over the names t (as read) and v (typed)."""

    text: str
    parsed: str | None
    value: str
    fault: str | None


def sql_type(column: Column) -> str:
    """The DuckDB type of a contract type."""
    return {"string": "varchar", "int": "integer"}.get(
        column.data_type, column.data_type
    )


def full_match(text: str, pattern: str) -> str:
    """Whether a text is the pattern from its first to its last character."""
    return f"regexp_full_match({text}, {quote_text(pattern)})"


def steps_of(table: Table, reading: Reading, index: int) -> Steps:
    """The SQL of one column; null stays null and is never a fault."""
    column, expression, zone = reading.column, reading.expression, reading.zone
    t, v = f"t{index}", f"v{index}"
    kind = re.sub(r"\(.*", "", column.data_type)
    if reading.form == "absent":
        return Steps("null", None, f"null::{sql_type(column)}", None)
    if reading.form == "local_time":
        moment = f"representable({t})"
        value = f"representable({zone_to_utc(moment, zone)})"
        return Steps(expression, None, value, missing_value(t, v, "bad_time"))
    if reading.form == "typed" and kind == "timestamp":
        value = f"representable(timezone('UTC', {t}))"
        return Steps(expression, None, value, missing_value(t, v, "bad_time"))
    if reading.form == "typed" and kind == "date":
        value = f"representable({t}::timestamp)::date"
        return Steps(expression, None, value, missing_value(t, v, "bad_date"))
    if reading.form == "typed":
        return Steps(expression, None, t, None)
    if kind == "string":
        return string_steps(table, column, expression, t)
    trimmed = f"nullif(trim({expression}, ' '), '')"
    n = t if reading.plain is None else f"n{index}"
    parsed = None if reading.plain is None else f"{reading.plain(t)} as {n}"
    if kind == "timestamp":
        return time_steps(trimmed, parsed, n, index, zone)
    pattern = {
        "decimal": AMOUNT,
        "int": INTEGER,
        "bigint": INTEGER,
        "date": DATE,
        "boolean": BOOLEAN,
    }[kind]
    cast = {
        "date": f"representable(try_cast({n} as timestamp))::date",
        "boolean": full_match(n, TRUE),
    }.get(kind, f"try_cast({n} as {sql_type(column)})")
    if kind == "decimal":
        too_fine = full_match(n, rf".*\.\d{{{column.scale}}}\d*[1-9]\d*")
        if reading.places is not None:
            # it is rounded, once it is merged
            too_fine, cast = "false", f"try_cast({n} as {WIDE})"
        value = f"case when {full_match(n, pattern)} and not {too_fine} then {cast} end"
        reason = (
            f"case when not coalesce({full_match(n, pattern)}, false) then 'bad_amount'"
            f" when {too_fine} then 'too_many_decimals'"
            " else 'amount_overflow' end"
        )
    else:
        value = f"case when {full_match(n, pattern)} then {cast} end"
        reason = {
            "int": "'bad_integer'",
            "bigint": "'bad_integer'",
            "date": "'bad_date'",
            "boolean": "'bad_boolean'",
        }[kind]
    return Steps(trimmed, parsed, value, text_fault(t, v, reason))


def missing_value(t: str, v: str, reason: str) -> str:
    """The reason where a value is there and could not be kept."""
    return f"case when {t} is not null and {v} is null then '{reason}' end"


def text_fault(t: str, v: str, reason: str) -> str:
    """As missing_value, for text, which may hold control characters."""
    return (
        f"case when {t} is not null and {v} is null then case when"
        f" regexp_matches({t}, {quote_text(CONTROL)}) then 'control_characters'"
        f" else {reason} end end"
    )


def string_steps(table: Table, column: Column, expression: str, t: str) -> Steps:
    """Text is kept as it is; ids lose the spaces around them."""
    is_id = table.is_id(column)
    text = f"nullif({expression}, '')"
    if is_id:
        text = (
            f"case when not {full_match(expression, BLANK)}"
            f" then trim({expression}, ' ') end"
        )
    faults = [
        f"when regexp_matches({t}, {quote_text(CONTROL)}) then 'control_characters'"
    ]
    if is_id and not column.may_be_dotted:
        faults.append(f"when {full_match(t, FLOAT_ID)} then 'float_id'")
    if column.is_object:
        faults.append(
            f"when not (json_valid({t}) and left(ltrim({t}, ' \t\r\n'), 1) = '{{')"
            " then 'bad_json'"
        )
    return Steps(text, None, t, f"case {' '.join(faults)} end")


def time_steps(
    text: str, plain: str | None, n: str, index: int, zone: ZoneInfo | None
) -> Steps:
    """ISO 8601 with a zone, or in the declared one; stored in UTC.

    `n` names the plain text, which `plain` makes when it is not the text itself.
    """
    t, v, offset, local = f"t{index}", f"v{index}", f"z{index}", f"l{index}"
    parsed = (
        f"case when {full_match(n, TIME)}"
        f" then regexp_extract({n}, {quote_text(ZONE)}) end as {offset},"
        f" try_cast(left({n}, length({n}) - length({offset})) as timestamp) as {local}"
    )
    without_zone = "null" if zone is None else zone_to_utc(local, zone)
    value = (
        f"representable(case when {offset} = '' then {without_zone}"
        f" else offset_to_utc({local}, {offset}) end)"
    )
    reason = (
        f"case when {offset} = '' and representable({local}) is not null"
        f" and {'true' if zone is None else 'false'}"
        " then 'no_time_zone' else 'bad_time' end"
    )
    return Steps(
        text, ", ".join(filter(None, [plain, parsed])), value, text_fault(t, v, reason)
    )


STEADY_FROM, STEADY_TO = datetime(2000, 1, 1), datetime(2037, 1, 1)


def zone_to_utc(local: str, zone: ZoneInfo | None) -> str:
    """SQL for a local time in UTC; null inside the gap of a clock change."""
    if zone is None:
        return "null::timestamp"
    general = f"local_to_utc({local}, {quote_text(zone.key)})"
    offset = steady_offset(zone)
    if offset is None:
        return general
    return (
        f"case when {local} >= {quote_timestamp(STEADY_FROM)}"
        f" and {local} < {quote_timestamp(STEADY_TO)}"
        f" then {local} - to_seconds({int(offset.total_seconds())}) else {general} end"
    )


def steady_offset(zone: ZoneInfo) -> timedelta | None:
    """The zone's one offset from STEADY_FROM to STEADY_TO; None if clocks change."""
    days = range(-2, (STEADY_TO - STEADY_FROM).days + 3)
    start = STEADY_FROM.replace(tzinfo=UTC)
    offsets = {
        (start + timedelta(days=day)).astimezone(zone).utcoffset() for day in days
    }
    return offsets.pop() if len(offsets) == 1 else None


def judged_rows(
    table: Table,
    readings: Sequence[Reading],
    relation: str,
    merging: Merging | None = None,
) -> str:
    """CTEs up to `judged`: source_row, t<i> as read, v<i> typed, fault as `i:reason`.

    `relation` has source_row and whatever the readings' expressions name. A row that
    would be merged with one that is at fault is at fault too: their sum would lack it.
    """
    steps = [steps_of(table, r, i) for i, r in enumerate(readings)]
    texts = [f"{s.text} as t{i}" for i, s in enumerate(steps)]
    parsed = [s.parsed for s in steps if s.parsed is not None]
    values = [f"{s.value} as v{i}" for i, s in enumerate(steps)]
    faults = [
        f"'{i}:' || {step.fault}"
        for i, (step, reading) in enumerate(zip(steps, readings, strict=True))
        if step.fault and reading.column.may_be_faulty
    ]
    first_fault = f"coalesce({', '.join(faults)})" if faults else "null"
    own = f"select *, {first_fault} as fault from typed"
    if merging is not None:
        names = [column.name for column in table.file_columns]
        keys = [f"v{names.index(key)}" for key in merging.keys]
        known = " and ".join(f"{key} is not null" for key in keys)
        own = (
            f"select * replace (coalesce(fault, case when {known} and bool_or(fault is"
            f" not null) over (partition by {', '.join(keys)})"
            f" then '{keys[0][1:]}:merged_with_fault' end) as fault) from ({own})"
        )
    return f"""
with source as ({relation}),
read as (select source_row, {", ".join(texts)} from source),
parsed as (select {", ".join(["*", *parsed])} from read),
typed as (select *, {", ".join(values)} from parsed),
judged as ({own})
"""


def landed_rows(
    table: Table,
    readings: Sequence[Reading],
    judged: str,
    loaded_at: datetime,
    source_file: str,
    merging: Merging | None,
) -> str:
    """The rows without a fault, or what they are merged into, in contract order."""
    index = {column.name: i for i, column in enumerate(table.file_columns)}
    merged = merging is not None
    own = dict(
        zip(
            LOADER_COLUMNS,
            (
                quote_timestamp(loaded_at),
                quote_text(source_file),
                "min(source_row)" if merged else "source_row",
            ),
            strict=True,
        )
    )

    def value(column: Column) -> str:
        if column.name in own:
            return own[column.name]
        reading = readings[index[column.name]]
        told = f"v{index[column.name]}"
        if merging is not None:
            told = merging.value(column.name, index)
        if reading.places is not None:
            told = f"round({told}, {reading.places})"
        return f"({told})::{sql_type(column)}"

    columns = ", ".join(f"{value(c)} as {quote_name(c.name)}" for c in table.columns)
    rows = f"{judged} select {columns} from judged where fault is null"
    if merging is None:
        return rows
    keys = [f"v{index[key]}" for key in merging.keys]
    unknown = " or ".join(f"{key} is null" for key in keys)
    alone = f"case when {unknown} then source_row end"
    return f"{rows} group by {', '.join([*keys, alone])} order by min(source_row)"


def rejected_rows(
    table: Table,
    judged: str,
    whole_rows: str,
    loaded_at: datetime,
    source_file: str,
) -> str:
    """The rows with a fault and those of `whole_rows`, masked, by source_row."""
    columns = table.file_columns
    names = " ".join(f"when '{i}' then '{c.name}'" for i, c in enumerate(columns))
    masks = " ".join(
        f"when '{i}' then {mask(f't{i}::varchar', c.is_personal)}"
        for i, c in enumerate(columns)
    )
    keys = [
        f"coalesce({key_text(f't{i}::varchar', c.is_personal)}, '')"
        for name in table.key
        for i, c in enumerate(columns)
        if c.name == name
    ]
    return f"""{judged},
faulty as (
    select
        {" || '|' || ".join(keys)} as row_key,
        case split_part(fault, ':', 1) {names} end as column_name,
        split_part(fault, ':', 2) as reason,
        case split_part(fault, ':', 1) {masks} end as masked_value,
        source_row,
    from judged
    where fault is not null
    union all
    select null, null, reason, masked_value, source_row from ({whole_rows})
)
select
    {quote_text(table.name)} as raw_table,
    row_key::varchar as row_key,
    column_name::varchar as column_name,
    reason,
    masked_value,
    {quote_text(source_file)} as source_file,
    source_row,
    {quote_timestamp(loaded_at)} as loaded_at,
from faulty
order by source_row
"""


def mask(text: str, is_personal: bool) -> str:
    """SQL for a value as it may be stored: its shape, or only its length."""
    return f"mask_length({text})" if is_personal else f"mask_shape({text})"


def key_text(text: str, is_personal: bool) -> str:
    """SQL for a part of a key; only its length if it is personal."""
    return f"mask_length({text})" if is_personal else f"hide_control({text})"
