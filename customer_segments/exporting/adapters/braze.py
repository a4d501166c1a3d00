"""Braze: an attribute of known users says which audiences they are in.

POST /users/track with attribute objects; an answer of 201 lists those it refused.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from customer_segments.exporting.adapters.batches import (
    UNEXPECTED,
    CheckedAdapter,
    member,
    refused,
    rows_of,
)
from customer_segments.exporting.delivery import Batch, Row
from customer_segments.exporting.http_adapter import (
    Call,
    Done,
    HttpSettings,
    Reading,
    Reply,
)

# what Braze itself calls so, or reads as an instruction, begins with _ or $
Attribute = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z가-힣][A-Za-z0-9가-힣_ -]{0,254}$")
]


class Settings(HttpSettings):
    """Where audiences go at Braze; the base address is that of the instance."""

    token_env: str = "BRAZE_API_KEY"
    form: Literal["array", "boolean"] = Field(
        "array", description="One array for all audiences, or a yes or no for each."
    )
    attribute: Attribute = Field(
        "audiences",
        description="Name of the array, or how the others begin.",
    )
    keys: dict[str, Attribute] = Field(
        default_factory=dict, description="What an audience is called at Braze."
    )
    variables: dict[str, Attribute] = Field(
        default_factory=dict, description="Attribute by variable that travels along."
    )
    create_profiles: bool = Field(
        False, description="Whether users that Braze does not know are created."
    )


class Braze(CheckedAdapter):
    """Custom attributes of users, found by external_id."""

    batch_size = 75
    settings: Settings

    def knows(self, audience: str) -> bool:
        """Every audience has a name at Braze, its own unless the settings say one."""
        return True

    def call(self, batch: Batch) -> Call:
        """Say of each user that they are in the audience, or that they are not."""
        told = [self.attributes(batch, row) for row in batch.rows]
        return self.tell("users/track", {"attributes": told})

    def attributes(self, batch: Batch, row: Row) -> dict[str, object]:
        """The attribute object of a user."""
        chosen = self.settings
        key = chosen.keys.get(batch.audience, batch.audience)
        told: dict[str, object] = {
            "external_id": row.identifier,
            "_update_existing_only": not (
                chosen.create_profiles and batch.operation == "add"
            ),
        }
        if chosen.form == "array":
            told[chosen.attribute] = {batch.operation: [key]}
        else:
            told[f"{chosen.attribute}_{key}"] = batch.operation == "add"
        if batch.operation == "add":
            for variable, attribute in sorted(chosen.variables.items()):
                told[attribute] = row.variables.get(variable)
        return told

    def read(self, batch: Batch, reply: Reply) -> Reading:
        """Refused objects, by their place in the request."""
        if member(reply.body, "message") is None:
            return UNEXPECTED
        rejected = {}
        for error in rows_of(reply.body, "errors"):
            place = member(error, "index")
            if (
                member(error, "input_array") != "attributes"
                or not isinstance(place, int)
                or not 0 <= place < len(batch.rows)
            ):
                return UNEXPECTED
            rejected[batch.rows[place].identifier] = "attributes_refused"
        return Done(rejected)

    def refusal(self, reply: Reply) -> Reading:
        """Nothing was applied; its reason is text, so only the status is told."""
        return refused(reply, f"http_{reply.status}", reply.status == 400)
