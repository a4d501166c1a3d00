"""Which column of a file, or which part of a nested one, stands for which of ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import normalize

import pyarrow as pa

from customer_segments.loading.mapping import Source
from customer_segments.loading.quoting import quote_name, quote_text


@dataclass(frozen=True)
class Field:
    """A column of a file by its position from 0, the way into it, and what is there.

    The type is Parquet's; None is text.
    """

    position: int
    arrow_type: pa.DataType | None
    path: tuple[str, ...] = ()


def folded(name: str) -> str:
    """A column name as it is compared: spaces around it, case and NFD do not count."""
    return normalize("NFC", name).strip().lower()


def find_field(
    theirs: str, names: Sequence[str], types: Sequence[pa.DataType | None]
) -> Field | None:
    """The column of that name, or the nested field that its dots lead to."""
    cleaned = [folded(name) for name in names]
    wanted = folded(theirs)
    if wanted in cleaned:
        position = cleaned.index(wanted)
        return Field(position, types[position])
    parts = wanted.split(".")
    if len(parts) == 1 or parts[0] not in cleaned:
        return None
    position = cleaned.index(parts[0])
    path = tuple(normalize("NFC", theirs).strip().split(".")[1:])
    leaf = types[position]
    for name in path:
        leaf = None if leaf is None else below(leaf, name)
        if leaf is None:
            return None
    return Field(position, leaf, path)


def below(nested: pa.DataType, name: str) -> pa.DataType | None:
    """The type of a field of a struct, of a list's structs, or of a key; else None."""
    if pa.types.is_struct(nested):
        index = nested.get_field_index(name)
        return nested.field(index).type if index >= 0 else None
    if is_list(nested) and pa.types.is_struct(nested.value_type):
        if has_keys(nested.value_type):
            return pa.string()
        return below(nested.value_type, name)
    return None


def is_list(arrow_type: pa.DataType) -> bool:
    """Whether a Parquet column holds lists."""
    return bool(pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type))


def has_keys(struct: pa.StructType) -> bool:
    """Whether a struct is a key with its value."""
    return {"key", "value"} <= {field.name for field in struct}


def field_sql(name: str, whole: pa.DataType | None, field: Field) -> str:
    """SQL that reads a field from the column of that (unquoted) name."""
    expression, nested = quote_name(name), whole
    for part in field.path:
        assert nested is not None
        if pa.types.is_struct(nested):
            expression = f"{expression}.{quote_name(part)}"
        elif has_keys(nested.value_type):
            entry = f"list_filter({expression}, lambda e: e.key = {quote_text(part)})"
            kind = nested.value_type.field("value").type
            expression = value_text(f"{entry}[1].value", kind)
        else:
            told = f"list_transform({expression}, lambda e: e.{quote_name(part)})"
            expression = (
                f"case when len(list_distinct({told})) = 1"
                f" and len({told}) = len(list_filter({told}, lambda v: v is not null))"
                f" then ({told})[1] end"
            )
        nested = below(nested, part)
    return expression


def value_text(value: str, kind: pa.DataType) -> str:
    """SQL: a value as text; of a struct of typed values, the one that is there."""
    if not pa.types.is_struct(kind):
        return f"{value}::varchar"
    parts = [f"{value}.{quote_name(field.name)}::varchar" for field in kind]
    return f"coalesce({', '.join(parts)})"


def object_text(expression: str, nested: pa.DataType) -> str:
    """SQL: a nested column as a JSON object; a list of keys becomes one object."""
    if is_list(nested) and has_keys(nested.value_type):
        value = value_text("e.value", nested.value_type.field("value").type)
        entries = (
            f"list_transform({expression}, lambda e:"
            f" to_json(e.key)::varchar || ':' || coalesce(to_json({value})::varchar,"
            " 'null'))"
        )
        return f"'{{' || array_to_string({entries}, ',') || '}}'"
    return f"to_json({expression})::varchar"


def own_names(
    source: Source, names: Sequence[str], contract_names: Sequence[str]
) -> dict[str, str]:
    """Our columns that the file names as we do and the mapping leaves alone."""
    spoken_of = {folded(n) for n in [*source.columns, *source.ignore]}
    filled = {ours for columns in source.columns.values() for ours in columns}
    filled |= set(source.derived)
    present = {folded(name) for name in names} - spoken_of
    return {n: n for n in contract_names if n in present and n not in filled}


def mapped_columns(
    source: Source, names: Sequence[str], contract_names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Our column and their name for it, as far as the mapping or the names say so."""
    for theirs, columns in source.columns.items():
        for ours in columns:
            yield ours, theirs
    yield from own_names(source, names, contract_names).items()
