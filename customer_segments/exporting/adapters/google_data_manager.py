"""Google Data Manager API: hashes go into and out of a Customer Match list.

POST v1/audienceMembers:ingest and :remove; the answer is a receipt, and its status can
be asked for half an hour later or more.
"""

from typing import Literal
from urllib.parse import quote

from pydantic import Field

from customer_segments.exporting.adapters.batches import (
    TOO_LARGE,
    UNEXPECTED,
    Digits,
    Name,
    as_code,
    google_error,
    member,
    refused,
)
from customer_segments.exporting.adapters.kinds import KindAdapter, KindSettings
from customer_segments.exporting.delivery import Batch
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    Failed,
    Job,
    Reading,
    Refused,
    Reply,
)

FIELD = {"email": "emailAddress", "phone": "phoneNumber"}
Consent = Literal["CONSENT_GRANTED", "CONSENT_DENIED", "CONSENT_STATUS_UNSPECIFIED"]


class Settings(KindSettings):
    """Where audiences go at Google."""

    base_url: str = "https://datamanager.googleapis.com"
    token_env: str = "GOOGLE_DATA_MANAGER_TOKEN"
    operating_account_id: Digits
    account_type: Name = "GOOGLE_ADS"
    login_account_id: Digits | None = Field(
        None, description="The manager account, when access is through one."
    )
    login_account_type: Name = "GOOGLE_ADS"
    quota_project: Name | None = None
    ad_user_data: Consent
    ad_personalization: Consent
    terms_accepted: Literal[True] = Field(
        description="Whether the Customer Match terms of service were accepted."
    )
    wait_for_result: bool = Field(
        False,
        description="Whether a batch counts only when its status says success, which"
        " takes Google from 30 minutes to 24 hours.",
    )


class GoogleDataManager(KindAdapter):
    """A Customer Match list, or an audience of Display & Video 360."""

    batch_size = 10_000
    settings: Settings
    hashed = True

    def call(self, batch: Batch) -> Call:
        """Add members with the consent they gave, or remove them."""
        field = FIELD[self.known_kind(batch)]
        members = [
            {"userData": {"userIdentifiers": [{field: row.identifier}]}}
            for row in batch.rows
        ]
        body: dict[str, object] = {
            "destinations": [self.destination(batch)],
            "audienceMembers": members,
            "encoding": "HEX",
        }
        if batch.operation == "add":
            body["consent"] = {
                "adUserData": self.settings.ad_user_data,
                "adPersonalization": self.settings.ad_personalization,
            }
            body["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
        verb = "ingest" if batch.operation == "add" else "remove"
        return self.tell(f"v1/audienceMembers:{verb}", body)

    def destination(self, batch: Batch) -> dict[str, object]:
        """The list of an audience, in the words of the API."""
        chosen = self.settings
        login = chosen.login_account_id
        return {
            "operatingAccount": {
                "accountType": chosen.account_type,
                "accountId": chosen.operating_account_id,
            },
            **(
                {
                    "loginAccount": {
                        "accountType": chosen.login_account_type,
                        "accountId": login,
                    }
                }
                if login
                else {}
            ),
            "productDestinationId": self.list_id(batch),
        }

    def headers(self) -> dict[str, str]:
        """Who asks, and which project pays."""
        project = self.settings.quota_project
        return {
            **super().headers(),
            **({"x-goog-user-project": project} if project else {}),
        }

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """A receipt."""
        receipt = member(reply.body, "requestId")
        if not isinstance(receipt, str) or not receipt:
            return UNEXPECTED
        if not self.settings.wait_for_result:
            return Done()
        path = f"v1/requestStatus:retrieve?requestId={quote(receipt, safe='')}"
        self.job = Job(Call("GET", self.at(path), self.headers()))
        return self.job

    def read_job(self, batch: Batch, reply: Reply) -> Reading:
        """How the one destination of a request fared; it counts errors, names none."""
        state = member(reply.body, "requestStatusPerDestination", 0)
        status = member(state, "requestStatus")
        reason = member(state, "errorInfo", "errorCounts", 0, "reason")
        if status == "SUCCESS":
            return Done()
        if status == "PARTIAL_SUCCESS":
            return Refused(as_code(reason, "partial_success"))
        if status in ("FAILED", "FAILURE"):
            return Failed(as_code(reason, "failed"), applied=False)
        return self.job

    def refusal(self, reply: Reply) -> Reading:
        """A refused request is about rows when a violated field is one of theirs."""
        if reply.status == TOO_LARGE:
            return Refused("too_large")
        told, fields = google_error(reply, "reason")
        status = as_code(member(reply.body, "error", "status"), f"http_{reply.status}")
        of_rows = ("audience_members", "audienceMembers")
        found = reply.status == 400 and any(one.startswith(of_rows) for one in fields)
        return refused(reply, as_code(told, status), found)
