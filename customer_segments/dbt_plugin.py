"""What dbt asks Python for around the database: profiles.yml names this file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from customer_segments.places import SCRATCH
from customer_segments.quiet_days import judged_day
from customer_segments.warehouse_file import Unopened, wait_until_free


class Plugin(BasePlugin):
    """Waits for a reader once a command, however often dbt tries to connect."""

    refusal: Unopened | None = None

    def update_connection_config(
        self, creds: DuckDBCredentials, config: dict[str, Any]
    ) -> None:
        """Unopened, which dbt tells and stops at."""
        if creds.path == ":memory:":
            return
        if self.refusal is None:
            try:
                wait_until_free(Path(creds.path))
            except Unopened as refusal:
                self.refusal = refusal
        if self.refusal is not None:
            raise self.refusal

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Make the judgement of a day a function, and room for tables to be thrown."""
        if os.environ.get(SCRATCH):
            conn.execute(f"attach ':memory:' as {SCRATCH.lower()}")
        conn.create_function(
            "judged_day",
            judged_day,
            [
                *("VARCHAR", "DATE[]", "BIGINT[]", "DATE", "DATE[]", "DATE[]"),
                *("INTEGER", "DOUBLE"),
            ],
            "VARCHAR",
            side_effects=True,
        )
