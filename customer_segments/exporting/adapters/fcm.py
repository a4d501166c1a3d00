"""Firebase Cloud Messaging: a push message to each token.

POST /v1/projects/{project}/messages:send takes one message; the address for many at
once is gone. FCM knows no message again, so one in doubt is not sent twice.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from customer_segments.exporting.adapters.batches import (
    CheckedAdapter,
    Name,
    as_code,
    google_error,
    member,
)
from customer_segments.exporting.delivery import Batch, Effect, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Failed,
    HttpSettings,
    Reading,
    Refused,
    Reply,
)
from customer_segments.exporting.messages import AD_LABEL

OPT_OUT = re.compile(r"수신\s?거부")
SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
Line = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class PushMessage(BaseModel):
    """What is sent; `{name}` stands for a variable of the audience."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    message_class: Literal["ad", "info"]
    title: Line
    body: Line
    data: dict[str, Line] = Field(
        default_factory=dict, description="What the app itself reads."
    )

    @model_validator(mode="after")
    def _is_lawful(self) -> "PushMessage":
        if self.message_class == "ad":
            if not self.title.startswith(AD_LABEL):
                raise ValueError(f"advertising must begin its title with {AD_LABEL}")
            if not any(OPT_OUT.search(line) for line in self.body.splitlines()):
                raise ValueError(
                    "advertising must have a line in its body that says how to opt out"
                    " (수신거부)"
                )
        return self


class Settings(HttpSettings):
    """Where push messages go, and what they say."""

    base_url: str = "https://fcm.googleapis.com"
    token_env: str = Field(
        "FCM_ACCESS_TOKEN", description="The variable with an OAuth access token."
    )
    project_id: Name
    messages: dict[str, PushMessage]
    idle_days_variable: str | None = Field(
        None,
        description="The variable that holds the days since a token was last seen.",
    )
    max_idle_days: Annotated[int, Field(ge=1)] = 270


class FirebaseCloudMessaging(CheckedAdapter):
    """Push messages by token."""

    batch_size = 100
    effect: Effect = "send"
    settings: Settings
    repeatable = False
    hashed = False

    def knows(self, audience: str) -> bool:
        """Whether the settings have a message for it."""
        return audience in self.settings.messages

    def objection(self, batch: Batch) -> str:
        """A message cannot be taken back, and has the class that consent is for."""
        if batch.channel != "push":
            return "channel_has_no_tokens"
        if batch.operation == "remove":
            return "cannot_be_removed"
        if self.settings.messages[batch.audience].message_class != batch.message_class:
            return "message_class_differs"
        return ""

    def unfit(self, batch: Batch, row: Row) -> str:
        """Tokens idle for too long, and rows without what the text speaks of."""
        variable = self.settings.idle_days_variable
        if variable is not None:
            told = row.variables.get(variable) or ""
            if not re.fullmatch(r"[0-9]{1,6}", told):
                return "idle_days_unknown"
            if int(told) > self.settings.max_idle_days:
                return "token_idle"
        message = self.settings.messages[batch.audience]
        texts = (message.title, message.body, *message.data.values())
        slots = {name for text in texts for name in SLOT.findall(text)}
        return "" if all(row.variables.get(name) for name in slots) else "no_variable"

    def part_size(self, batch: Batch) -> int:
        """One message for each token."""
        return 1

    def call(self, batch: Batch) -> Call:
        """The message to a token; its id lets the app know it again."""
        (row,) = batch.rows
        message = self.settings.messages[batch.audience]
        body = {
            "message": {
                "token": row.identifier,
                "notification": {
                    "title": filled(message.title, row),
                    "body": filled(message.body, row),
                },
                "data": {
                    **{key: filled(text, row) for key, text in message.data.items()},
                    "message_id": row.message_id,
                },
            }
        }
        return self.tell(f"v1/projects/{self.settings.project_id}/messages:send", body)

    def refusal(self, reply: Reply) -> Reading:
        """A token that is gone or another sender's is the row's fault."""
        told, fields = google_error(reply, "errorCode")
        if told is None:
            told = member(reply.body, "error", "status")
        code = as_code(told, f"http_{reply.status}")
        about_token = code == "INVALID_ARGUMENT" and set(fields) <= {"message.token"}
        if about_token or code in ("UNREGISTERED", "SENDER_ID_MISMATCH"):
            return Refused(code)
        return Failed(code, applied=False)


def filled(text: str, row: Row) -> str:
    """A text with the variables of a row."""
    return SLOT.sub(lambda slot: row.variables.get(slot[1]) or "", text)
