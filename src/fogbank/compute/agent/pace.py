"""Pace: at most so many a second, and a few at once. Pure: the clock is passed in."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """Permits that come up `per_second`, of which up to `burst` are saved."""

    per_second: float
    burst: int
    _next_seconds: float = float("-inf")
    """When the next permit would come, had none been saved."""

    def wait_seconds(self, now_seconds: float) -> float:
        """Take the next permit, and say how long from now it is until it holds; 0 where one was saved."""
        saved_since = now_seconds - (self.burst - 1) / self.per_second
        mine_seconds = max(self._next_seconds, saved_since)
        self._next_seconds = mine_seconds + 1 / self.per_second
        return max(0.0, mine_seconds - now_seconds)
