"""Destinations that take one kind of identifier a request."""

from collections.abc import Mapping

from pydantic import Field

from customer_segments.exporting.adapters.batches import Kind, ListAdapter, ListSettings
from customer_segments.exporting.delivery import Batch

KINDS: Mapping[str, Kind] = {
    "email": "email",
    "ads": "email",
    "sms": "phone",
    "alimtalk": "phone",
    "brand_message": "phone",
}


class KindSettings(ListSettings):
    """Settings of destinations that must be told what identifiers are."""

    identifier_kind: Kind | None = Field(
        None, description="What identifiers are; none = by the channel of the audience."
    )


class KindAdapter(ListAdapter):
    """A destination that takes e-mail addresses or telephone numbers."""

    settings: KindSettings

    def kind(self, batch: Batch) -> Kind | None:
        """What the identifiers of a batch are; None when nobody says."""
        return self.settings.identifier_kind or KINDS.get(batch.channel)

    def known_kind(self, batch: Batch) -> Kind:
        """The kind of a batch that `objection` let pass."""
        kind = self.kind(batch)
        assert kind is not None
        return kind

    def objection(self, batch: Batch) -> str:
        """A channel that has neither addresses nor numbers needs identifier_kind."""
        return "" if self.kind(batch) else "identifier_kind_not_in_settings"
