"""Counting by a sliding window, in bounded memory: the storage that `limits` counts in.

A key costs two counters, whatever it is allowed: what was counted in the window before weighs as much as it still
reaches into the last minute. The key that was not counted for longest goes when a new one needs room.
"""

from collections import OrderedDict
from dataclasses import dataclass

from limits.storage import SlidingWindowCounterSupport, Storage

from fogbank.runtime.clock import MonotonicClock, monotonic_seconds

KEYS_MAX = 50_000


@dataclass(slots=True)
class _Counts:
    window: int
    before: int
    now: int


class BoundedWindows(Storage, SlidingWindowCounterSupport):
    """Counters of this process, for the strategy `SlidingWindowCounterRateLimiter`."""

    STORAGE_SCHEME = None

    def __init__(self, clock: MonotonicClock = monotonic_seconds, keys_max: int = KEYS_MAX) -> None:
        super().__init__()
        self._clock = clock
        self._keys_max = keys_max
        self._counts: OrderedDict[str, _Counts] = OrderedDict()

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` under `key`, unless that is more than `limit` in the last `expiry` seconds."""
        instant = self._clock()
        counts = self._present(key, expiry, instant)
        if _weighed(counts, expiry, instant) + amount > limit:
            return False
        self._count(key, counts, amount)
        return True

    def _count(self, key: str, counts: _Counts, amount: int) -> None:
        counts.now += amount
        self._counts[key] = counts
        self._counts.move_to_end(key)
        if len(self._counts) > self._keys_max:
            self._counts.popitem(last=False)

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Counted before, for how many seconds it still weighs; counted in this window, and likewise."""
        instant = self._clock()
        counts = self._present(key, expiry, instant)
        left = expiry - instant % expiry
        return counts.before, left, counts.now, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002 - a key has one window
        self._counts.pop(key, None)

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        counts = self._present(key, int(expiry), self._clock())
        self._count(key, counts, amount)
        return counts.now

    def get(self, key: str) -> int:
        counts = self._counts.get(key)
        return 0 if counts is None else counts.now

    def get_expiry(self, key: str) -> float:  # noqa: ARG002 - no key is kept by the time
        return self._clock()

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        forgotten = len(self._counts)
        self._counts.clear()
        return forgotten

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def left(self, key: str, limit: int, expiry: int) -> tuple[int, int]:
        """How many more may be counted, and in how many seconds there will be more, at least one."""
        instant = self._clock()
        counts = self._present(key, expiry, instant)
        weighed, left_seconds = _weighed(counts, expiry, instant), expiry - instant % expiry
        refilled_seconds = left_seconds if not counts.before else min(left_seconds, expiry / counts.before)
        return max(0, int(limit - weighed)), max(1, -int(-refilled_seconds // 1))

    def _present(self, key: str, expiry: int, instant: float) -> _Counts:
        window, counts = int(instant // expiry), self._counts.get(key)
        if counts is None or counts.window < window - 1:
            return _Counts(window, 0, 0)
        if counts.window == window - 1:
            return _Counts(window, counts.now, 0)
        return counts


def _weighed(counts: _Counts, expiry: int, instant: float) -> float:
    return counts.before * (1 - instant % expiry / expiry) + counts.now
