"""Run `dbt build` from a script, and know why it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from scripts.places import LANDING, ROOT

GUARD = "not_a_quiet_day"


@dataclass(frozen=True)
class Outcome:
    """Whether a build succeeded, and whether it stopped at a day that seems missing."""

    succeeded: bool
    is_quiet_day: bool


@contextmanager
def described_day(as_of: date | None) -> Iterator[None]:
    """The day that builds describe, for a while; None leaves it to the project."""
    before = os.environ.get("AS_OF_DATE")
    if as_of is not None:
        os.environ["AS_OF_DATE"] = as_of.isoformat()
    try:
        yield
    finally:
        if before is not None:
            os.environ["AS_OF_DATE"] = before
        elif as_of is not None:
            del os.environ["AS_OF_DATE"]


def build(
    as_of: date | None, accept_quiet_day: bool, landing: Path = LANDING
) -> Outcome:
    """Build and test everything as of a day; dbt prints what failed."""
    variables: dict[str, object] = {"landing_dir": str(landing.absolute())}
    if accept_quiet_day:
        variables["accept_quiet_day"] = True
    with described_day(as_of):
        try:
            ran = dbtRunner().invoke(
                [
                    *("build", "--quiet", "--vars", json.dumps(variables)),
                    *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
                ]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()
    results = getattr(ran.result, "results", None) or []
    stopped_by = {
        result.node.name for result in results if result.status in ("fail", "error")
    }
    return Outcome(ran.success, any(name.startswith(GUARD) for name in stopped_by))
