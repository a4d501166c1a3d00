"""TikTok: hashes go into and out of a custom audience by segment/mapping."""

from pydantic import Field

from customer_segments.exporting.adapters.batches import (
    UNEXPECTED,
    Digits,
    as_code,
    member,
    refused,
)
from customer_segments.exporting.adapters.kinds import KindAdapter, KindSettings
from customer_segments.exporting.delivery import Batch
from customer_segments.exporting.http_adapter import Call, Done, Reading, Reply

SCHEMA = {"email": "EMAIL_SHA256", "phone": "PHONE_SHA256"}
WRONG_PARAMETERS = 40002


class Settings(KindSettings):
    """Where audiences go at TikTok."""

    base_url: str = "https://business-api.tiktok.com"
    token_env: str = "TIKTOK_ACCESS_TOKEN"
    version: str = Field("v1.3", pattern=r"^v[0-9]\.[0-9]$")
    advertiser_id: Digits


class TikTok(KindAdapter):
    """A custom audience at TikTok."""

    batch_size = 5_000
    settings: Settings
    hashed = True

    def headers(self) -> dict[str, str]:
        """Who asks."""
        return {"access-token": self.token}

    def call(self, batch: Batch) -> Call:
        """Map hashes to an audience, or undo that."""
        body = {
            "advertiser_ids": [self.settings.advertiser_id],
            "action": "add" if batch.operation == "add" else "delete",
            "id_schema": [SCHEMA[self.known_kind(batch)]],
            "batch_data": [
                [{"id": row.identifier, "audience_ids": [self.list_id(batch)]}]
                for row in batch.rows
            ],
        }
        return self.tell(f"open_api/{self.settings.version}/segment/mapping/", body)

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Every answer is 200; its code says what it means, 0 = done."""
        code = member(reply.body, "code")
        if code == 0:
            return Done()
        if not isinstance(code, int):
            return UNEXPECTED
        return refused(reply, as_code(code, "refused"), code == WRONG_PARAMETERS)
