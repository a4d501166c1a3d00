"""An export in a process of its own, which can be killed at a named point.

Each is forked from one process that has imported the exporter already: a new
interpreter each time would take longer than the export.
"""

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tests.python.warehouse import ROOT

# `where` null counts points of any name; `file_bytes` is the largest file that the
# disk has room for
SERVER = """
import json, os, resource, signal, sys

from customer_segments.exporting import export_audiences
from customer_segments.exporting import points
from customer_segments.exporting.adapters import webhook

def run(asked):
    seen = 0

    def die(name):
        nonlocal seen
        if asked["where"] in (None, name):
            seen += 1
            if seen == asked["number"]:
                os.kill(os.getpid(), signal.SIGKILL)

    os.environ.update(asked["environ"])
    points.hook = die
    if asked["file_bytes"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = (asked["file_bytes"], asked["file_bytes"])
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    return export_audiences.main(asked["command"])

for line in sys.stdin:
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        code = 99
        os.dup2(said, 1)
        os.dup2(said, 2)
        try:
            code = run(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    os.close(said)
    with os.fdopen(heard, encoding="utf-8") as words:
        text = words.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"code": code, "said": text}), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """The exit code of an export, -9 when it was killed, and what it said."""

    code: int
    said: str


class Nursery:
    """The process that exports are forked from, one at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.process.kill)

    def run(self, asked: Mapping[str, object]) -> Ended:
        """How one export ended."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with self.lock:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            return Ended(**json.loads(self.process.stdout.readline()))


@cache
def nursery() -> Nursery:
    """The one of this process."""
    return Nursery()


def export_in_child(
    command: Sequence[str],
    *,
    where: str | None = "",
    number: int = 0,
    environ: Mapping[str, str] | None = None,
    file_bytes: int = 0,
) -> Ended:
    """How a command ended; it dies at the `number`th point `where` (None = any)."""
    return nursery().run(
        {
            "command": list(command),
            "where": where,
            "number": number,
            "environ": dict(environ or {}),
            "file_bytes": file_bytes,
        }
    )


def killed_at(where: str, number: int, command: Sequence[str]) -> int:
    """The exit code of a command that dies when it comes to a point; -9 = it did."""
    return export_in_child(command, where=where, number=number).code
