"""The time that destinations are waited for; tests give another."""

import time


class Clock:
    """Time as the machine has it, in seconds."""

    def now(self) -> float:
        """Seconds since 1970, as receivers count them."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only grow, for budgets."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
