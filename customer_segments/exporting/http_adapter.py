"""What all destinations that speak HTTP have in common.

An adapter says how a batch becomes a request and what an answer means. Here it is
sent, tried again, taken apart when the destination refuses it, and waited for.
"""

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from customer_segments.exporting.clock import Clock
from customer_segments.exporting.delivery import Answer, Batch, Effect
from customer_segments.exporting.http_exchange import (
    Call,
    Exchange,
    Reply,
    Unanswered,
    mistake,
)
from customer_segments.exporting.http_settings import (
    ConnectionSettings,
    HttpSettings,
    secret,
)

__all__ = [
    "Call",
    "ConnectionSettings",
    "Done",
    "Failed",
    "HttpAdapter",
    "HttpSettings",
    "Job",
    "Reading",
    "Refused",
    "Reply",
    "json_bytes",
    "json_call",
    "secret",
]

# a word of the destination's vocabulary; an address or a phone would not pass
CODE = re.compile(r"(?!.*\d{8})[A-Za-z0-9_.:-]{1,60}")
# these say that the request itself was wrong; the others who asks, or where
BAD_ROWS = frozenset({400, 413, 422})
# rows of which not one is at fault, when each of them is refused
MANY = 10
# "ask over there": nothing was done here
NOT_DONE_HERE = frozenset({301, 307, 308})


@dataclass(frozen=True)
class Done:
    """The batch was taken but for the rows in `rejected` (code by identifier)."""

    rejected: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Job:
    """Taken as an asynchronous job; `call` asks how it goes."""

    call: Call


@dataclass(frozen=True)
class Refused:
    """Nothing was applied, because of bad rows inside; they are searched for."""

    code: str


@dataclass(frozen=True)
class Failed:
    """The destination takes nothing now.

    `applied` is False when surely nothing of this batch was, None when unknown.
    """

    code: str
    applied: bool | None


Reading = Done | Job | Refused | Failed
Settled = Done | Refused | Failed


@dataclass
class Known:
    """What is known so far of the rows of a batch."""

    accepted: set[str] = field(default_factory=set)
    rejected: dict[str, str] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    failure: str = ""

    def answer(self) -> Answer:
        """The same as an answer."""
        return Answer(
            frozenset(self.accepted),
            dict(sorted(self.rejected.items())),
            frozenset(self.unsent),
            self.failure,
        )


class HttpAdapter(ABC):
    """A destination behind HTTP; subclasses say `call` and how answers are read.

    `repeatable`: whether a request that may have been applied may be sent again: true
    for sets, and for receivers that know a request again by its id. Otherwise its
    rows stay unknown.
    """

    batch_size: int
    effect: Effect
    repeatable: bool = True
    settings: ConnectionSettings

    def __init__(
        self,
        settings: ConnectionSettings,
        environ: Mapping[str, str],
        *,
        clock: Clock | None = None,
    ) -> None:
        """Read the token (WrongSpec when it is missing); connect to nothing yet."""
        self.settings = settings
        self.token = ""
        if isinstance(settings, HttpSettings) and settings.token_env:
            self.token = secret(environ, settings.token_env)
        self.clock = clock or Clock()
        self._exchange = Exchange(settings, self.clock, keep_alive=self.repeatable)

    @abstractmethod
    def call(self, batch: Batch) -> Call:
        """The request for a batch; made anew for each attempt, with the same id.

        `batch` may be a part of what was delivered: its `batch_id` then tells which.
        Scheme, host and port must be those of the settings.
        """

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """What an answer of 200 to 299 means."""
        return Done()

    def refusal(self, reply: Reply) -> Reading:
        """What an answer of 400 to 499 means (but 408 and 429, which are retried)."""
        code = f"http_{reply.status}"
        if reply.status in BAD_ROWS:
            return Refused(code)
        return Failed(code, applied=False)

    def read_job(self, batch: Batch, reply: Reply) -> Reading:
        """What the answer of 200 to 299 to the call of a job means."""
        return Done()

    def members(self, audience: str) -> Iterator[str] | None:
        """Identifiers that are there now; None when the destination cannot tell."""
        return None

    def close(self) -> None:
        """Let the connection go."""
        self._exchange.close()

    def deliver(self, batch: Batch) -> Answer:
        """Hand over a batch and say what is known of each row; raises nothing.

        A refused batch is halved until the bad rows stand alone. The parts have ids
        of their own, made of the batch's and of positions: the same on each retry.
        A destination that refuses each of many rows, and says of none that it is the
        one, does not object to the rows.
        """
        known = Known()
        refused_alone: dict[str, str] = {}
        parts = [(0, len(batch.rows), False)] if batch.rows else []
        found = 0
        while parts and not known.failure:
            start, stop, doubtful = parts.pop()
            part = part_of(batch, start, stop)
            settled, now_doubtful = self._settled(part)
            # what may have been applied with others stays so when it stands alone
            doubtful = doubtful or now_doubtful
            identifiers = {row.identifier for row in part.rows}
            if isinstance(settled, Done):
                self._take(known, identifiers, settled)
            elif isinstance(settled, Failed):
                known.failure = safe_code(settled.code)
                if settled.applied is False and not doubtful:
                    known.unsent |= identifiers
            elif doubtful and self.effect == "send":
                # parts have other ids: who had it already would get it again
                continue
            elif len(part.rows) > 1:
                middle = (start + stop) // 2
                parts += [(middle, stop, doubtful), (start, middle, doubtful)]
            else:
                if not doubtful:
                    code = safe_code(settled.code)
                    refused_alone |= dict.fromkeys(identifiers, code)
                found += 1
                if found >= self.settings.max_bad_rows and parts:
                    known.failure = "too_many_bad_rows"
        for start, stop, doubtful in parts:
            if not doubtful:
                known.unsent |= {row.identifier for row in batch.rows[start:stop]}
        if len(refused_alone) < MANY or known.accepted or known.rejected:
            known.rejected |= refused_alone
        else:
            known.unsent |= refused_alone.keys()
            known.failure = Counter(refused_alone.values()).most_common(1)[0][0]
        return known.answer()

    def _take(self, known: Known, identifiers: set[str], done: Done) -> None:
        rejected = {
            one: safe_code(code)
            for one, code in done.rejected.items()
            if one in identifiers
        }
        known.rejected |= rejected
        known.accepted |= identifiers - rejected.keys()

    def _settled(self, batch: Batch) -> tuple[Settled, bool]:
        """What became of a batch, and whether it may have been applied before."""
        doubtful = False
        try:
            reply, doubtful = self._exchange.ask(
                lambda: self.call(batch), self.repeatable
            )
        except Unanswered as problem:
            return Failed(problem.code, None if problem.doubtful else False), False
        try:
            reading = self._reading(batch, reply)
            if isinstance(reading, Job):
                return self._awaited(batch, reading), doubtful
        except Exception as error:
            # an answer that the adapter cannot read; what it says may hold a row
            return Failed(mistake(error), applied=None), doubtful
        return reading, doubtful

    def _awaited(self, batch: Batch, job: Job) -> Settled:
        """What became of a job; unless the job itself says so, nothing is known."""
        ends_at = self.clock.monotonic() + self.settings.poll_seconds
        reading: Reading = job
        while isinstance(reading, Job):
            if self.clock.monotonic() + self.settings.poll_every_seconds > ends_at:
                return Failed("job_timeout", applied=None)
            self.clock.sleep(self.settings.poll_every_seconds)
            try:
                reply, _ = self._exchange.ask(partial(itself, reading.call), True)
            except Unanswered as problem:
                return Failed(problem.code, applied=None)
            if not 200 <= reply.status < 300:
                return Failed(f"http_{reply.status}", applied=None)
            reading = self.read_job(batch, reply)
        return reading

    def _reading(self, batch: Batch, reply: Reply) -> Reading:
        """What an answer to a batch means."""
        if 200 <= reply.status < 300:
            return self.read(batch, reply)
        if 400 <= reply.status < 500:
            return self.refusal(reply)
        code = "redirect" if 300 <= reply.status < 400 else f"http_{reply.status}"
        return Failed(code, applied=False if reply.status in NOT_DONE_HERE else None)


def itself(call: Call) -> Call:
    """A request that is the same on each attempt."""
    return call


def part_of(batch: Batch, start: int, stop: int) -> Batch:
    """Rows of a batch from `start` to before `stop`, with an id of their own."""
    if (start, stop) == (0, len(batch.rows)):
        return batch
    return replace(
        batch,
        batch_id=f"{batch.batch_id}_{start}_{stop}",
        rows=batch.rows[start:stop],
    )


def safe_code(code: str) -> str:
    """A code of a destination; what may be more than a code is not repeated."""
    return code if CODE.fullmatch(code) else "unknown_code"


def json_bytes(value: Any) -> bytes:
    """A value as JSON, the same bytes each time."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()


def json_call(
    url: str, value: Any, headers: Mapping[str, str], method: str = "POST"
) -> Call:
    """A request that carries JSON."""
    typed = {"content-type": "application/json", **headers}
    return Call(method, url, typed, json_bytes(value))
