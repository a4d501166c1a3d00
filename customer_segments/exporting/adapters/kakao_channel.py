"""Kakao Talk Channel: customers go into and out of a customer file (고객파일).

POST /v1/talkchannel/update/target_users and delete/target_users. The file is made
once, by hand: its schema cannot be changed afterwards.
"""

from typing import Any, Literal

from pydantic import Field

from customer_segments.exporting.adapters.batches import (
    UNEXPECTED,
    Digits,
    ListAdapter,
    ListSettings,
    as_code,
    member,
    refused,
    told_of,
)
from customer_segments.exporting.adapters.kinds import KINDS
from customer_segments.exporting.delivery import Batch
from customer_segments.exporting.http_adapter import Call, Done, Reading, Reply

WRONG_ARGUMENT = -2


class Settings(ListSettings):
    """Where audiences go at Kakao."""

    base_url: str = "https://kapi.kakao.com"
    token_env: str = Field(
        "KAKAO_REST_API_KEY", description="The variable with the REST API key."
    )
    channel_public_id: str = Field(pattern=r"^_[A-Za-z0-9]{1,30}$")
    audience_ids: dict[str, Digits] = Field(alias="file_ids")
    user_type: Literal["phone", "app"] = Field(
        "phone", description="Telephone numbers, or ids of users of one's own app."
    )
    fields: dict[str, str] = Field(
        default_factory=dict,
        description="Field of the file's schema by variable that travels along.",
    )
    removed_as: Literal["ids", "objects"] = Field(
        "ids", description="Whether user_ids lists texts, or objects with an id."
    )


class KakaoChannel(ListAdapter):
    """A customer file of a Kakao Talk Channel."""

    batch_size = 2_000
    settings: Settings
    hashed = False
    scheme = "KakaoAK"

    def objection(self, batch: Batch) -> str:
        """Where telephone numbers are due, nothing else may go."""
        if self.settings.user_type == "phone" and KINDS.get(batch.channel) != "phone":
            return "channel_has_no_numbers"
        return ""

    def call(self, batch: Batch) -> Call:
        """Add users with their fields, or remove them."""
        chosen = self.settings
        body: dict[str, Any] = {
            "channel_public_id": chosen.channel_public_id,
            "file_id": int(self.list_id(batch)),
            "user_type": chosen.user_type,
        }
        if batch.operation == "add":
            body["users"] = [
                {"id": row.identifier, "field": told_of(row, chosen.fields)}
                for row in batch.rows
            ]
        elif chosen.removed_as == "ids":
            body["user_ids"] = [row.identifier for row in batch.rows]
        else:
            body["user_ids"] = [{"id": row.identifier} for row in batch.rows]
        verb = "update" if batch.operation == "add" else "delete"
        return self.tell(f"v1/talkchannel/{verb}/target_users", body)

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Taken; an answer that tells of another file does not tell of this batch."""
        told = member(reply.body, "file_id")
        if told is not None and str(told) != self.list_id(batch):
            return UNEXPECTED
        return Done()

    def refusal(self, reply: Reply) -> Reading:
        """Only a wrong argument can be the fault of a row."""
        told = member(reply.body, "code")
        code = as_code(told, f"http_{reply.status}")
        return refused(reply, code, reply.status == 400 and told == WRONG_ARGUMENT)
