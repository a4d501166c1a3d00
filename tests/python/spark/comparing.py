"""Tables of two engines, side by side: what one has that the other has not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

RELATIVE = 1e-9
SHOWN = 3
# What the engines call a type, where that is not its name in the contracts.
CONTRACT_NAMES = {
    "varchar": "string",
    "integer": "int",
    "timestamp_ntz": "timestamp",
}

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Names of columns with their types as contracts name them, and rows."""

    columns: Mapping[str, str]
    rows: Sequence[Row]


def contract_type(name: str) -> str:
    """A type of either engine by its name in the contracts."""
    return CONTRACT_NAMES.get(name.lower(), name.lower())


def sort_key(row: Row) -> tuple[tuple[bool, str], ...]:
    """An order in which rows that differ only in floats' last digits meet."""
    return tuple(
        (value is None, f"{value:.6e}" if isinstance(value, float) else repr(value))
        for value in row
    )


def is_same(left: Any, right: Any) -> bool:
    """Whether two values are the same: floats nearly, all others exactly."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=RELATIVE) or (
            math.isnan(left) and math.isnan(right)
        )
    return type(left) is type(right) and bool(left == right)


def difference(one: Row | None, other: Row | None, names: Sequence[str]) -> str | None:
    """What two rows differ in, in words; None when they are the same."""
    if one is None or other is None:
        return f"only one has {one or other}"
    told = [
        f"{name}: {left!r} and {right!r}"
        for name, left, right in zip(names, one, other, strict=True)
        if not is_same(left, right)
    ]
    return f"{', '.join(told)} in {one}" if told else None


def differences(
    one: Table, other: Table, contract: Mapping[str, str] | None = None
) -> list[str]:
    """What two tables differ in, the first few rows of it; empty when in nothing.

    With a contract, both must also have its columns in its order and types.
    """
    wanted = one.columns if contract is None else contract
    wrong = [
        f"{which} has columns {dict(table.columns)}, not {dict(wanted)}"
        for which, table in (("the first", one), ("the second", other))
        if list(table.columns.items()) != list(wanted.items())
    ]
    if wrong:
        return wrong
    names = list(one.columns)
    pairs = zip_longest(
        sorted(one.rows, key=sort_key), sorted(other.rows, key=sort_key)
    )
    found = [told for pair in pairs if (told := difference(*pair, names)) is not None]
    more = [f"and {len(found) - SHOWN} more rows"] if len(found) > SHOWN else []
    return found[:SHOWN] + more
