"""What an export is asked for, and what it says it did."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from customer_segments.exporting.delivery import Answer, Batch, Operation
from customer_segments.exporting.guards import without_data
from customer_segments.exporting.judging import Audience, Verdict
from customer_segments.exporting.planning import LinePlan

DONE, STOPPED, REJECTED, FAILED, CHANGES_FOUND, LATER = 0, 3, 4, 5, 20, 75


@dataclass(frozen=True)
class Work:
    """Batches of an audience for a destination, all of one operation and channel.

    `count` is that of identifiers; who is removed is so by the channel of then.
    """

    plan: LinePlan
    operation: Operation
    channel: str
    count: int

    @classmethod
    def addition(cls, plan: LinePlan) -> "Work":
        """Those who join an audience or change in it."""
        return cls(plan, "add", plan.line.channel, plan.added + plan.updated)


Watch = Callable[[str, Iterable[Work]], Iterable[Work]]


@dataclass(frozen=True)
class ExportOptions:
    """What to export where; `names` empty = all, `max_age_days` None = any age.

    `send`: destinations behind a network are told, not only planned for.
    """

    database: Path
    ledger: Path
    out: Path | None
    destinations: Path
    project: Path
    names: Sequence[str]
    yesterday: date
    zone: ZoneInfo
    max_age_days: int | None
    spreadsheet_safe: bool
    send: bool
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    watch: Watch


@dataclass
class Tally:
    """What became of the identifiers of an audience at a destination."""

    added: int = 0
    removed: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    unsent: int = 0
    batches: int = 0
    failure: str = ""

    def count(self, batch: Batch, answer: Answer) -> None:
        """Add what an answer says."""
        accepted = len(answer.accepted)
        if batch.operation == "add":
            self.added += accepted
        else:
            self.removed += accepted
        for code in answer.rejected.values():
            self.rejected[code] = self.rejected.get(code, 0) + 1
        self.unsent += len(answer.unsent)
        self.unknown += len(batch.rows) - (
            accepted + len(answer.rejected) + len(answer.unsent)
        )
        self.batches += 1
        self.failure = self.failure or answer.failure


@dataclass
class LineReport:
    """What was planned for an audience at a destination, and what became of it."""

    plan: LinePlan
    tally: Tally | None = None
    is_quiet: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether changes were found that nobody was told about."""
        return self.plan.changed > 0 and self.tally is None


@dataclass
class ExportReport:
    """What an export did, or would do.

    `entries` are those of the manifests, by audience.
    """

    as_of_date: date
    lines: dict[tuple[str, str], LineReport]
    verdicts: Mapping[str, Verdict]
    audiences: Mapping[str, Audience]
    entries: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    waiting_uploads: list[str] = field(default_factory=list)
    failed_uploads: dict[str, str] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Members that could not be written, and rows that a destination refused."""
        return sum(
            sum(verdict.rejected.values())
            for name, verdict in self.verdicts.items()
            if name in self.audiences
        ) + sum(
            sum(line.tally.rejected.values())
            for line in self.lines.values()
            if line.tally
        )

    @property
    def failures(self) -> dict[str, str]:
        """What kept destinations from taking more, by destination."""
        return self.failed_uploads | {
            destination: line.tally.failure
            for (destination, _), line in self.lines.items()
            if line.tally and line.tally.failure
        }

    @property
    def is_waiting(self) -> bool:
        """Whether something was found that nobody was told about."""
        return bool(self.waiting_uploads) or any(
            line.is_pending for line in self.lines.values()
        )

    @property
    def stopped(self) -> list[str]:
        """Why audiences without data stayed as they were, a line each."""
        return [
            line
            for _, audience in sorted(self.audiences.items())
            for line in without_data(audience)
        ]

    @property
    def code(self) -> int:
        """The exit code, when no guard stopped it."""
        if self.failures:
            return FAILED
        if self.stopped:
            return STOPPED
        if any(line.is_quiet for line in self.lines.values()):
            return LATER
        if self.is_waiting:
            return CHANGES_FOUND
        return REJECTED if self.rejected else DONE
