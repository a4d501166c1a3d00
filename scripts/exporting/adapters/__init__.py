"""Destinations by the name of their adapter."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from scripts.exporting.delivery import Adapter

# the settings of one destination, and the environment that holds its secrets
Factory = Callable[[Mapping[str, Any], Mapping[str, str]], Adapter]


def lazily(module: str) -> Factory:
    """`connect` of a module here, imported when a destination needs it."""

    def connect(settings: Mapping[str, Any], environ: Mapping[str, str]) -> Adapter:
        found = import_module(f"scripts.exporting.adapters.{module}")
        adapter: Adapter = found.connect(settings, environ)
        return adapter

    return connect


ADAPTERS: dict[str, Factory] = {
    "webhook": lazily("webhook"),
}
