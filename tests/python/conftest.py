"""Warehouses that several tests read: each is loaded and built once a session."""

from __future__ import annotations

import fcntl
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.compiler import Compiler
from tests.python.loads import Run, runner
from tests.python.sample import Sample, connect, seed
from tests.python.warehouse import (
    AS_OF,
    HISTORY,
    IS_WORKER,
    SMALL_GROUPS,
    UNTESTED,
    Warehouse,
)

# The files that take longest, the longest first; the others follow by name.
LONG = (
    *("test_determinism", "test_export_faults", "test_segment_insights"),
    *("test_laws", "test_export_audiences", "test_differential_rules"),
    *("test_audience_syncs", "test_rule_schema", "test_real_data"),
    *("test_export_people", "test_shop_tables", "test_quiet_days", "test_monday"),
    *("test_truth", "test_daily", "test_differential_audiences"),
    *("test_differential_orders", "test_differential_traits"),
    *("test_differential_stages", "test_differential_rfm"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Let the order of files decide which of them begin first, not their sizes.

    A worker has one core, and so has its engine.
    """
    if IS_WORKER:
        duckdb.connect = with_one_thread(duckdb.connect)
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def with_one_thread(connect: Callable[..., Any]) -> Callable[..., Any]:
    """How DuckDB connects where nothing is said of threads."""

    @wraps(connect)
    def connected(*given: Any, **options: Any) -> Any:
        config = {"threads": 1, **(options.pop("config", None) or {})}
        return connect(*given, config=config, **options)

    return connected


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, so that no worker is left alone with one of them.

    Of a test that is marked so, the variants after the first few are slow.
    """
    seen: Counter[tuple[Path, str]] = Counter()
    for item in items:
        mark = item.get_closest_marker("few")
        if mark is not None:
            test = (item.path, item.name.partition("[")[0])
            seen[test] += 1
            if seen[test] > mark.args[0]:
                item.add_marker(pytest.mark.slow)
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A small sample shop with dirty rows, built as of AS_OF; read it, never write."""
    return built_once(tmp_path_factory, "shop", build_shop)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The clean sample of 10,000 customers over two years, read with DuckDB."""
    folder = folder_of_all(tmp_path_factory, "sample")
    made_once(folder, lambda: seed(folder / "sample", customers=10_000, days=730))
    with connect(folder / "sample") as connection:
        yield connection


@pytest.fixture(scope="session")
def history(shop: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """That shop, built as of each of HISTORY's days; read it, never write."""

    def build(warehouse: Warehouse) -> None:
        warehouse.landing = shop.landing
        for day in HISTORY:
            warehouse.build(day, *UNTESTED, variables=SMALL_GROUPS)

    return built_once(tmp_path_factory, "history", build)


def built_once(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    build: Callable[[Warehouse], None],
) -> Warehouse:
    """A warehouse that the worker which asks first builds for all.

    Each has its own copy, since to open a database is to lock it.
    """
    built = Warehouse(folder_of_all(tmp_path_factory, name))
    made_once(built.folder, lambda: build(built))
    own = Warehouse(tmp_path_factory.mktemp(name))
    own.landing = built.landing
    shutil.copy(built.database, own.database)
    shutil.copytree(built.folder / "target", own.folder / "target")
    return own


def folder_of_all(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """Where all workers find what one of them makes."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if IS_WORKER else base) / f"{name}_of_all"


def made_once(folder: Path, make: Callable[[], object]) -> None:
    """Let the worker that asks first fill a folder, and the others wait for it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make()
            (folder / "done").touch()


def build_shop(warehouse: Warehouse) -> None:
    """Make the sample shop, load and build it."""
    warehouse.seed_sample(customers=400, days=500, as_of=AS_OF, dirt=0.01)
    warehouse.load()
    warehouse.build(AS_OF, "--write-json", *UNTESTED)
    warehouse.vouch()


@pytest.fixture
def empty(tmp_path: Path) -> Warehouse:
    """A warehouse of the test's own, with nothing loaded."""
    return Warehouse(tmp_path)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The loader on a mapping and files."""
    return runner(tmp_path, capsys)


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compiler]:
    """One parsed project for all rules that a module tries."""
    opened = Compiler(tmp_path_factory.mktemp("compiler"))
    yield opened
    opened.close()
