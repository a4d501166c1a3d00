"""What stops a load, in words for the person who runs it."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to repair: where (file, perhaps line), what is wrong, what to do."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {sentence(self.remedy)}"


def sentence(text: str) -> str:
    """A text with a capital letter and an end."""
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".?" else ".")


def in_order(problem: Problem) -> list[tuple[int, str]]:
    """By place, line 2 before line 10."""
    parts = re.split(r"(\d+)", str(problem))
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


class WrongInput(Exception):
    """The input or the options are wrong; nothing was loaded."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = sorted(problems, key=in_order)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LockHeld(Exception):
    """Another loader works on the same landing folder."""


class LoadFailed(Exception):
    """Something other than the input went wrong; nothing of the file was loaded."""
