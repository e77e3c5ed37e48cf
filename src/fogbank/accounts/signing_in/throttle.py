"""Slows down guessing without locking anybody out: see docs/decisions/0020-lock-out.md.

An attempt counts before it is checked, so that many at once count too. Accounts that do not exist are counted alike.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.signing_in.rules import slowing
from fogbank.kernel.networks import address_place
from fogbank.runtime.expiring import ExpiringCache

REMEMBERED_MAX = 20_000
"""Of each kind. Each entry costs whoever makes it the hash of a password, so nobody floods it in a hurry."""


@dataclass(frozen=True, slots=True)
class _Count:
    count: int
    until: datetime


@dataclass(frozen=True, slots=True)
class _Rounds:
    """A place's round: its number, the attempts in it, its end, and all attempts that were counted."""

    number: int
    count: int
    until: datetime
    counted: int


@dataclass(frozen=True, slots=True)
class _Account:
    failures: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """So many in so long, by key."""

    most: int
    length: timedelta
    _counts: ExpiringCache[str, _Count] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long until there is room for one more."""
        found = self._counts.get(key, now)
        return found.until - now if found is not None and found.count >= self.most else timedelta()

    def count(self, key: str, now: datetime, step: int = 1) -> None:
        """Count one; or take it back, with a step of -1."""
        found = self._counts.get(key, now) or _Count(0, now + self.length)
        self._counts.put(key, _Count(max(0, found.count + step), found.until), found.until)

    def forget(self, key: str) -> None:
        self._counts.forget(key)


@dataclass(frozen=True, slots=True)
class SignInThrottle:
    """Counts in memory: a restart forgets, which costs a guesser more than it gives."""

    _places: ExpiringCache[tuple[str, str], _Rounds] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))
    _accounts: ExpiringCache[str, _Account] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))
    _networks: Window = field(default_factory=lambda: Window(slowing.NETWORK_FAILURES_MAX, slowing.NETWORK_WINDOW))
    _devices: Window = field(default_factory=lambda: Window(slowing.DEVICE_ATTEMPTS_MAX, slowing.DEVICE_WINDOW))

    def begin(self, address: str, email: str, now: datetime, device_id: str = "") -> None:
        """Count an attempt; `TooManyAttempts` where it must wait, and then it does not count.

        `device_id` names a device that has signed in as this account before: it waits for nobody but itself.
        """
        if device_id and not self._devices.wait(device_id, now):
            self._devices.count(device_id, now)
            return
        network, account = address_place(address), email.lower()
        place, known = self._place(network, account, now), self._account(account, now)
        wait = max(self._place_wait(place, now), self._networks.wait(network, now), known.next_at - now)
        if wait > timedelta():
            raise TooManyAttempts(wait)
        self._networks.count(network, now)
        self._put_place(network, account, place, now)
        is_counted = place.counted < slowing.PLACE_COUNTED_MAX or known.failures >= slowing.ACCOUNT_FREE
        self._put_account(account, known, now, is_counted=is_counted)

    def succeeded(self, address: str, email: str, now: datetime, device_id: str = "") -> None:
        """Forget the failures before it: a known device's its own, anybody else's those of place and account."""
        if device_id:
            self._devices.forget(device_id)
            return
        network, account = address_place(address), email.lower()
        self._networks.count(network, now, -1)
        self._places.forget((network, account))
        self._accounts.forget(account)

    def _place(self, network: str, account: str, now: datetime) -> _Rounds:
        found = self._places.get((network, account), now)
        if found is None:
            return _Rounds(1, 0, now + slowing.place_round(1), 0)
        if found.until > now:
            return found
        number = found.number + 1 if found.count >= slowing.PLACE_ATTEMPTS_MAX else found.number
        return _Rounds(number, 0, now + slowing.place_round(number), found.counted)

    def _place_wait(self, place: _Rounds, now: datetime) -> timedelta:
        return place.until - now if place.count >= slowing.PLACE_ATTEMPTS_MAX else timedelta()

    def _put_place(self, network: str, account: str, place: _Rounds, now: datetime) -> None:
        after = _Rounds(place.number, place.count + 1, place.until, place.counted + 1)
        self._places.put((network, account), after, now + slowing.FORGOTTEN_AFTER)

    def _account(self, account: str, now: datetime) -> _Account:
        return self._accounts.get(account, now) or _Account(0, now)

    def _put_account(self, account: str, known: _Account, now: datetime, *, is_counted: bool) -> None:
        failures = known.failures + is_counted
        after = _Account(failures, now + slowing.account_wait(failures))
        self._accounts.put(account, after, now + slowing.FORGOTTEN_AFTER)
