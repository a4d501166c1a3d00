"""Klaviyo: profiles go into and out of a list.

In: POST /api/profile-bulk-import-jobs with a list, an asynchronous job whose errors
are asked for. Out: profiles are found by address or number first, since only their
ids leave a list.
"""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, PositiveFloat

from customer_segments.exporting.adapters.batches import (
    UNEXPECTED,
    Name,
    as_code,
    member,
    refused,
    rows_of,
    told_of,
)
from customer_segments.exporting.adapters.kinds import KindAdapter, KindSettings
from customer_segments.exporting.adapters.lookups import LookupAdapter
from customer_segments.exporting.delivery import Answer, Batch, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    Failed,
    Job,
    Reading,
    Refused,
    Reply,
    json_call,
)

JSON_API = "application/vnd.api+json"
FIELD = {"email": "email", "phone": "phone_number"}
PLACE = re.compile(r"/data/attributes/profiles/data/([0-9]{1,5})(/.*)?")
# codes of a refusal that other rows would cure
ABOUT_ROWS = frozenset({"invalid", "duplicate_profile"})
PAGE = 100


class Settings(KindSettings):
    """Where audiences go at Klaviyo."""

    base_url: str = "https://a.klaviyo.com"
    token_env: str = "KLAVIYO_API_KEY"
    # 150 a minute
    requests_per_second: PositiveFloat | None = 2.5
    revision: str = Field("2026-04-15", pattern=r"^\d{4}-\d\d-\d\d(\.[a-z]+)?$")
    audience_ids: dict[str, Name] = Field(alias="list_ids")
    variables: dict[str, str] = Field(
        default_factory=dict, description="Property by variable that travels along."
    )


class Klaviyo(LookupAdapter, KindAdapter):
    """A list at Klaviyo."""

    batch_size = 10_000
    settings: Settings
    hashed = False
    scheme = "Klaviyo-API-Key"

    def part_size(self, batch: Batch) -> int:
        """Whoever is removed is looked up before, a page at a time."""
        return PAGE if batch.operation == "remove" else self.batch_size

    def deliver_part(self, part: Batch) -> Answer:
        """Add by a job, remove whom Klaviyo knows."""
        if part.operation == "remove":
            return self.deliver_found(part, absent="", known={})
        return super().deliver_part(part)

    def headers(self) -> dict[str, str]:
        """Who asks, and which revision of the API."""
        return {
            **super().headers(),
            "accept": JSON_API,
            "revision": self.settings.revision,
        }

    def get(self, path: str) -> Call:
        """A question."""
        return Call("GET", self.at(f"api/{path}"), self.headers())

    def request(self, batch: Batch) -> Call:
        """Import profiles into the list, or take profiles out of it."""
        list_id = self.list_id(batch)
        typed = {**self.headers(), "content-type": JSON_API}
        if batch.operation == "remove":
            leaving = [
                {"type": "profile", "id": self.ids[row.identifier]}
                for row in batch.rows
            ]
            url = self.at(f"api/lists/{list_id}/relationships/profiles")
            return json_call(url, {"data": leaving}, typed, "DELETE")
        job = {
            "type": "profile-bulk-import-job",
            "attributes": {
                "profiles": {"data": [self.profile(batch, row) for row in batch.rows]}
            },
            "relationships": {"lists": {"data": [{"type": "list", "id": list_id}]}},
        }
        return json_call(self.at("api/profile-bulk-import-jobs"), {"data": job}, typed)

    def profile(self, batch: Batch, row: Row) -> dict[str, Any]:
        """A profile as an import has it; what is null would change nothing."""
        properties = told_of(row, self.settings.variables)
        told: dict[str, Any] = {FIELD[self.known_kind(batch)]: row.identifier}
        if properties:
            told["properties"] = properties
        return {"type": "profile", "attributes": told}

    def question(self, batch: Batch) -> Call:
        """The profiles of addresses or numbers."""
        field = FIELD[self.known_kind(batch)]
        wanted = json.dumps(
            [row.identifier for row in batch.rows],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        asked = {
            "fields[profile]": field,
            "filter": f"any({field},{wanted})",
            "page[size]": str(PAGE),
        }
        return self.get(f"profiles?{urlencode(asked)}")

    def found(self, reply: Reply) -> Sequence[tuple[str, str]] | None:
        """Profiles; a page that is not the last one tells too few."""
        profiles = member(reply.body, "data")
        whole = member(reply.body, "links", "next") is None
        if not whole or not isinstance(profiles, list):
            return None
        ids = [member(profile, "id") for profile in profiles]
        if not all(isinstance(told_id, str) for told_id in ids):
            return None
        # the one attribute that was asked for
        told = [member(profile, "attributes") or {} for profile in profiles]
        return [
            (told_id, str(next(iter(one.values()), "")))
            for told_id, one in zip(ids, told, strict=True)
        ]

    def outcome(self, batch: Batch, reply: Reply) -> Reading:
        """A removal is done; an import has become a job."""
        if batch.operation == "remove":
            return Done()
        job = member(reply.body, "data", "id")
        if not isinstance(job, str) or not re.fullmatch(r"[A-Za-z0-9_=-]{1,200}", job):
            return UNEXPECTED
        self.job, self.bad = job, dict[str, str]()
        return Job(self.get(f"profile-bulk-import-jobs/{job}"))

    def read_job(self, batch: Batch, reply: Reply) -> Reading:
        """How the import goes, then a page of its errors, then the next."""
        if isinstance(member(reply.body, "data"), list):
            return self.read_errors(batch, reply)
        told = member(reply.body, "data", "attributes")
        status = member(told, "status")
        if status in ("queued", "processing"):
            return Job(self.get(f"profile-bulk-import-jobs/{self.job}"))
        if status != "complete":
            return Failed(as_code(status, "unexpected_answer"), applied=None)
        self.failed = member(told, "failed_count") or 0
        if not self.failed:
            return Done()
        path = f"profile-bulk-import-jobs/{self.job}/import-errors"
        return Job(self.get(f"{path}?{urlencode({'page[size]': PAGE})}"))

    def read_errors(self, batch: Batch, reply: Reply) -> Reading:
        """Rows by their place in the request, or by what Klaviyo repeats of them.

        Errors that name too few rows make the batch be searched by halves: that adds
        others again, which changes nothing in a list.
        """
        field = FIELD[self.known_kind(batch)]
        identifiers = {row.identifier for row in batch.rows}
        for error in rows_of(reply.body, "data"):
            told = member(error, "attributes")
            code = as_code(member(told, "code"), "import_error")
            place = PLACE.fullmatch(str(member(told, "source", "pointer")))
            repeated = member(told, "original_payload", field)
            if place and int(place[1]) < len(batch.rows):
                self.bad[batch.rows[int(place[1])].identifier] = code
            elif isinstance(repeated, str) and repeated in identifiers:
                self.bad[repeated] = code
        following = member(reply.body, "links", "next")
        if isinstance(following, str):
            return Job(Call("GET", following, self.headers()))
        if len(self.bad) < self.failed:
            return Refused("import_error")
        return Done(self.bad)

    def refusal(self, reply: Reply) -> Reading:
        """The first error says whether other rows would be taken."""
        code = as_code(member(reply.body, "errors", 0, "code"), f"http_{reply.status}")
        return refused(reply, code, reply.status == 400 and code in ABOUT_ROWS)
