"""How a shop's own exports become raw tables: `mapping.yml`, read and checked."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from customer_segments.loading.contract import Table
from customer_segments.loading.formats import ALLOWED, NUMBERED, check_format
from customer_segments.loading.problems import Problem, WrongInput
from customer_segments.yaml_files import (
    NotRead,
    TextLoader,
    Written,
    nearest,
    read_yaml,
)

FILE_NAME = "mapping.yml"
LIST_OF_NAMES = {"type": "array", "items": {"type": "string"}}
NUMERIC = ("int", "bigint", "decimal")
SHAPE = re.compile(r"(function|dict|list|literal)[-\[]")
# CP949 is EUC-KR with the syllables that EUC-KR lacks
ENCODINGS = {"euc_kr": "cp949", "utf-8-sig": "utf-8"}


def known_encoding(name: str) -> str:
    """An encoding of text by the name that Python has for it; ValueError."""
    try:
        found = codecs.lookup(name)
        "".encode(name)
    except LookupError as error:
        raise ValueError(
            f"no encoding {name!r}; say one like utf-8 or cp949"
        ) from error
    return ENCODINGS.get(found.name, found.name)


def known_zone(name: str) -> str:
    """An IANA time zone; ValueError with the nearest name."""
    if name not in available_timezones():
        near = get_close_matches(name, sorted(available_timezones()), 1)
        hint = f"; did you mean {near[0]}?" if near else "; say one like Asia/Seoul"
        raise ValueError(f"no time zone {name!r}{hint}")
    return name


def as_list(value: object) -> object:
    """A single name as a list of one."""
    return [value] if isinstance(value, str) else value


def null_words(value: object) -> object:
    """Words as a list; YAML takes NULL for nothing, and here it is a word."""
    words = value if isinstance(value, list) else [value]
    return ["NULL" if word is None else word for word in words]


Names = Annotated[list[str], BeforeValidator(as_list)]
Encoding = Annotated[str, AfterValidator(known_encoding)]
Format = Annotated[str, AfterValidator(check_format)]
Zone = Annotated[str, AfterValidator(known_zone)]


# keys of a source whose words are our columns; FILLING says that they fill them
FILLING = ("constants", "file_dates", "made_ids", "sums", "products", "line_numbers")
OUR_KEYS = ("values", *FILLING, "merge", "rounded")
# how a constant of a type is written, whatever the formats of the file
CONSTANTS = (
    ("timestamp", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", "2026-01-31T09:00:00+09:00"),
    ("date", r"\d{4}-\d\d-\d\d", "2026-01-31"),
    ("decimal", r"[+-]?\d+(\.\d+)?", "12900 or 12.50"),
    ("int", r"[+-]?\d+", "3"),
)
TIME_KEYS = ("time_format", "date_format", "file_dates")
Merge = Literal["sum", "min", "max", "first", "last", "count"]
ByColumn = Annotated[
    dict[Literal["first", "last"], str], Field(min_length=1, max_length=1)
]


class Strict(BaseModel):
    """A part of the mapping; a word that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(Strict):
    """How amounts are written."""

    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = ","
    decimal: Annotated[str, Field(min_length=1, max_length=1)] = "."
    symbols: Annotated[Names, Field(description="Such as ₩ or 원")] = []

    @model_validator(mode="after")
    def distinct(self) -> "Numbers":
        """ValueError when a sign would mean two things."""
        if self.thousands == self.decimal:
            raise ValueError("thousands and decimal are the same sign")
        if any(
            not symbol or re.search(r"[0-9+.,-]", symbol) for symbol in self.symbols
        ):
            raise ValueError("symbols hold no digits, signs, points or commas")
        return self


class Options(Strict):
    """How the text of a file is read."""

    encoding: Annotated[
        Encoding,
        Field(description="Any that Python knows; a byte order mark says it by itself"),
    ] = "utf-8"
    header_row: Annotated[
        str | None,
        Field(
            description="Its number, from 1, or a column that it names. Default: the"
            " row that names the mapped columns"
        ),
    ] = None
    sheet: Annotated[
        str | None,
        Field(
            description="Of a workbook, by name or number; a table of a page by number."
            " Default: the one that names the mapped columns"
        ),
    ] = None
    password_env: Annotated[
        str,
        Field(
            description="The environment variable with the password of a workbook or"
            " zip",
            pattern=r"^[A-Za-z_]\w*$",
        ),
    ] = "FILE_PASSWORD"
    nulls: Annotated[
        list[str],
        BeforeValidator(null_words),
        Field(description=r"Words that mean nothing, such as NULL or \N, in any case"),
    ] = []
    year_pivot: Annotated[
        int | None,
        Field(
            description="Years of two digits below it are 20.., the others 19..",
            ge=0,
            le=100,
        ),
    ] = None
    delimiter: Literal[",", ";", "|", "\t"] = ","
    numbers: Annotated[
        Numbers | None, Field(description="Default: plain digits with a point")
    ] = None
    time_format: Annotated[
        Format | dict[str, Format] | None,
        Field(
            description="Default: ISO 8601. One format, or one for each of our columns:"
            f" {ALLOWED}, or {', '.join(NUMBERED)}"
        ),
    ] = None
    date_format: Annotated[
        Format | dict[str, Format] | None,
        Field(description="Default: ISO 8601. As time_format, for days"),
    ] = None
    time_zone: Annotated[
        Zone | None, Field(description="Of times without one, such as Asia/Seoul")
    ] = None


class Source(Options):
    """Where rows of a raw table come from, and what their columns mean."""

    files: Annotated[
        Names, Field(description="Patterns below the folder that is loaded")
    ] = []
    database: Annotated[
        str | None, Field(description="A DuckDB file, beside the mapping")
    ] = None
    table: Annotated[
        str | None,
        Field(description="A table of it", pattern=r"^\w+(\.\w+){0,2}$"),
    ] = None
    optional: Annotated[bool, Field(description="No file is fine")] = False
    columns: Annotated[
        dict[str, Names], Field(description="Their column: our column, or several")
    ] = {}
    values: Annotated[
        dict[str, dict[str, str]],
        Field(description="Our column: {their value: our value}"),
    ] = {}
    constants: Annotated[
        dict[str, str], Field(description="Our column: its value in every row")
    ] = {}
    file_dates: Annotated[
        dict[str, Format],
        Field(
            description="Our column: how the name of the file says its day, such as"
            " members_%Y%m%d.csv; * stands for anything"
        ),
    ] = {}
    made_ids: Annotated[
        dict[str, Names],
        Field(description="Our column: their columns that identify a row together"),
    ] = {}
    sums: Annotated[
        dict[str, Names],
        Field(
            description="Our column: their amounts, added up; one with - before its"
            " name is taken off"
        ),
    ] = {}
    products: Annotated[
        dict[str, list[str]],
        Field(description="Our column: two of their amounts, multiplied"),
    ] = {}
    line_numbers: Annotated[
        dict[str, Names],
        Field(description="Our column: counts rows equal in their columns, from 1"),
    ] = {}
    rows_per: Annotated[
        Names, Field(description="Our columns: rows equal in them become one")
    ] = []
    merge: Annotated[
        dict[str, Merge | ByColumn],
        Field(
            description="With rows_per, our column: how the values of its rows become"
            " one. Default: first, the first that is known in the file; {last: ours},"
            " by another of our columns"
        ),
    ] = {}
    rounded: Annotated[
        dict[str, Annotated[int, Field(ge=0, le=4)]],
        Field(description="Our column: to how many decimals, once its rows are merged"),
    ] = {}
    only: Annotated[
        dict[str, Literal["known", "unknown"] | list[str]],
        Field(description="Their column: which rows are of this table"),
    ] = {}
    ignore: Annotated[
        Names, Field(description="Their columns that nobody wants, on purpose")
    ] = []

    @model_validator(mode="after")
    def one_origin(self) -> "Source":
        """ValueError unless rows come from files or from one table."""
        if bool(self.files) == bool(self.table):
            raise ValueError("needs either files, or database and table")
        if bool(self.database) != bool(self.table):
            raise ValueError("needs database and table together")
        return self

    @property
    def derived(self) -> dict[str, str]:
        """Our columns that no column of theirs holds, and the key that says so."""
        return {column: key for key in FILLING for column in getattr(self, key)}

    @property
    def named(self) -> list[str]:
        """Their columns that must be there."""
        lists = [*self.made_ids.values(), *self.line_numbers.values()]
        lists += self.products.values()
        lists += [[part.removeprefix("-") for part in s] for s in self.sums.values()]
        return list(
            dict.fromkeys([*self.columns, *self.only, *(n for ns in lists for n in ns)])
        )

    def written(self, column: str, is_day: bool) -> str | None:
        """The format of a time or day column; None = ISO 8601."""
        chosen = self.date_format if is_day else self.time_format
        return chosen.get(column) if isinstance(chosen, dict) else chosen

    @property
    def digest(self) -> str:
        """What changes when the same file would be read in another way."""
        told = self.model_dump(
            exclude={"files", "optional", "ignore"}, exclude_defaults=True
        )
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def one_or_many(value: object) -> object:
    """A single source as a list of one."""
    return [value] if isinstance(value, dict) else value


class ShopMapping(Strict):
    """The whole file."""

    defaults: Annotated[
        Options, Field(description="Reading options of all sources")
    ] = Options()
    tables: Annotated[
        dict[str, Annotated[list[Source], BeforeValidator(one_or_many)]],
        Field(description="Our raw table: one source or several", min_length=1),
    ]
    ignore_files: Annotated[
        Names, Field(description="Patterns of files that nobody reads, on purpose")
    ] = []


def read_mapping(
    path: Path, tables: Mapping[str, Table]
) -> tuple[ShopMapping, Written]:
    """The mapping with its defaults applied; WrongInput lists every mistake."""
    try:
        located = read_yaml(path, TextLoader)
    except NotRead as error:
        problem = Problem(error.place, error.what, f"{error.remedy}.")
        raise WrongInput(problem) from error
    told = located.content
    if isinstance(told, dict):
        told.pop("$schema", None)
    try:
        mapping = ShopMapping.model_validate(told)
    except ValidationError as error:
        raise WrongInput(*explained(located, error.errors())) from error
    problems = [
        problem
        for name, sources in mapping.tables.items()
        for index, source in enumerate(sources)
        for problem in misnamed(located, tables, name, index, source)
    ]
    whole = with_defaults(mapping)
    problems += [
        problem
        for name, sources in whole.tables.items()
        for index, source in enumerate(sources)
        for problem in unfit(located, ["tables", name, index], source, tables.get(name))
    ]
    if problems:
        raise WrongInput(*problems)
    return whole, located


def unfit(
    located: Written, keys: list[str | int], source: Source, table: Table | None
) -> Iterator[Problem]:
    """Keys of a source that need another one, or more, and constants of no type."""
    for ours in table.file_columns if table is not None else ():
        constant = source.constants.get(ours.name)
        for kind, pattern, example in CONSTANTS:
            if (
                constant is not None
                and ours.data_type.startswith(kind)
                and not re.fullmatch(pattern, constant.strip())
            ):
                yield Problem(
                    located.where([*keys, "constants", ours.name]),
                    f"the constant {ours.name} is no {kind}",
                    f"Write it as {example}.",
                )
    if source.merge and not source.rows_per:
        yield Problem(
            located.where([*keys, "merge"]), "merge needs rows_per", "Say rows_per."
        )
    for column, factors in source.products.items():
        if len(factors) != 2:
            yield Problem(
                located.where([*keys, "products", column]),
                "a product needs two columns",
                "Name two.",
            )
    for key in TIME_KEYS:
        told = getattr(source, key)
        written = told.values() if isinstance(told, dict) else [told]
        if source.year_pivot is None and any("%y" in (one or "") for one in written):
            place = [*keys, key] if located.has([*keys, key]) else ["defaults", key]
            yield Problem(
                located.where(place),
                "years of two digits (%y) need year_pivot",
                "Say year_pivot: 50, if 49 is 2049 and 50 is 1950.",
            )


SHAPES = {
    "model_type": "should be keys with values",
    "dict_type": "should be keys with values",
    "list_type": "should be a name or a list of names",
    "string_type": "should be text",
    "bool_parsing": "should be true or false",
    "string_pattern_mismatch": "is no name of a table",
    "too_short": "is empty",
    "missing": "is missing",
}


def explained(located: Written, mistakes: Sequence[Any]) -> Iterator[Problem]:
    """What pydantic found; of what could be one of two shapes, only what is wrong."""
    by_place: dict[tuple[Any, ...], list[Any]] = {}
    for mistake in mistakes:
        keys = tuple(k for k in mistake["loc"] if not SHAPE.match(str(k)))
        by_place.setdefault(keys, []).append(mistake)
    for keys, told in by_place.items():
        deeper = any(len(k) > len(keys) and k[: len(keys)] == keys for k in by_place)
        wrong = [m for m in told if m["type"] not in SHAPES]
        if wrong or not deeper:
            yield explain(located, list(keys), (wrong or told)[-1])


def explain(located: Written, keys: list[Any], mistake: Any) -> Problem:
    """A mistake, with the nearest word where one is not known."""
    where = located.where(keys)
    if mistake["type"] == "extra_forbidden":
        models: dict[bool, type[Strict]] = {True: Source, False: ShopMapping}
        model = models[keys[0] == "tables"]
        if keys[0] == "defaults":
            model = Options
        if len(keys) > 1 and keys[-2] == "numbers":
            model = Numbers
        return Problem(
            where, f"{keys[-1]} is no key", nearest(str(keys[-1]), model.model_fields)
        )
    if mistake["type"] in SHAPES:
        name = str(keys[-1]) if keys else "the mapping"
        shape = SHAPES[mistake["type"]]
        if mistake["type"] == "list_type" and len(keys) == 2:
            shape = SHAPES["dict_type"]
        return Problem(where, f"{name} {shape}", "Repair this line.")
    if "only" in keys:
        return Problem(
            where, f"{keys[-1]} should be known, unknown or a list", "Repair this line."
        )
    told = str(mistake["msg"]).removeprefix("Value error, ")
    what, _, hint = told.removeprefix("Input ").partition("; ")
    remedy = f"{hint[:1].upper()}{hint[1:]}." if hint else "Repair this line."
    return Problem(where, what, remedy.replace("?.", "?"))


def misnamed(
    located: Written,
    tables: Mapping[str, Table],
    name: str,
    index: int,
    source: Source,
) -> Iterator[Problem]:
    """Tables and columns that the contract does not have, or that are said twice."""
    keys: list[str | int] = ["tables", name]
    if name not in tables:
        yield Problem(
            located.where(keys),
            f"{name} is no raw table",
            nearest(name, sorted(tables)),
        )
        return
    keys.append(index)
    known = [column.name for column in tables[name].file_columns]
    claims: dict[str, str] = {}
    for key in FILLING:
        for column in getattr(source, key):
            if column in claims:
                yield Problem(
                    located.where([*keys, key, column]),
                    f"{column} is filled twice ({claims[column]})",
                    "Keep one.",
                )
            claims[column] = key
    for theirs, ours in source.columns.items():
        for column in ours:
            place = located.where([*keys, "columns", theirs])
            if column not in known:
                yield Problem(
                    place, f"{name} has no column {column}", nearest(column, known)
                )
            elif column in claims:
                yield Problem(
                    place, f"{column} is filled twice ({claims[column]})", "Keep one."
                )
            claims[column] = f"columns {theirs}"
    named = {key: list(getattr(source, key)) for key in OUR_KEYS}
    named["rows_per"] = source.rows_per
    for key in ("time_format", "date_format"):
        told = getattr(source, key)
        named[key] = list(told) if isinstance(told, dict) else []
    for key, columns in named.items():
        for column in columns:
            if column not in known:
                yield Problem(
                    located.where([*keys, key, column]),
                    f"{name} has no column {column}",
                    nearest(column, known),
                )
    kinds = {column.name: column.data_type for column in tables[name].file_columns}
    for column, how in source.merge.items():
        place = located.where([*keys, "merge", column])
        if how == "sum" and not kinds.get(column, "int").startswith(NUMERIC):
            yield Problem(
                place, f"{column} is no number to sum", "Say min, max or last."
            )
        for by in how.values() if isinstance(how, dict) else ():
            if by not in known:
                yield Problem(place, f"{name} has no column {by}", nearest(by, known))


def with_defaults(mapping: ShopMapping) -> ShopMapping:
    """The mapping in which each source says what the defaults say, or differs."""
    defaults = mapping.defaults
    shared = {key: getattr(defaults, key) for key in defaults.model_fields_set}
    return mapping.model_copy(
        update={
            "tables": {
                name: [
                    source.model_copy(
                        update={
                            key: value
                            for key, value in shared.items()
                            if key not in source.model_fields_set
                        }
                    )
                    for source in sources
                ]
                for name, sources in mapping.tables.items()
            }
        }
    )


def json_schema(tables: Mapping[str, Table]) -> dict[str, Any]:
    """The JSON Schema of mapping.yml for editors, with our tables and columns in it."""
    schema: dict[str, Any] = widen(ShopMapping.model_json_schema())
    sources = {}
    for name, table in sorted(tables.items()):
        ours = {"enum": [column.name for column in table.file_columns]}
        either = {"anyOf": [ours, {"type": "array", "items": ours}]}
        schema["$defs"][name] = {
            "allOf": [
                {"$ref": "#/$defs/Source"},
                {
                    "properties": {
                        "columns": {"additionalProperties": either},
                        **{key: {"propertyNames": ours} for key in OUR_KEYS},
                    }
                },
            ]
        }
        one = {"$ref": f"#/$defs/{name}"}
        sources[name] = {"anyOf": [one, {"type": "array", "items": one}]}
    schema["properties"]["tables"] |= {
        "properties": sources,
        "additionalProperties": False,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def widen(described: Any, key: str = "") -> Any:
    """Let a list of names be a single name, and text be a number, as we read them."""
    if isinstance(described, list):
        return [widen(part) for part in described]
    if not isinstance(described, dict):
        return described
    if key == "only":
        return described
    if described.get("type") == "array" and described["items"] == {"type": "string"}:
        rest = {k: v for k, v in described.items() if k not in ("type", "items")}
        return {**rest, "anyOf": [{"type": "string"}, LIST_OF_NAMES]}
    widened = {k: widen(v, k) for k, v in described.items()}
    if key in ("constants", "values"):
        inner = widened["additionalProperties"]
        while "additionalProperties" in inner:
            inner = inner["additionalProperties"]
        inner["type"] = ["string", "number", "boolean"]
    return widened
