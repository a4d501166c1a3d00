"""An export in a process of its own that is killed at a named point."""

import subprocess
import sys
from collections.abc import Sequence

from tests.python.warehouse import ROOT

CHILD = """
import os, signal, sys

from scripts import export_audiences
from scripts.exporting import points

where, number, *command = sys.argv[1:]
seen = 0

def die(name):
    global seen
    seen += name == where
    if seen == int(number):
        os.kill(os.getpid(), signal.SIGKILL)

points.hook = die
sys.exit(export_audiences.main(command))
"""


def killed_at(where: str, number: int, command: Sequence[str]) -> int:
    """The exit code of a command that dies when it comes to a point; -9 = it did."""
    return subprocess.run(
        [sys.executable, "-c", CHILD, where, str(number), *command],
        cwd=ROOT,
        check=False,
        capture_output=True,
    ).returncode
