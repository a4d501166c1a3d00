"""Where the project keeps things, and the day it describes by default."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from customer_segments.yaml_files import known_yaml

ROOT = Path(__file__).parents[1]
WAREHOUSE = ROOT / "warehouse"
LANDING = WAREHOUSE / "landing"
SAMPLE_MARK = ".sample"
# set while past days are recorded: tables that nobody reads later go to a database of
# this name in memory
SCRATCH = "SCRATCH"


def database() -> Path:
    """The file that profiles.yml builds: WAREHOUSE_PATH, or the one in warehouse/."""
    named = os.environ.get("WAREHOUSE_PATH")
    return ROOT / named if named else WAREHOUSE / "build.duckdb"


def yesterday(project: Path = ROOT) -> date:
    """The last complete day in the project's business time zone."""
    return datetime.now(business_zone(project)).date() - timedelta(days=1)


def business_zone(project: Path = ROOT) -> ZoneInfo:
    """The project's business time zone."""
    return ZoneInfo(
        known_yaml(project / "dbt_project.yml")["vars"]["business_timezone"]
    )


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the time of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
