"""Run `dbt build` from a script, and know why it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from customer_segments.places import LANDING, ROOT, database, environment
from customer_segments.warehouse_file import wait_until_free

# what stops a build on purpose, by what its message or the name of its test holds
STOPS = {
    "not_a_quiet_day": "the day seems to be missing. Load the missing file and run"
    " again, or go on with --accept-quiet-day",
    "The shop shrank.": "the shop shrank. Load what is missing and run again, or go on"
    " with --accept-shrink",
    "A source had rows and is gone": "a raw table is gone. Load its files and run"
    " again, or go on with --accept-missing --accept-missing",
    "Landing folder ": "landed files are gone or not as they were loaded. Mend the"
    " landing folder and run again, or go on with --accept-missing --accept-missing",
}


@dataclass(frozen=True)
class Outcome:
    """Whether a build succeeded, and which guard stopped it, in words; None = none."""

    succeeded: bool
    stopped_by: str | None


def run_dbt(
    command: str,
    *arguments: str,
    variables: Mapping[str, object],
    manifest: Manifest | None = None,
) -> dbtRunnerResult:
    """Run dbt on this project in this process, and let its database go.

    With the manifest that `parse` returned nothing is read anew.
    """
    try:
        return dbtRunner(manifest=manifest).invoke(
            [
                *(command, "--quiet", "--vars", json.dumps(variables)),
                *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                *arguments,
            ]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()


def build(
    as_of: date | None,
    accepted: Mapping[str, object],
    landing: Path = LANDING,
) -> Outcome:
    """Build everything and test the data as of a day; dbt prints what failed. Unopened.

    No day: as the project says. `accepted` are variables that let a guard pass.
    """
    variables = {"landing_dir": str(landing.absolute()), **accepted}
    wait_until_free(database())
    with environment({} if as_of is None else {"AS_OF_DATE": as_of.isoformat()}):
        ran = run_dbt("build", variables=variables)
    results = getattr(ran.result, "results", None) or []
    told = [str(ran.exception or "")] + [
        text
        for result in results
        if result.status in ("fail", "error")
        for text in (result.node.name, result.message or "")
    ]
    stops = [why for sign, why in STOPS.items() if any(sign in text for text in told)]
    return Outcome(ran.success, stops[0] if stops else None)
