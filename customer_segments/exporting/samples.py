"""A few rows, masked, so that somebody sees what would travel."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

SHOWN = 3
CHANGED = ("add", "update", "remove")
SAMPLED = """
    select audience, operation, identifier, arm, variables
    from changes
    where is_wanted or operation = 'remove'
    qualify
        row_number() over (
            partition by destination, audience, operation
            order by customer_id, identifier
        ) <= $shown
    order by audience, operation, customer_id, identifier
"""


@dataclass(frozen=True)
class Sample:
    """A row as it would travel, with nothing of a person left but its shape."""

    audience: str
    operation: str
    identifier: str
    arm: str | None
    variables: str


def read_samples(
    connection: duckdb.DuckDBPyConnection, operations: Sequence[str] | None
) -> list[Sample]:
    """Some rows of the plan of each audience; None = whatever happens to them."""
    rows = connection.execute(SAMPLED, {"shown": SHOWN}).fetchall()
    return [
        Sample(audience, operation, masked(identifier), arm, masked_values(variables))
        for audience, operation, identifier, arm, variables in rows
        if operations is None or operation in operations
    ]


def masked(text: str) -> str:
    """The first character and the length class of a text; the end of an address."""
    if "@" in text:
        return f"{text[0]}***@***.{text.rpartition('.')[2]}"
    return f"{text[:1]}***" if len(text) < 8 else f"{text[:3]}***{text[-1:]}"


def masked_values(variables: str | None) -> str:
    """Names of variables with masked values."""
    if variables is None:
        return ""
    return ", ".join(
        f"{name} {'–' if value is None else masked(str(value)) if value != '' else ''}"
        for name, value in json.loads(variables).items()
    )
