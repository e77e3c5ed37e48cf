"""Finds out who calls from the request's headers: a token verified here, or an API key that accounts know.

What was found out is remembered under its SHA-256, and holds until the book of changes says that something it stands
on is no longer as it was. So a request with a known token or key asks nobody.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from fogbank.kernel.networks import Network, is_within
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.changes import keys_of, subjects_of
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.key_format import API_KEY_PREFIX, is_key
from fogbank.runtime.credentials.key_uses import KeyUses
from fogbank.runtime.credentials.tokens import KeySource, TokenRefused, verify
from fogbank.runtime.expiring import ExpiringCache
from fogbank.runtime.origin import present_origin
from fogbank.runtime.problems import Problem

KEY_REMEMBERED = timedelta(minutes=10)
UNKNOWN_REMEMBERED = timedelta(seconds=5)
REMEMBERED_MAX = 50_000
UNKNOWN_MAX = 10_000
"""Kept apart, so that whoever tries keys does not push out those that are good."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What accounts know of a good API key: who it speaks for, until when, and from which networks (none: from all)."""

    caller: Caller
    ends_at: datetime | None
    networks: tuple[Network, ...] = ()


KeyLookup = Callable[[str], Awaitable[KeyFacts | None]]
"""What is known of an API key; None when it speaks for nobody (unknown, revoked, expired)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Who a credential speaks for, as it was at change `as_of`."""

    caller: Caller
    as_of: int
    subjects: tuple[str, ...]
    networks: tuple[Network, ...] = ()


@dataclass(slots=True)
class HeaderAuthenticator:
    """`Authorization: Bearer` with a token or an API key, or `X-Api-Key`. `audience` names this process' services."""

    audience: Collection[str]
    keys: KeySource
    look_up_api_key: KeyLookup
    follower: Follower
    clock: Clock
    uses: KeyUses = field(default_factory=KeyUses)
    _tokens: ExpiringCache[bytes, _Known] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))
    _api_keys: ExpiringCache[bytes, _Known] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))
    _unknown: ExpiringCache[bytes, bool] = field(default_factory=lambda: ExpiringCache(UNKNOWN_MAX))
    _restarts: int = 0

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        credential = _credential(headers)
        if credential.startswith(API_KEY_PREFIX):
            return await self._by_api_key(credential)
        return await self._by_token(credential)

    async def _by_token(self, token: str) -> Caller:
        now, digest = self.clock(), _digest(token)
        known = self._tokens.get(digest, now)
        if known is None:
            try:
                verified = await verify(token, self.keys, self.audience, now)
            except TokenRefused as refused:
                raise _token_refused(refused.reason) from None
            known = _Known(verified.caller, verified.as_of, subjects_of(verified.caller))
            self._tokens.put(digest, known, verified.expires_at)
        # Services' tokens are never revoked; and with one of theirs the changes themselves are asked for.
        if known.caller.kind is not CallerKind.SERVICE:
            await self._brought_up_to_date()
            if not self.follower.book.holds(known.as_of, known.subjects):
                raise _token_refused("no longer holds; get a new one")
        return known.caller

    async def _by_api_key(self, api_key: str) -> Caller:
        now, digest = self.clock(), _digest(api_key)
        await self._brought_up_to_date()
        known = self._api_keys.get(digest, now)
        if known is None or not self.follower.book.holds(known.as_of, known.subjects):
            known = await self._looked_up(api_key, digest, now)
        address = present_origin().address
        if known.networks and not is_within(address, known.networks):
            raise _key_refused("This API key may not be used from this address.")
        self.uses.note(known.caller.key_id, now, address)
        return known.caller

    async def _looked_up(self, api_key: str, digest: bytes, now: datetime) -> _Known:
        as_of = self.follower.book.number
        is_refused = not is_key(api_key) or self._unknown.get(digest, now) is not None
        facts = None if is_refused else await self.look_up_api_key(api_key)
        if facts is None:
            self._api_keys.forget(digest)
            if not is_refused:
                self._unknown.put(digest, True, now + UNKNOWN_REMEMBERED)
            raise _key_refused("This API key is unknown, revoked or expired.")
        subjects = (*subjects_of(facts.caller), keys_of(facts.caller.id))
        known = _Known(facts.caller, as_of, subjects, facts.networks)
        end = now + KEY_REMEMBERED
        self._api_keys.put(digest, known, end if facts.ends_at is None else min(end, facts.ends_at))
        return known

    async def _brought_up_to_date(self) -> None:
        """Have every change in the book that is older than two seconds."""
        if not self.follower.is_fresh():
            await self.follower.freshen()
        if self._restarts != self.follower.book.restarts:
            # Changes are numbered anew, so what was remembered by the old numbers says nothing.
            self._restarts = self.follower.book.restarts
            self._api_keys.clear()


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _token_refused(reason: str) -> Problem:
    return Problem(401, "token-refused", f"The token {reason}.")


def _key_refused(detail: str) -> Problem:
    return Problem(401, "api-key-refused", detail)


def _credential(headers: Mapping[str, str]) -> str:
    api_key = headers.get("x-api-key")
    if api_key is not None:
        return api_key if api_key.startswith(API_KEY_PREFIX) else API_KEY_PREFIX
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential:
        detail = "Show who you are: 'Authorization: Bearer' with a token or an API key, or 'X-Api-Key'."
        raise Problem(401, "not-signed-in", detail)
    return credential.strip()
