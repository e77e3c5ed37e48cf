"""Finds out who calls from the request's headers: a token verified here, or an API key that accounts knows.

What was verified is remembered: a token until it expires, a key's answer for a few seconds, so that a revoked key is
refused within seconds. Neither is kept as it came: memory holds its SHA-256.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.expiring import ExpiringCache
from fogbank.runtime.problems import Problem
from fogbank.runtime.tokens import KeySource, TokenRefused, verify

API_KEY_PREFIX = "fb_live_"
API_KEY_REMEMBERED = timedelta(seconds=5)
API_KEY_CHARACTERS_MAX = 128
REMEMBERED_MAX = 10_000

KeyLookup = Callable[[str], Awaitable[Caller | None]]
"""Who an API key speaks for; None when it speaks for nobody (unknown, revoked, expired)."""


@dataclass(frozen=True, slots=True)
class _KeyAnswer:
    caller: Caller | None


@dataclass(frozen=True, slots=True)
class HeaderAuthenticator:
    """`Authorization: Bearer` with a token or an API key, or `X-Api-Key`. `audience` names this process' services."""

    audience: Collection[str]
    keys: KeySource
    look_up_api_key: KeyLookup
    clock: Clock
    _tokens: ExpiringCache[bytes, Caller] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))
    _api_keys: ExpiringCache[bytes, _KeyAnswer] = field(default_factory=lambda: ExpiringCache(REMEMBERED_MAX))

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        credential = _credential(headers)
        if credential.startswith(API_KEY_PREFIX):
            return await self._by_api_key(credential)
        return await self._by_token(credential)

    async def _by_token(self, token: str) -> Caller:
        now, digest = self.clock(), _digest(token)
        remembered = self._tokens.get(digest, now)
        if remembered is not None:
            return remembered
        try:
            verified = await verify(token, self.keys, self.audience, now)
        except TokenRefused as refused:
            raise Problem(401, "token-refused", f"The token {refused.reason}.") from None
        self._tokens.put(digest, verified.caller, verified.expires_at)
        return verified.caller

    async def _by_api_key(self, api_key: str) -> Caller:
        now, digest = self.clock(), _digest(api_key)
        answer = self._api_keys.get(digest, now)
        if answer is None:
            is_plausible = len(api_key) <= API_KEY_CHARACTERS_MAX
            answer = _KeyAnswer(await self.look_up_api_key(api_key) if is_plausible else None)
            self._api_keys.put(digest, answer, now + API_KEY_REMEMBERED)
        if answer.caller is None:
            raise Problem(401, "api-key-refused", "This API key is unknown, revoked or expired.")
        return answer.caller


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _credential(headers: Mapping[str, str]) -> str:
    api_key = headers.get("x-api-key")
    if api_key is not None:
        return api_key if api_key.startswith(API_KEY_PREFIX) else API_KEY_PREFIX
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential:
        detail = "Show who you are: 'Authorization: Bearer' with a token or an API key, or 'X-Api-Key'."
        raise Problem(401, "not-signed-in", detail)
    return credential.strip()
