"""Destinations whose lists take ids of their own, which are asked for first."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace

from scripts.exporting.adapters.batches import CheckedAdapter
from scripts.exporting.delivery import Answer, Batch, Row
from scripts.exporting.http_adapter import Call, Done, Failed, Reading, Reply


class LookupAdapter(CheckedAdapter):
    """A destination that is asked for ids before it is told of them.

    Both requests go the same way; the first changes nothing there.
    """

    ids: Mapping[str, str]
    asking = False

    @abstractmethod
    def question(self, batch: Batch) -> Call:
        """The request for the ids of rows."""

    @abstractmethod
    def found(self, batch: Batch, reply: Reply) -> Mapping[str, str] | None:
        """Ids by identifier; None when the answer makes no sense."""

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
        found = self.found(batch, reply)
        if found is None:
            return Failed("unexpected_answer", applied=False)
        self.ids = {**self.ids, **found}
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
                asked = self.hand_over(strangers)
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
        answer = self.hand_over(there) if there.rows else Answer(frozenset())
        return replace(
            answer,
            accepted=answer.accepted | (frozenset() if absent else nowhere),
            rejected={
                **asked.rejected,
                **answer.rejected,
                **(dict.fromkeys(sorted(nowhere), absent) if absent else {}),
            },
        )


def of_rows(batch: Batch, chosen: Callable[[Row], bool]) -> Batch:
    """The rows of a batch that are chosen."""
    return replace(batch, rows=tuple(row for row in batch.rows if chosen(row)))
