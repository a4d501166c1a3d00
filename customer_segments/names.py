"""What a built warehouse calls its values, in English or Korean."""

from __future__ import annotations

import duckdb

from customer_segments.loading.quoting import quote_text
from customer_segments.places import ROOT
from customer_segments.wording import Currency
from customer_segments.yaml_files import known_yaml

# Tables with labels of their own and their key; other vocabularies are of traits.
LABELLED = {
    "segments": ("segments", "segment"),
    "audiences": ("audiences", "audience"),
    "channels": ("main_seeds.channels", "channel"),
    "exclusion_reasons": ("main_seeds.exclusion_reasons", "reason"),
}


class Names:
    """Labels of a build in a language, and the currency of its reports."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, language: str) -> None:
        self.language = language
        self._connection = connection
        self._known: dict[str, dict[str, str]] = {}
        code = known_yaml(ROOT / "dbt_project.yml")["vars"]["reporting_currency"]
        found = connection.execute(
            "select minor_units from main_seeds.currencies"
            f" where currency = {quote_text(code)}"
        ).fetchone()
        self.currency = Currency(code, found[0] if found else 1)

    def label(self, vocabulary: str, value: object) -> str:
        """The label of a value; a value without one is its own."""
        if vocabulary not in self._known:
            trait = f"(from labels where vocabulary = {quote_text(vocabulary)})"
            table, key = LABELLED.get(vocabulary, (trait, "value"))
            rows = self._connection.execute(
                f"select {key}, label_{self.language} from {table}"
            ).fetchall()
            self._known[vocabulary] = dict(rows)
        return self._known[vocabulary].get(str(value), str(value))
