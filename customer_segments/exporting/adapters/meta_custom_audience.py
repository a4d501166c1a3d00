"""Meta Custom Audience: hashes go into and out of a customer list.

POST and DELETE /{version}/{audience id}/users with payload.schema and payload.data;
an answer counts invalid entries without naming them all.
"""

import hashlib

from pydantic import Field

from customer_segments.exporting.adapters.batches import (
    TOO_LARGE,
    UNEXPECTED,
    as_code,
    member,
    refused,
)
from customer_segments.exporting.adapters.kinds import KindAdapter, KindSettings
from customer_segments.exporting.delivery import Batch
from customer_segments.exporting.http_adapter import Call, Done, Reading, Refused, Reply

SCHEMA = {"email": "EMAIL", "phone": "PHONE"}
INVALID_PARAMETER = 100
# subcodes of it that no other rows would cure: an unknown or a restricted audience,
# terms that nobody accepted
ABOUT_THE_AUDIENCE = frozenset({33, 1713230, 1870034, 1870090})


class Settings(KindSettings):
    """Where audiences go at Meta."""

    base_url: str = "https://graph.facebook.com"
    token_env: str = "META_ACCESS_TOKEN"
    version: str = Field("v25.0", pattern=r"^v[0-9]{1,3}\.[0-9]$")
    with_session: bool = Field(
        True, description="Whether added batches say session_id, as the guide asks."
    )


class MetaCustomAudience(KindAdapter):
    """A Custom Audience made of a customer list."""

    batch_size = 10_000
    settings: Settings
    hashed = True

    def call(self, batch: Batch) -> Call:
        """Add or remove hashes; a batch has the same session on each retry."""
        body: dict[str, object] = {
            "payload": {
                "schema": [SCHEMA[self.known_kind(batch)]],
                "data": [[row.identifier] for row in batch.rows],
            }
        }
        if batch.operation == "add" and self.settings.with_session:
            body["session"] = {
                "session_id": session_id(batch.batch_id),
                "batch_seq": 1,
                "last_batch_flag": True,
                "estimated_num_total": len(batch.rows),
            }
        path = f"{self.settings.version}/{self.list_id(batch)}/users"
        return self.tell(path, body, "POST" if batch.operation == "add" else "DELETE")

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Invalid entries are found by halves, since samples do not name all of them.

        That adds valid ones again, which changes nothing in a set.
        """
        invalid = member(reply.body, "num_invalid_entries")
        if member(reply.body, "num_received") != len(batch.rows) or not isinstance(
            invalid, int
        ):
            return UNEXPECTED
        return Refused("invalid_entry") if invalid else Done()

    def refusal(self, reply: Reply) -> Reading:
        """Only an invalid parameter can be the fault of a row."""
        if reply.status == TOO_LARGE:
            return Refused("too_large")
        error = member(reply.body, "error", "code")
        code = as_code(error, f"http_{reply.status}")
        subcode = member(reply.body, "error", "error_subcode")
        for_rows = error == INVALID_PARAMETER and subcode not in ABOUT_THE_AUDIENCE
        return refused(reply, code, for_rows)


def session_id(batch_id: str) -> int:
    """A positive number of 63 bits that is always the same for a batch."""
    digest = hashlib.sha256(batch_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
