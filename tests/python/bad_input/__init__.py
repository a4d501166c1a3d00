"""Bad input, a case each: what a shop may hand in, and what must become of every row.

`python -m tests.python.bad_input` prints the catalogue as a Markdown table.
Values share files, a good row after each, once as CSV and once as Parquet; whole files
are cases of their own. Each case has its own ids, so that all can lie in one warehouse:
`~` in a row stands for them. Files are loaded on LOADED_AT unless the case says
otherwise, and judged as of AS_OF.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.python.bad_input.common import (
    AMOUNTS,
    BUYER,
    IDS,
    INTACT,
    KEPT,
    PARENTS,
    ROWS,
    STOP,
    TIMES,
    Loads,
    Stops,
    Value,
    as_csv,
    as_parquet,
    row,
)
from tests.python.bad_input.files import (
    duplicates,
    encodings,
    intact_files,
    intact_parquet,
    intact_quotes,
    late_faults,
    marked,
    records,
    text_ids,
    typed_values,
)
from tests.python.bad_input.stops import (
    stops,
)
from tests.python.bad_input.values import VALUES as VALUES


def grouped() -> Iterator[Loads]:
    """The files that values share: after each changed row a good one."""
    groups: dict[tuple[Any, ...], list[Value]] = {}
    for value in VALUES:
        groups.setdefault(value.group, []).append(value)
    for ordinal, values in enumerate(groups.values(), 1):
        for ending in ("csv", "parquet"):
            rows = [
                row(f"{value.id}-{ending}", part, value.table, **changes)
                for value in values
                for part, changes in (("bad", value.changes), ("good", {}))
            ]
            yield Loads(
                values[0].section,
                f"values_{ordinal:02}_{ending}",
                values[0].table,
                f"{len(values)} values",
                as_csv(rows) if ending == "csv" else as_parquet(rows),
                tuple(fate for value in values for fate in (value.fate, KEPT)),
                ending,
                values[0].options,
            )


FILES: tuple[Loads, ...] = (
    *text_ids(),
    *duplicates(),
    *typed_values(),
    *encodings(),
    *marked(),
    *records(),
    *late_faults(),
    *intact_files(),
    *intact_quotes(),
    *intact_parquet(),
)
GROUPS: tuple[Loads, ...] = tuple(grouped())
STOPS: tuple[Stops, ...] = tuple(stops())


@cache
def places() -> dict[str, list[tuple[Loads, int]]]:
    """The files and ordinals of each value."""
    found: dict[str, list[tuple[Loads, int]]] = {value.id: [] for value in VALUES}
    keys = list(dict.fromkeys(value.group for value in VALUES))
    for ordinal, key in enumerate(keys):
        shared = [value.id for value in VALUES if value.group == key]
        for position, id in enumerate(shared):
            for file in GROUPS[2 * ordinal : 2 * ordinal + 2]:
                found[id].append((file, 2 * position + 1))
    return found


def ground() -> dict[str, bytes]:
    """What the cases lean on: a buyer, an order, rates, and parents of their own."""
    owners = {"customers": [BUYER], "orders": ["bought"]}
    for child, parent in PARENTS.items():
        for value in VALUES:
            if value.table == child:
                owners[parent] += [
                    f"{value.id}-{ending}-{part}"
                    for ending in ("csv", "parquet")
                    for part in ("bad", "good")
                ]
        owners[parent] += [f"{file.id}-1" for file in FILES if file.table == child]
    return {
        "customers/ground.csv": as_csv(
            [row("", 0, "customers", customer_id=id) for id in owners["customers"]]
        ),
        "orders/ground.csv": as_csv(
            [row("", 0, "orders", order_id=id) for id in owners["orders"]]
        ),
        "exchange_rates/ground.csv": as_csv(
            [row("", 0, "exchange_rates", currency="USD")]
        ),
    }


def catalogue() -> str:
    """The cases as a Markdown table."""
    order = [IDS, AMOUNTS, TIMES, ROWS, INTACT, STOP]
    cases: list[Value | Loads | Stops] = [*VALUES, *FILES, *STOPS]
    rows = [
        f"| {case.section} | `{case.id}` | {case.input} | {case.outcome} |"
        for case in sorted(cases, key=lambda case: order.index(case.section))
    ]
    return "\n".join(
        ["| section | case | input | outcome |", "|---|---|---|---|", *rows]
    )
