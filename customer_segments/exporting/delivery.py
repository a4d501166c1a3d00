"""What a destination is given, and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Operation = Literal["add", "remove"]
# a set holds each member once, however often they are added; a send reaches a person
Effect = Literal["set", "send"]


@dataclass(frozen=True)
class Row:
    """One member for a destination.

    `identifier` is what the destination takes (hashed where it asks for that);
    `message_id` stays the same on each retry, so that a receiver can know it again.
    """

    identifier: str = field(repr=False)
    customer_id: str = field(repr=False)
    message_id: str = field(repr=False)
    arm: str | None = None
    variables: Mapping[str, str | None] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Batch:
    """Rows of one audience for one request; `batch_id` is the same on each retry."""

    batch_id: str
    operation: Operation
    audience: str
    channel: str
    message_class: str
    campaign_id: str
    rows: Sequence[Row] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What is known of the rows of a batch, by identifier.

    A row that is in none of the three was sent and may have been applied or not.
    `rejected` tells a code of the destination by row, never its text. `failure` is the
    code of what keeps the destination from taking more, empty when it can go on.
    """

    accepted: frozenset[str] = field(repr=False)
    rejected: Mapping[str, str] = field(default_factory=dict, repr=False)
    unsent: frozenset[str] = field(default=frozenset(), repr=False)
    failure: str = ""


class Adapter(Protocol):
    """A destination that takes batches."""

    batch_size: int
    effect: Effect

    def deliver(self, batch: Batch) -> Answer:
        """Hand over a batch and say what is known of each row; raises nothing."""

    def members(self, audience: str) -> Iterator[str] | None:
        """Identifiers that are there now; None when the destination cannot tell."""

    def close(self) -> None:
        """Let connections go."""
