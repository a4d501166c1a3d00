"""Tables for people: the same on a terminal and in a pipe."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

Thing = TypeVar("Thing")


def console() -> Console:
    """A console that keeps lines whole when nobody is watching."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


YES_NO = {"en": ("no", "yes"), "ko": ("아니요", "예")}


def shown(value: object, language: str = "en") -> str:
    """A value as people write it: thousands separated, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return YES_NO[language][value]
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return f"{int(value):,}"
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return str(value)


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    numbers: Collection[int] = (),
) -> Table:
    """A titled table; numbers stand at the right. No text in it is markup.

    `numbers` are columns of numbers that are texts already.
    """
    listed = [list(row) for row in rows]
    made = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        is_number = index in numbers or any(
            isinstance(row[index], int | float | Decimal)
            and not isinstance(row[index], bool)
            for row in listed
        )
        made.add_column(Text(column), justify="right" if is_number else "left")
    for row in listed:
        made.add_row(*(Text(shown(value)) for value in row))
    return made


def place_of(error: BaseException) -> str:
    """File and line where an error was raised: its text may show a value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def watched(
    console: Console,
    label: str,
    things: Iterable[Thing],
    name_of: Callable[[Thing], str],
) -> Iterator[Thing]:
    """The things one by one, with a progress bar on a terminal."""
    waiting = list(things)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=len(waiting))
        for thing in waiting:
            progress.update(task, description=f"{label} {name_of(thing)}")
            yield thing
            progress.advance(task)
