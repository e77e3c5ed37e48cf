"""How much a caller may send: for requests, events and bytes each a bucket that fills at a steady rate. Pure.

A bucket is one number: the instant at which it will be full again. It holds ten seconds' worth. What was sent is known
only after it was read, so a caller may go below zero once, and then waits until that is paid back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fogbank.queue.door.errors import TooFast

BURST_SECONDS = 10
NANOS = 1_000_000_000
BURST_NANOS = BURST_SECONDS * NANOS
CALLERS_MAX = 10_000
"""More callers than that at once make us forget those whose buckets are full anyway."""

FullAt = dict[str, int]
"""Of each kind, when its bucket is full again."""


@dataclass(slots=True)
class Allowances:
    """The buckets of every caller. `per_second` is how fast each kind fills; instants are monotonic nanoseconds."""

    per_second: Mapping[str, int]
    _callers: dict[str, FullAt] = field(default_factory=dict)

    def require(self, caller_id: str, now_nanos: int, kinds: Iterable[str]) -> None:
        """`TooFast` where the caller's bucket of one of `kinds` is empty."""
        buckets = self._callers.get(caller_id, {})
        for what in kinds:
            over_nanos = buckets.get(what, 0) - now_nanos - BURST_NANOS
            if over_nanos >= 0:
                raise TooFast(what, self.per_second[what], over_nanos // NANOS + 1)

    def spend(self, caller_id: str, now_nanos: int, amounts: Mapping[str, int]) -> None:
        """Take what was sent out of the caller's buckets; less than nothing puts it back."""
        buckets = self._callers.setdefault(caller_id, {})
        for what, amount in amounts.items():
            begin = max(buckets.get(what, 0), now_nanos)
            buckets[what] = begin + amount * NANOS // self.per_second[what]
        if len(self._callers) > CALLERS_MAX:
            self._forget_full(now_nanos)

    def left(self, caller_id: str, what: str, now_nanos: int) -> tuple[int, int]:
        """What is left of one kind, and in how many seconds the bucket is full again."""
        missing_nanos = max(self._callers.get(caller_id, {}).get(what, 0) - now_nanos, 0)
        left = max(BURST_NANOS - missing_nanos, 0) * self.per_second[what] // NANOS
        return left, -(-missing_nanos // NANOS)

    def _forget_full(self, now_nanos: int) -> None:
        self._callers = {
            caller_id: buckets
            for caller_id, buckets in self._callers.items()
            if any(full_at > now_nanos for full_at in buckets.values())
        }


def policy_header(per_second: Mapping[str, int]) -> str:
    """`RateLimit-Policy`: how much of each kind fits a bucket, and in how many seconds it fills."""
    return ", ".join(f'"{what}";q={rate * BURST_SECONDS};w={BURST_SECONDS}' for what, rate in per_second.items())


def limit_header(allowances: Allowances, caller_id: str, now_nanos: int) -> str:
    """`RateLimit`: of each kind, how much is left, and in how many seconds there is all of it again."""
    figures = {what: allowances.left(caller_id, what, now_nanos) for what in allowances.per_second}
    return ", ".join(f'"{what}";r={left};t={seconds}' for what, (left, seconds) in figures.items())
