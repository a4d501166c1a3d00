"""Destinations by the name of their adapter."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from scripts.exporting.delivery import Adapter
from scripts.exporting.problems import WrongSpec

# the settings of one destination, and the environment that holds its secrets
Factory = Callable[[Mapping[str, Any], Mapping[str, str]], Adapter]


def lazily(module: str, name: str) -> Factory:
    """The adapter `name` of a module here, imported when a destination needs it.

    The module has the model `Settings` beside it; WrongSpec says which key is wrong.
    """

    def connect(settings: Mapping[str, Any], environ: Mapping[str, str]) -> Adapter:
        found = import_module(f"scripts.exporting.adapters.{module}")
        try:
            checked = found.Settings.model_validate(dict(settings))
        except ValidationError as error:
            raise WrongSpec(*(wrong(fault) for fault in error.errors())) from None
        adapter: Adapter = getattr(found, name)(checked, environ)
        return adapter

    return connect


def wrong(fault: Mapping[str, Any]) -> str:
    """One fault of settings, without the value."""
    key = ".".join(str(step) for step in fault["loc"])
    return f"destinations.yml: {key or 'settings'}: {fault['msg']}"


ADAPTERS: dict[str, Factory] = {
    "postgres": lazily("postgres_table", "PostgresTable"),
}
