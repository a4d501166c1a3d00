"""Signed webhooks as standardwebhooks.com has them; in-app and push services use it.

Each request is one batch. A receiver knows a batch again by `webhook-id`, which stays
the same on each retry, and must apply each id once. With `on_unknown: replay` a later
run sends messages that nobody confirmed in batches of other ids: then the receiver must
know each row by its `message_id` too, which stays the same. It may answer 200 to 299
with `{"rejected": [{"identifier": …, "code": …}]}` for rows that it does not take, or
400, 413 or 422 when it took nothing because of bad rows.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from customer_segments.exporting.clock import Clock
from customer_segments.exporting.delivery import Batch, Effect, Row
from customer_segments.exporting.http_adapter import (
    Call,
    ConnectionSettings,
    Done,
    HttpAdapter,
    Reading,
    Reply,
    json_call,
    secret,
)
from customer_segments.exporting.problems import WrongSpec

TYPES = {"add": "audience.added", "remove": "audience.removed"}
PREFIX = "whsec_"
# what the standard asks of a key, in bytes
KEY_BYTES = range(24, 65)


class Settings(ConnectionSettings):
    """Where webhooks go, and which variable holds the secrets they are signed with."""

    url: str = Field(description="Address that takes the webhooks.")
    secret_env: str = Field(
        description="Environment variable that holds the secret whsec_…, or several"
        " with blanks between while they are exchanged."
    )
    effect: Effect = Field(
        "send",
        description="send = each request reaches people; set = the receiver keeps a"
        " list, and the same request twice changes nothing.",
    )
    batch_size: Annotated[int, Field(ge=1, le=10_000)] = Field(
        500, description="Rows in one request."
    )

    @property
    def address(self) -> str:
        """Where webhooks go."""
        return self.url


class Webhook(HttpAdapter):
    """A service of one's own that takes signed requests."""

    settings: Settings

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        clock: Clock | None = None,
    ) -> None:
        """Read the secrets; WrongSpec when they are missing or broken."""
        super().__init__(settings, environ, clock=clock)
        self.batch_size = settings.batch_size
        self.effect = settings.effect
        self._keys = keys_of(settings.secret_env, environ)
        self._begun = ("", 0.0)

    def call(self, batch: Batch) -> Call:
        """The batch, signed at the time of this attempt."""
        now = self.clock.now()
        if self._begun[0] != batch.batch_id:
            self._begun = (batch.batch_id, now)
        call = json_call(self.settings.url, body_of(batch, self._begun[1]), {})
        signed = signature(self._keys, batch.batch_id, int(now), call.content)
        headers = {
            **call.headers,
            "webhook-id": batch.batch_id,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": signed,
        }
        return Call(call.method, call.url, headers, call.content)

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Taken, but for the rows that the answer names."""
        told = reply.body.get("rejected") if isinstance(reply.body, dict) else None
        rejected = {
            str(one["identifier"]): str(one.get("code", "rejected"))
            for one in (told if isinstance(told, list) else [])
            if isinstance(one, dict) and "identifier" in one
        }
        return Done(rejected)


def body_of(batch: Batch, begun_at: float) -> dict[str, Any]:
    """What a webhook says; the same bytes on each retry."""
    return {
        "type": TYPES[batch.operation],
        "timestamp": datetime.fromtimestamp(begun_at, UTC).isoformat(),
        "audience": batch.audience,
        "channel": batch.channel,
        "message_class": batch.message_class,
        "campaign_id": batch.campaign_id,
        "rows": [row_of(row) for row in batch.rows],
    }


def row_of(row: Row) -> dict[str, Any]:
    """What a webhook says of one member."""
    return {
        "identifier": row.identifier,
        "customer_id": row.customer_id,
        "message_id": row.message_id,
        "arm": row.arm,
        "variables": dict(row.variables),
    }


def keys_of(name: str, environ: Mapping[str, str]) -> list[bytes]:
    """The keys in an environment variable; WrongSpec names the variable alone."""
    keys = []
    for word in secret(environ, name).split():
        try:
            key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not word.startswith(PREFIX) or len(key) not in KEY_BYTES:
            raise WrongSpec(
                f"the environment variable {name} must hold whsec_ and the base64 of"
                f" {KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes"
            )
        keys.append(key)
    return keys


def signature(keys: list[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """One signature for each key: a receiver may hold the old one or the new."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
