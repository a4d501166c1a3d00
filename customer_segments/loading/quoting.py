"""Values and names on their way into SQL."""

from datetime import datetime
from pathlib import Path


def quote_text(value: str) -> str:
    """A text literal; ValueError for NUL, which no file name can hold."""
    if "\x00" in value:
        raise ValueError("a text with NUL cannot be a SQL literal")
    return "'" + value.replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_timestamp(moment: datetime) -> str:
    """A timestamp literal without a zone, to the microsecond."""
    return f"timestamp '{moment:%Y-%m-%d %H:%M:%S.%f}'"


def quote_pattern(path: Path) -> str:
    """A literal for a reader that takes wildcards; stands for exactly this path."""
    escaped = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path))
    return quote_text(escaped)
