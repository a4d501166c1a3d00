"""TikTok: hashes go into and out of a custom audience by segment/mapping."""

from pydantic import Field

from customer_segments.exporting.adapters.batches import Digits, as_code, member
from customer_segments.exporting.adapters.kinds import KindAdapter, KindSettings
from customer_segments.exporting.delivery import Batch, Effect
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    Failed,
    Reading,
    Refused,
    Reply,
    json_call,
)

SCHEMA = {"email": "EMAIL_SHA256", "phone": "PHONE_SHA256"}
WRONG_PARAMETERS = 40002


class Settings(KindSettings):
    """Where audiences go at TikTok."""

    base_url: str = "https://business-api.tiktok.com"
    token_env: str = "TIKTOK_ACCESS_TOKEN"
    version: str = Field("v1.3", pattern=r"^v[0-9]\.[0-9]$")
    advertiser_id: Digits
    audience_ids: dict[str, Digits]


class TikTok(KindAdapter):
    """A custom audience at TikTok."""

    batch_size = 5_000
    effect: Effect = "set"
    settings: Settings
    hashed = True

    def knows(self, audience: str) -> bool:
        """Whether the settings have the id of its custom audience."""
        return audience in self.settings.audience_ids

    def call(self, batch: Batch) -> Call:
        """Map hashes to an audience, or undo that."""
        audience_ids = [self.settings.audience_ids[batch.audience]]
        body = {
            "advertiser_ids": [self.settings.advertiser_id],
            "action": "add" if batch.operation == "add" else "delete",
            "id_schema": [SCHEMA[self.known_kind(batch)]],
            "batch_data": [
                [{"id": row.identifier, "audience_ids": audience_ids}]
                for row in batch.rows
            ],
        }
        url = self.at(f"open_api/{self.settings.version}/segment/mapping/")
        return json_call(url, body, {"access-token": self.token})

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Every answer is 200; its code says what it means, 0 = done."""
        code = member(reply.body, "code")
        if code == 0:
            return Done()
        if not isinstance(code, int):
            return Failed("unexpected_answer", applied=None)
        if code == WRONG_PARAMETERS:
            return Refused(str(code))
        return Failed(as_code(code, "refused"), applied=False)
