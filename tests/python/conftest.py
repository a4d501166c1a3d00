"""Warehouses that several tests read: each is loaded and built once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.warehouse import AS_OF, Warehouse


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A small sample shop with dirty rows, built as of AS_OF; read it, never write."""
    warehouse = Warehouse(tmp_path_factory.mktemp("shop"))
    warehouse.seed_sample(customers=400, days=500, as_of=AS_OF, dirt=0.01)
    warehouse.load()
    warehouse.build(AS_OF, "--write-json", "--exclude-resource-type", "test")
    return warehouse


@pytest.fixture
def empty(tmp_path: Path) -> Warehouse:
    """A warehouse of the test's own, with nothing loaded."""
    return Warehouse(tmp_path)
