"""One request, tried until it is answered or its budget is spent."""

import email.utils
import json
import logging
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import stamina

from customer_segments.exporting.clock import Clock
from customer_segments.exporting.http_guard import (
    AddressRefused,
    CertificateRefused,
    Deadline,
    GuardedTransport,
)
from customer_segments.exporting.http_settings import ConnectionSettings
from customer_segments.exporting.problems import WrongSpec
from customer_segments.exporting.token_bucket import TokenBucket

MAX_ANSWER_BYTES = 16 * 1024 * 1024
# asked to come uncompressed: a small answer must not unpack into a large one
SENT_WITH_EACH = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "customer-segments",
}
NOT_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
)
# the answers of a server in trouble, or one that lost patience with the request
IN_TROUBLE = frozenset({408, *range(500, 600)})
# addresses with identifiers and headers with secrets would be in their records
TALKATIVE = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


@dataclass(frozen=True, repr=False)
class Call:
    """One request; `content` is sent byte by byte, so that signatures hold."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    def __repr__(self) -> str:
        return f"Call({self.method} {urlsplit(self.url).hostname})"


@dataclass(frozen=True)
class Reply:
    """An answer that came whole; names of headers are lower case.

    `body` is the parsed JSON, None when there is none.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)


class Unanswered(Exception):
    """Why there is no answer; `doubtful` when the request may have been applied."""

    def __init__(self, code: str, doubtful: bool) -> None:
        super().__init__(code)
        self.code = code
        self.doubtful = doubtful


class Trouble(Exception):
    """An attempt without a usable answer.

    `doubtful` when it may have been applied, `again` when another attempt may help,
    `wait` the seconds that the destination asks for.
    """

    def __init__(
        self, code: str, *, doubtful: bool, again: bool, wait: float | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.doubtful = doubtful
        self.again = again
        self.wait = wait


class Exchange:
    """The connection to one destination."""

    def __init__(
        self, settings: ConnectionSettings, clock: Clock, keep_alive: bool
    ) -> None:
        self.clock = clock
        self._settings = settings
        self._origin = origin(settings.address)
        self._bucket = TokenBucket(settings.requests_per_second)
        self._deadline = Deadline()
        keep_quiet()
        self._client = httpx.Client(
            transport=GuardedTransport(
                trusting(settings.ca_file),
                settings.allowed,
                self._deadline,
                keep_alive,
            ),
            follow_redirects=False,
            trust_env=False,
            timeout=settings.timeout_seconds,
        )

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def ask(self, call: Callable[[], Call], repeatable: bool) -> tuple[Reply, bool]:
        """Send what `call` makes until it is answered; Unanswered says why not.

        The answer comes with whether an earlier attempt may have been applied.
        `call` is made anew for each attempt, because a signature tells the time.
        What is not repeatable is sent again only if it surely was not applied.
        """
        doubtful = False
        ends_at = self.clock.monotonic() + self._settings.retry_seconds

        def wait_or_stop(error: Exception) -> bool | float:
            """Wait here, where tests can hold the clock; stamina adds nothing."""
            nonlocal doubtful
            if not isinstance(error, Trouble):
                return False
            doubtful = doubtful or error.doubtful
            if not error.again or (doubtful and not repeatable):
                return False
            wait = attempt.next_wait * random.uniform(1, 1.5)
            if error.wait is not None:
                wait = max(error.wait, self._settings.backoff_seconds)
            if self.clock.monotonic() + wait > ends_at:
                return False
            self.clock.sleep(wait)
            return 0.0

        try:
            for attempt in stamina.retry_context(
                on=wait_or_stop,
                attempts=None,
                timeout=None,
                wait_initial=self._settings.backoff_seconds,
                wait_max=self._settings.max_backoff_seconds,
                wait_jitter=0,
            ):
                with attempt:
                    reply = self._attempt(call)
        except Trouble as trouble:
            raise Unanswered(trouble.code, doubtful) from None
        return reply, doubtful

    def _attempt(self, make: Callable[[], Call]) -> Reply:
        """Send a request once; Trouble unless an answer came that says something."""
        try:
            call = make()
        except Exception as error:
            # what it says may hold a row
            raise Trouble(mistake(error), doubtful=False, again=False) from None
        if origin(call.url) != self._origin:
            raise Trouble("foreign_address", doubtful=False, again=False)
        self._bucket.take(self.clock)
        self._deadline.start(self._settings.timeout_seconds)
        try:
            reply = self._send(call)
        except Trouble:
            raise
        except AddressRefused:
            raise Trouble("address_refused", doubtful=False, again=False) from None
        except CertificateRefused:
            raise Trouble("certificate_refused", doubtful=False, again=False) from None
        except NOT_SENT:
            raise Trouble("unreachable", doubtful=False, again=True) from None
        except httpcore.TimeoutException:
            raise Trouble("timeout", doubtful=True, again=True) from None
        except (httpcore.LocalProtocolError, UnicodeError):
            raise Trouble("unusable_request", doubtful=False, again=False) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise Trouble("connection_lost", doubtful=True, again=True) from None
        except Exception as error:
            raise Trouble(mistake(error), doubtful=True, again=False) from None
        if reply.status == 429 or reply.status in IN_TROUBLE:
            raise Trouble(
                f"http_{reply.status}",
                doubtful=reply.status != 429,
                again=True,
                wait=asked_wait(reply, self.clock.now()),
            )
        return reply

    def _send(self, call: Call) -> Reply:
        """The answer to a request, read whole but for one that is too large."""
        request = self._client.build_request(
            call.method,
            call.url,
            headers={**SENT_WITH_EACH, **call.headers},
            content=call.content,
        )
        response = self._client.send(request, stream=True)
        try:
            content = bytearray()
            for piece in response.iter_raw():
                content += piece
                if len(content) > MAX_ANSWER_BYTES:
                    raise Trouble("answer_too_large", doubtful=True, again=False)
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, parsed(bytes(content)))


@cache
def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates are checked against the system's authorities, or a file's."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise WrongSpec(
            f"ca_file {ca_file} holds no certificates; give a PEM file"
        ) from None


def mistake(error: Exception) -> str:
    """The code of a mistake of an adapter's own: its kind, never its text."""
    return f"adapter_{type(error).__name__}"


def parsed(content: bytes) -> Any:
    """The JSON of an answer; None when it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address; Trouble when it is none."""
    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise Trouble("foreign_address", doubtful=False, again=False) from None
    return parts.scheme, parts.host, parts.port


def asked_wait(reply: Reply, now: float) -> float | None:
    """Seconds that a destination asks to be left alone; None when it says nothing.

    Retry-After holds seconds or an HTTP date. X-RateLimit-Reset holds seconds, or
    seconds (some send milliseconds) since 1970; some send it with each answer, so it
    means something only when too much was asked or nothing is left. Points in time
    are read by the destination's own clock where it tells it.
    """
    told_now = moment(reply.headers.get("date", ""))
    now = now if told_now is None else told_now
    told = reply.headers.get("retry-after", "").strip()
    if told:
        seconds = number(told)
        until = moment(told)
        if seconds is None and until is not None:
            seconds = until - now
        return None if seconds is None else max(0.0, seconds)
    reset = number(reply.headers.get("x-ratelimit-reset", ""))
    spent = reply.headers.get("x-ratelimit-remaining", "").strip() == "0"
    if reset is None or not (spent or reply.status == 429):
        return None
    if reset > 1e11:
        reset /= 1000
    return max(0.0, reset - now if reset > 1e9 else reset)


def moment(text: str) -> float | None:
    """An HTTP date in seconds since 1970; None when the text is none."""
    try:
        read = email.utils.parsedate_to_datetime(text)
        return read.replace(tzinfo=read.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def number(text: str) -> float | None:
    """A finite number; None when the text is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e15 else None


def nothing(record: logging.LogRecord) -> bool:
    """Let no record through."""
    return False


def keep_quiet() -> None:
    """Silence libraries whose records would hold addresses and headers."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(nothing)
    # a retry is told by its caller; without a handler Python would print it
    retries = logging.getLogger("stamina")
    if not retries.handlers:
        retries.addHandler(logging.NullHandler())
