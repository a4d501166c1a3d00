"""Run `dbt build` from a script, and know why it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from scripts.places import LANDING, ROOT, environment

GUARD = "not_a_quiet_day"


@dataclass(frozen=True)
class Outcome:
    """Whether a build succeeded, and whether it stopped at a day that seems missing."""

    succeeded: bool
    is_quiet_day: bool


def run_dbt(
    command: str, *arguments: str, variables: Mapping[str, object]
) -> dbtRunnerResult:
    """Run dbt on this project in this process, and let its database go."""
    try:
        return dbtRunner().invoke(
            [
                *(command, "--quiet", "--vars", json.dumps(variables)),
                *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                *arguments,
            ]
        )
    finally:
        DuckDBConnectionManager.close_all_connections()


def build(
    as_of: date | None, accept_quiet_day: bool, landing: Path = LANDING
) -> Outcome:
    """Build everything and test the data as of a day; dbt prints what failed.

    Unit tests judge the code, not the data, and are left out. No day: as the project
    says.
    """
    variables: dict[str, object] = {"landing_dir": str(landing.absolute())}
    if accept_quiet_day:
        variables["accept_quiet_day"] = True
    with environment({} if as_of is None else {"AS_OF_DATE": as_of.isoformat()}):
        ran = run_dbt(
            *("build", "--exclude-resource-type", "unit_test"), variables=variables
        )
    results = getattr(ran.result, "results", None) or []
    stopped_by = {
        result.node.name for result in results if result.status in ("fail", "error")
    }
    return Outcome(ran.success, any(name.startswith(GUARD) for name in stopped_by))
