"""A destination on loopback that holds audiences and fails on purpose.

It lives in the test's process; what it holds is the truth of "the server". Each
request that changes an audience takes the next fault of the script, if there is one.

    with FaultServer() as server:
        server.fail(too_many("2"), lost_answer())
        …
        assert server.members_of("win_back") == {"a@example.com"}
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Manner = Literal["whole", "cut", "drip", "drip_head", "silent", "lost"]
# headers by which receivers know a request again
IDENTITIES = ("webhook-id", "idempotency-key")


@dataclass(frozen=True)
class Recorded:
    """A request as it came; names of headers are lower case, `port` is the client's."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    port: int

    @property
    def body(self) -> Any:
        """The JSON of the request; None when it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


@dataclass(frozen=True)
class Change:
    """What a request asks for."""

    operation: Literal["add", "remove"]
    audience: str
    identifiers: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """What happens instead of a plain answer.

    `applied`: whether the change is made before. `manner`: `whole` = the answer comes;
    `cut` = half of it; `drip` = byte by byte, `seconds` apart; `drip_head` = a header
    that does not end; `silent` = nothing for `seconds`, then the connection is cut;
    `lost` = the connection is cut.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    applied: bool = False
    manner: Manner = "whole"
    seconds: float = 0.0


@dataclass
class Job:
    """A change that is made later: `running` answers, then how it ends."""

    change: Change
    running: int
    end: Literal["succeeded", "failed"]
    rejected: Mapping[str, str]
    asked: int = 0
    made: bool = False


@dataclass(frozen=True)
class Asynchronous:
    """Answer with a job instead of at once."""

    running: int = 1
    end: Literal["succeeded", "failed"] = "succeeded"
    rejected: Mapping[str, str] = field(default_factory=dict)


def plain() -> Fault:
    """No fault: lets a script fail later."""
    return Fault(applied=True)


def status(code: int, **headers: str) -> Fault:
    """An answer of that status; nothing is applied. Header names with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(code, named)


def too_many(retry_after: str) -> Fault:
    """429 with Retry-After, in seconds or as an HTTP date."""
    return status(429, Retry_After=retry_after)


def too_many_until(reset: str) -> Fault:
    """429 with X-RateLimit-Reset."""
    return status(429, X_RateLimit_Reset=reset)


def redirect(to: str, code: int = 302) -> Fault:
    """An answer that says: over there."""
    return status(code, Location=to)


def no_answer(seconds: float = 60.0) -> Fault:
    """The request is taken, and nothing comes back; nothing is applied."""
    return Fault(manner="silent", seconds=seconds)


def drip(applied: bool = True, seconds: float = 0.05) -> Fault:
    """An answer that takes its time: byte by byte."""
    body = {"ok": "x" * 2000}
    return Fault(body=body, applied=applied, manner="drip", seconds=seconds)


def endless_head(seconds: float = 0.05) -> Fault:
    """An answer whose header comes byte by byte; nothing is applied."""
    return Fault(manner="drip_head", seconds=seconds)


def half_answer(applied: bool = True) -> Fault:
    """The connection is cut inside the body."""
    return Fault(body={"ok": "x" * 2000}, applied=applied, manner="cut")


def lost_answer() -> Fault:
    """The change is made, and the connection is cut before the answer."""
    return Fault(applied=True, manner="lost")


def change_of(request: Recorded) -> Change | None:
    """The change of a generic request, or of a webhook; None when it is neither.

    Generic: `{"operation": "add", "audience": …, "rows": [{"identifier": …}, …]}`.
    """
    body = request.body
    if not isinstance(body, dict) or "rows" not in body:
        return None
    said = body.get("operation", body.get("type"))
    return Change(
        "remove" if said in ("remove", "audience.removed") else "add",
        body["audience"],
        tuple(str(row["identifier"]) for row in body["rows"]),
    )


class FaultServer:
    """A destination; a context manager that serves while it is open.

    `read` tells what a request asks for, so that a test can speak an API's own words;
    `answer` makes the body of a good answer from the change and its rejected rows.
    `rows_are_refused`: `batch` = 400 for a batch that holds a bad row, `row` = 200
    with the bad rows named. With `deduplicate`, a change whose id (`webhook-id`,
    `idempotency-key`) was applied before is answered and not applied again. `watch` is
    called with `received` before a change is looked at and `applied` after it was
    made, before anything is answered: a test can kill who sent it there.
    """

    def __init__(
        self,
        *,
        read: Callable[[Recorded], Change | None] = change_of,
        answer: Callable[[Change, Mapping[str, str]], Any] | None = None,
        deduplicate: bool = False,
        bad_rows: Iterable[str] = (),
        rows_are_refused: Literal["batch", "row"] = "batch",
        tls: ssl.SSLContext | None = None,
        watch: Callable[[Literal["received", "applied"], Change], None] | None = None,
    ) -> None:
        self.watch = watch or (lambda when, change: None)
        self.read = read
        self.answer = answer or plain_answer
        self.deduplicate = deduplicate
        self.bad_rows = set(bad_rows)
        self.rows_are_refused = rows_are_refused
        self.jobs: dict[str, Job] = {}
        self.stopping = threading.Event()
        self.mistakes: list[BaseException] = []
        self._lock = threading.RLock()
        self._members: dict[str, set[str]] = {}
        self._applied: list[Change] = []
        self._requests: list[Recorded] = []
        self._ids: set[str] = set()
        self._script: deque[Fault | Asynchronous] = deque()
        self._always: Fault | Asynchronous | None = None
        self._server = Listener(self, tls)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._scheme = "https" if tls else "http"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self.mistakes:
            raise self.mistakes[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, without a last slash."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def fail(self, *faults: Fault | Asynchronous) -> None:
        """Faults for the next changes, one each, in order."""
        with self._lock:
            self._script.extend(faults)

    def always(self, fault: Fault | Asynchronous) -> None:
        """The fault of each change that has none of its own."""
        with self._lock:
            self._always = fault

    def heal(self) -> None:
        """Forget faults that did not happen yet."""
        with self._lock:
            self._script.clear()
            self._always = None

    def members_of(self, audience: str) -> frozenset[str]:
        """Who is in an audience now."""
        with self._lock:
            return frozenset(self._members.get(audience, ()))

    def put(self, audience: str, *identifiers: str) -> None:
        """Let somebody be in an audience already."""
        with self._lock:
            self._members.setdefault(audience, set()).update(identifiers)

    @property
    def applied(self) -> list[Change]:
        """Changes that were made, in order; one that was made twice is here twice."""
        with self._lock:
            return list(self._applied)

    @property
    def requests(self) -> list[Recorded]:
        """Requests that came, in order."""
        with self._lock:
            return list(self._requests)

    def times_applied(self, identifier: str) -> int:
        """How often somebody was added: what a person would notice of a send."""
        return sum(
            change.operation == "add" and identifier in change.identifiers
            for change in self.applied
        )

    def take(self, request: Recorded) -> Fault:
        """Record a request, make its change as the script says, and say the answer."""
        with self._lock:
            self._requests.append(request)
            if request.path.startswith("/jobs/"):
                return self._told_of_job(request.path.removeprefix("/jobs/"))
            change = self.read(request)
            if change is None:
                return Fault(404, body={"error": "no such thing"})
            self.watch("received", change)
            fault = self._script.popleft() if self._script else self._always
            if isinstance(fault, Asynchronous):
                return self._begun(change, fault)
            if fault is not None and not fault.applied:
                return fault
            bad = {one: "bad_row" for one in change.identifiers if one in self.bad_rows}
            if bad and self.rows_are_refused == "batch":
                return Fault(400, body={"error": f"bad row {min(bad)}"})
            self._apply(request, change, bad)
            if fault is None or fault == plain():
                return Fault(body=self.answer(change, bad))
            return fault

    def _apply(
        self, request: Recorded | None, change: Change, bad: Mapping[str, str]
    ) -> None:
        if request is not None and self.deduplicate:
            names = [
                request.headers[one] for one in IDENTITIES if one in request.headers
            ]
            if names and names[0] in self._ids:
                return
            self._ids.update(names[:1])
        good = tuple(one for one in change.identifiers if one not in bad)
        self._applied.append(Change(change.operation, change.audience, good))
        members = self._members.setdefault(change.audience, set())
        if change.operation == "add":
            members.update(good)
        else:
            members.difference_update(good)
        self.watch("applied", change)

    def _begun(self, change: Change, fault: Asynchronous) -> Fault:
        name = str(len(self.jobs) + 1)
        self.jobs[name] = Job(change, fault.running, fault.end, fault.rejected)
        return Fault(202, body={"job": name, "state": "running"})

    def _told_of_job(self, name: str) -> Fault:
        job = self.jobs.get(name)
        if job is None:
            return Fault(404, body={"error": "no such job"})
        job.asked += 1
        if job.asked <= job.running:
            return Fault(body={"job": name, "state": "running"})
        if job.end == "succeeded" and not job.made:
            job.made = True
            self._apply(None, job.change, job.rejected)
        rejected = [
            {"identifier": one, "code": code} for one, code in job.rejected.items()
        ]
        return Fault(body={"job": name, "state": job.end, "rejected": rejected})


def plain_answer(change: Change, rejected: Mapping[str, str]) -> Any:
    """The answer to a generic request."""
    return {
        "taken": len(change.identifiers) - len(rejected),
        "rejected": [
            {"identifier": one, "code": code} for one, code in rejected.items()
        ],
    }


class Listener(ThreadingHTTPServer):
    """The socket of a FaultServer; quiet about clients that went away."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, faults: FaultServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults = faults
        if tls is not None:
            # the handshake is the handler's, so that a bad one blocks nobody else
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the play; a mistake of a test is not."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.faults.mistakes.append(error)


class Handler(BaseHTTPRequestHandler):
    """One connection to a FaultServer."""

    protocol_version = "HTTP/1.1"
    # an answer is written in one piece, so that none waits for an acknowledgement
    disable_nagle_algorithm = True
    server: Listener

    def do_POST(self) -> None:
        """Take a request."""
        length = int(self.headers.get("content-length", 0))
        content = self.rfile.read(length)
        if len(content) < length:
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        fault = self.server.faults.take(
            Recorded(self.command, self.path, headers, content, self.client_address[1])
        )
        self._answer(fault)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def _answer(self, fault: Fault) -> None:
        content = json.dumps({} if fault.body is None else fault.body).encode()
        if fault.manner == "silent":
            self.server.faults.stopping.wait(fault.seconds)
        if fault.manner in ("silent", "lost"):
            self._cut()
            return
        if fault.manner == "drip_head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
            self._drip(b"x" * 2000, fault.seconds)
            self._cut()
            return
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if fault.manner == "cut":
            self.wfile.write(content[: len(content) // 2])
            self._cut()
        elif fault.manner == "drip":
            self._drip(content, fault.seconds)
        else:
            self.wfile.write(content)

    def _drip(self, content: bytes, seconds: float) -> None:
        """Write byte by byte until the server stops."""
        for at in range(len(content)):
            self.wfile.write(content[at : at + 1])
            if self.server.faults.stopping.wait(seconds):
                return

    def _cut(self) -> None:
        """Close the connection, as a server that is killed does."""
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
