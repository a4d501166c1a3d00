"""What destinations look at before a batch leaves, and batches in parts."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from customer_segments.exporting.delivery import Answer, Batch, Effect, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Failed,
    HttpAdapter,
    HttpSettings,
    Reading,
    Refused,
    Reply,
    json_call,
    part_of,
)
from customer_segments.exporting.judging import HASH_OF_NOTHING

Kind = Literal["email", "phone"]
# ids of the destination that go into an address or a request
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]

HASH = re.compile(r"[0-9a-f]{64}")
HEX = re.compile(r"[0-9a-fA-F]{64}")
# a word or a short number: no address, no telephone number, no token
CODE = re.compile(r"[A-Za-z][A-Za-z_]{0,59}|-?[0-9]{1,7}")
TOO_LARGE = 413
UNEXPECTED = Failed("unexpected_answer", applied=None)


def as_code(value: object, otherwise: str) -> str:
    """A code that a destination told, or another word when it may be more than that."""
    told = str(value) if isinstance(value, str | int) else ""
    return told if CODE.fullmatch(told) else otherwise


def member(body: object, *path: str | int) -> Any:
    """What stands in an answer at a path; None when nothing does."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(body, list) or not 0 <= step < len(body):
                return None
            body = body[step]
        else:
            if not isinstance(body, dict):
                return None
            body = body.get(step)
    return body


def refused(reply: Reply, code: str, for_rows: bool) -> Reading:
    """Nothing was applied: because of the rows, or whoever they were."""
    if for_rows or reply.status == TOO_LARGE:
        return Refused(code)
    return Failed(code, applied=False)


def told_of(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """What travels along with a row, by the name that the destination has for it."""
    return {
        name: value
        for variable, name in names.items()
        if (value := row.variables.get(variable)) is not None
    }


def rows_of(body: object, *path: str | int) -> list[Any]:
    """A list that stands in an answer; empty when none does."""
    found = member(body, *path)
    return found if isinstance(found, list) else []


def google_error(reply: Reply, key: str) -> tuple[str | None, list[str]]:
    """What the details of an error at Google say: a reason, and fields it is about."""
    details = rows_of(reply.body, "error", "details")
    reasons = [told for one in details if isinstance(told := member(one, key), str)]
    violations = [found for one in details for found in rows_of(one, "fieldViolations")]
    fields = [str(member(violation, "field")) for violation in violations]
    return next(iter(reasons), None), fields


class CheckedAdapter(HttpAdapter):
    """A destination on HTTP that looks at a batch before anything of it is sent."""

    effect: Effect = "set"
    settings: HttpSettings
    # how a token is introduced
    scheme = "Bearer"
    # whether identifiers must be hashes; None = they are ids of somebody's own
    hashed: bool | None = None

    @abstractmethod
    def knows(self, audience: str) -> bool:
        """Whether the settings say where an audience goes."""

    def at(self, path: str) -> str:
        """An address of the destination."""
        return f"{self.settings.base_url.rstrip('/')}/{path}"

    def headers(self) -> dict[str, str]:
        """Who asks."""
        return {"authorization": f"{self.scheme} {self.token}"}

    def tell(self, path: str, body: object, method: str = "POST") -> Call:
        """A request that carries JSON."""
        return json_call(self.at(path), body, self.headers(), method)

    def objection(self, batch: Batch) -> str:
        """The code of what keeps a whole batch back; empty when nothing does."""
        return ""

    def unfit(self, batch: Batch, row: Row) -> str:
        """The code of what keeps a row back; empty when nothing does."""
        return ""

    def part_size(self, batch: Batch) -> int:
        """Rows for one request, at most batch_size."""
        return self.batch_size

    def deliver(self, batch: Batch) -> Answer:
        """Hand over a batch, in parts where the destination takes fewer rows."""
        everybody = frozenset(row.identifier for row in batch.rows)
        code = (
            ("" if self.knows(batch.audience) else "audience_not_in_settings")
            or wrong_class(batch)
            or wrong_form(batch.rows, self.hashed)
            or self.objection(batch)
        )
        if code:
            return Answer(frozenset(), unsent=everybody, failure=code)
        rejected = {
            row.identifier: code
            for row in batch.rows
            if (code := self.unfit(batch, row))
        }
        fit = replace(
            batch,
            rows=tuple(row for row in batch.rows if row.identifier not in rejected),
        )
        asked = (
            (part, self.deliver_part(part)) for part in parts(fit, self.part_size(fit))
        )
        return joined(asked, rejected, everybody)

    def deliver_part(self, part: Batch) -> Answer:
        """Hand over rows that go into one request."""
        return super().deliver(part)


class ListSettings(HttpSettings):
    """Settings of destinations that have an id of their own for each audience."""

    audience_ids: dict[str, Digits]


class ListAdapter(CheckedAdapter):
    """A destination that keeps a list of members for each audience."""

    settings: ListSettings

    def knows(self, audience: str) -> bool:
        """Whether the settings have the id of its list."""
        return audience in self.settings.audience_ids

    def list_id(self, batch: Batch) -> str:
        """The list of a batch, as the destination calls it."""
        return self.settings.audience_ids[batch.audience]


def wrong_class(batch: Batch) -> str:
    """Alimtalk carries information only."""
    if batch.channel == "alimtalk" and batch.message_class == "ad":
        return "alimtalk_carries_no_advertising"
    return ""


def wrong_form(rows: Sequence[Row], hashed: bool | None) -> str:
    """Whether identifiers are not what a destination takes, by code.

    A hash is never hashed again and a plain one is never sent where a hash is due:
    either would be a mistake of the warehouse, so nothing of the batch is sent.
    """
    if any(row.identifier.lower() == HASH_OF_NOTHING for row in rows):
        return "hash_of_nothing"
    if hashed is True and not all(HASH.fullmatch(row.identifier) for row in rows):
        return "not_hashed"
    if hashed is False and any(HEX.fullmatch(row.identifier) for row in rows):
        return "hashed_already"
    return ""


def parts(batch: Batch, size: int) -> Iterator[Batch]:
    """A batch in parts of at most a size; their ids are the same on each retry."""
    for start in range(0, len(batch.rows), size):
        yield part_of(batch, start, min(start + size, len(batch.rows)))


def joined(
    asked: Iterable[tuple[Batch, Answer]],
    rejected: Mapping[str, str],
    everybody: frozenset[str],
) -> Answer:
    """One answer for all parts; parts behind a failure are not asked for."""
    accepted: set[str] = set()
    refused = dict(rejected)
    unsent = set(everybody - rejected.keys())
    failure = ""
    for part, answer in asked:
        accepted |= answer.accepted
        refused |= answer.rejected
        unsent -= {row.identifier for row in part.rows}
        unsent |= answer.unsent
        failure = answer.failure
        if failure:
            break
    return Answer(frozenset(accepted), refused, frozenset(unsent), failure)
