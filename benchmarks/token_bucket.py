"""How AWS throttles: a bucket that fills at a steady rate and holds one burst."""


class TokenBucket:
    """So many calls per second, and a burst of so many at once.

    Args:
        rate: Tokens per second.
        burst: The most that it holds; it begins full.
        now: The present moment, in seconds of any clock.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._since = now

    def take(self, now: float) -> bool:
        """Take a token, if there is one."""
        self._tokens = min(self._burst, self._tokens + self._rate * max(0.0, now - self._since))
        self._since = max(now, self._since)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
