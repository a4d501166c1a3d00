"""What stops an export, in words without a personal value."""

from collections.abc import Sequence


class ExportProblem(Exception):
    """Something the person who runs the export can repair; has an exit code."""

    code = 1

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines: Sequence[str] = lines


class WriteFailed(ExportProblem):
    """The folder could not be written; old files are intact."""


class WrongSpec(ExportProblem):
    """Database, folder, names or options are wrong; nothing was touched."""

    code = 2


class GuardStopped(ExportProblem):
    """A guard or the consent check objects; nothing was added."""

    code = 3


class StaleBuild(ExportProblem):
    """The build is old, unfinished or cannot see all wishes; nothing was added."""

    code = 6


class Locked(ExportProblem):
    """A build or another export is at work."""

    code = 75
