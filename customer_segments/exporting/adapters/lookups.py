"""Destinations whose lists take ids of their own, which are asked for first."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from customer_segments.exporting.adapters.batches import ListAdapter
from customer_segments.exporting.delivery import Answer, Batch, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    Failed,
    Reading,
    Refused,
    Reply,
)


class LookupAdapter(ListAdapter):
    """A destination that is asked for ids before it is told of them.

    Both requests go the same way; the first changes nothing there.
    """

    ids: Mapping[str, str]
    asking = False

    @abstractmethod
    def question(self, batch: Batch) -> Call:
        """The request for the ids of rows."""

    @abstractmethod
    def found(self, reply: Reply) -> Sequence[tuple[str, str]] | None:
        """Ids, each with what it was found by; None when the answer makes no sense."""

    @abstractmethod
    def request(self, batch: Batch) -> Call:
        """The request that changes a list; all rows have an id."""

    def outcome(self, batch: Batch, reply: Reply) -> Reading:
        """What the answer to that request means."""
        return Done()

    def call(self, batch: Batch) -> Call:
        """The question or the request."""
        return self.question(batch) if self.asking else self.request(batch)

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """The ids or the outcome."""
        if not self.asking:
            return self.outcome(batch, reply)
        found = self.found(reply)
        if found is None:
            return Failed("unexpected_answer", applied=False)
        known, strange = matched(batch, found)
        if len(batch.rows) == 1 and len(found) == 1:
            # only one was asked for, so this is who was meant
            known = {batch.rows[0].identifier: found[0][0]}
        elif strange and len(batch.rows) > 1:
            # found by another address than the one it tells: ask for fewer
            return Refused("another_identifier")
        self.ids = {**self.ids, **known}
        return Done()

    def deliver_found(
        self, part: Batch, absent: str, known: Mapping[str, str]
    ) -> Answer:
        """Ask for ids that are not known, then hand over the rows that have one.

        Who has none is rejected with the code `absent`; without a code the row is
        done, since somebody the destination does not know is in none of its lists.
        """
        self.ids = known
        strangers = of_rows(part, lambda row: row.identifier not in known)
        asked = Answer(frozenset())
        if strangers.rows:
            self.asking = True
            try:
                asked = super().deliver_part(strangers)
            finally:
                self.asking = False
        unasked = (
            {row.identifier for row in strangers.rows}
            - asked.accepted
            - asked.rejected.keys()
        )
        if unasked:
            # the question changed nothing, so nobody is in doubt
            return Answer(
                frozenset(),
                asked.rejected,
                frozenset(row.identifier for row in part.rows) - asked.rejected.keys(),
                asked.failure or "lookup_failed",
            )
        nowhere = asked.accepted - self.ids.keys()
        there = of_rows(part, lambda row: row.identifier in self.ids)
        answer = super().deliver_part(there) if there.rows else Answer(frozenset())
        return replace(
            answer,
            accepted=answer.accepted | (frozenset() if absent else nowhere),
            rejected={
                **asked.rejected,
                **answer.rejected,
                **(dict.fromkeys(sorted(nowhere), absent) if absent else {}),
            },
        )


def matched(
    batch: Batch, found: Sequence[tuple[str, str]]
) -> tuple[dict[str, str], bool]:
    """Ids by identifier, whatever the case of letters, and whether more were found."""
    exact = {row.identifier for row in batch.rows}
    folded = {row.identifier.casefold(): row.identifier for row in batch.rows}
    known = {}
    for told_id, told in found:
        identifier = told if told in exact else folded.get(told.casefold())
        if identifier is not None:
            known[identifier] = told_id
    return known, len(known) < len(found)


def of_rows(batch: Batch, chosen: Callable[[Row], bool]) -> Batch:
    """The rows of a batch that are chosen."""
    return replace(batch, rows=tuple(row for row in batch.rows if chosen(row)))
