"""Requests a second: a bucket that fills at a steady rate and holds one second."""

from customer_segments.exporting.clock import Clock


class TokenBucket:
    """Lets `rate` requests a second through, at most one second's worth at once."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._size = max(1.0, rate or 0.0)
        self._tokens = self._size
        self._filled_at: float | None = None

    def take(self, clock: Clock) -> None:
        """Take a token; wait until there is one. Without a rate nobody waits."""
        if self._rate is None:
            return
        now = clock.monotonic()
        since = now - (now if self._filled_at is None else self._filled_at)
        self._tokens = min(self._size, self._tokens + since * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            missing = (1 - self._tokens) / self._rate
            clock.sleep(missing)
            self._tokens = 1.0
            self._filled_at = now + missing
        self._tokens -= 1
