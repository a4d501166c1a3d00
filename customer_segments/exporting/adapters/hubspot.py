"""HubSpot: records go into and out of a list of processing type MANUAL or SNAPSHOT.

PUT memberships/add-and-remove takes record ids. A variable of the audience can hold
them; whoever comes without one is found by a unique property of the contacts.
"""

import re
from collections.abc import Sequence

from pydantic import Field, PositiveFloat

from customer_segments.exporting.adapters.batches import (
    UNEXPECTED,
    Digits,
    ListSettings,
    Name,
    as_code,
    member,
    refused,
    rows_of,
)
from customer_segments.exporting.adapters.lookups import LookupAdapter
from customer_segments.exporting.delivery import Answer, Batch
from customer_segments.exporting.http_adapter import Call, Done, Reading, Reply

RECORD = re.compile(r"[0-9]{1,30}")
LOOKED_UP_AT_ONCE = 100


class Settings(ListSettings):
    """Where audiences go at HubSpot."""

    base_url: str = "https://api.hubapi.com"
    token_env: str = "HUBSPOT_TOKEN"
    # a hundred in ten seconds
    requests_per_second: PositiveFloat | None = 10
    version: str = Field(
        "v3",
        pattern=r"^(v3|\d{4}-\d\d)$",
        description="v3, or the date that newer addresses have.",
    )
    audience_ids: dict[str, Digits] = Field(alias="list_ids")
    object_type: Name = "contacts"
    id_property: Name = Field(
        "email",
        description="The property with unique values that holds the identifier.",
    )
    record_id_variable: str | None = Field(
        None, description="The variable of the audience that holds record ids."
    )


class HubSpot(LookupAdapter):
    """A list of records at HubSpot."""

    batch_size = 1_000
    settings: Settings

    def record_ids(self, batch: Batch) -> dict[str, str]:
        """Record ids by identifier, as far as the rows bring them."""
        variable = self.settings.record_id_variable
        if variable is None:
            return {}
        return {
            row.identifier: told
            for row in batch.rows
            if (told := row.variables.get(variable)) and RECORD.fullmatch(told)
        }

    def part_size(self, batch: Batch) -> int:
        """Records can be asked for a hundred at a time."""
        brought = len(self.record_ids(batch)) == len(batch.rows)
        return self.batch_size if brought else LOOKED_UP_AT_ONCE

    def deliver_part(self, part: Batch) -> Answer:
        """Who has no record cannot be added, and is in no list."""
        absent = "no_record" if part.operation == "add" else ""
        return self.deliver_found(part, absent, self.record_ids(part))

    def crm(self, thing: str, path: str) -> str:
        """A path of the API; newer ones hold the version behind the thing."""
        version = self.settings.version
        place = f"{version}/{thing}" if version == "v3" else f"{thing}/{version}"
        return f"crm/{place}/{path}"

    def question(self, batch: Batch) -> Call:
        """The records of identifiers."""
        wanted = self.settings.id_property
        body = {
            "idProperty": wanted,
            "inputs": [{"id": row.identifier} for row in batch.rows],
            "properties": [wanted],
        }
        path = f"{self.settings.object_type}/batch/read"
        return self.tell(self.crm("objects", path), body)

    def found(self, reply: Reply) -> Sequence[tuple[str, str]] | None:
        """Records; what is not listed must not be there."""
        errors = {member(one, "category") for one in rows_of(reply.body, "errors")}
        records = member(reply.body, "results")
        if not isinstance(records, list) or errors - {"OBJECT_NOT_FOUND"}:
            return None
        ids = [str(member(record, "id")) for record in records]
        if not all(RECORD.fullmatch(told_id) for told_id in ids):
            return None
        wanted = self.settings.id_property
        told = [str(member(record, "properties", wanted)) for record in records]
        return list(zip(ids, told, strict=True))

    def request(self, batch: Batch) -> Call:
        """Put records into a list, or take them out."""
        records = [self.ids[row.identifier] for row in batch.rows]
        added = batch.operation == "add"
        body = {
            "recordIdsToAdd": records if added else [],
            "recordIdsToRemove": [] if added else records,
        }
        path = f"{self.list_id(batch)}/memberships/add-and-remove"
        return self.tell(self.crm("lists", path), body, "PUT")

    def outcome(self, batch: Batch, reply: Reply) -> Reading:
        """Records that are missing cannot be added, and need not be removed."""
        if not isinstance(reply.body, dict):
            return UNEXPECTED
        missing = {str(record) for record in rows_of(reply.body, "recordIdsMissing")}
        if batch.operation == "remove":
            return Done()
        return Done(
            {
                row.identifier: "record_missing"
                for row in batch.rows
                if self.ids[row.identifier] in missing
            }
        )

    def refusal(self, reply: Reply) -> Reading:
        """A plain validation error may be about a row, one of a sub-category is not."""
        category = member(reply.body, "category")
        code = as_code(category, f"http_{reply.status}")
        plain = category == "VALIDATION_ERROR" and not member(reply.body, "subCategory")
        return refused(reply, code, reply.status == 400 and plain)
