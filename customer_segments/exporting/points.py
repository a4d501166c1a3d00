"""Named moments of an export, at which a test can end the process."""

from collections.abc import Callable

Hook = Callable[[str], None]


def ignore(name: str) -> None:
    """What happens at a point unless somebody listens."""


hook: Hook = ignore


def reached(name: str) -> None:
    """Tell that an export has come to a point."""
    hook(name)
