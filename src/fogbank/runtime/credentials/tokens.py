"""Tokens: JWTs signed with Ed25519 that say who calls, for five minutes, to the services they name.

Only the key's own algorithm is accepted, whatever a token says about itself (RFC 8725, 3.1); a token names its key
(`kid`), so that keys can overlap while they are changed.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.entropy import Entropy

ISSUER = "fogbank"
ALGORITHM = "Ed25519"
"""As RFC 9864 names EdDSA over this curve; the older name `EdDSA` left the curve open."""

TYPE = "at+jwt"
"""As RFC 9068 types access tokens, so that no other signed document passes for one (RFC 8725, 3.11)."""

HEADER_MEMBERS = {"alg", "kid", "typ"}
TOKEN_LIFE = timedelta(minutes=5)
CLOCKS_APART = timedelta(minutes=1)
"""A token of a host whose clock is ahead of ours is shown before it was made."""
TOKEN_CHARACTERS_MAX = 8192
ID_BYTES = 9

_registry = JWSRegistry(algorithms=[ALGORITHM])


class _Claims(jwt.JWTClaimsRegistry):
    """The library's rules, with clocks apart for when a token was made; not for when it ends."""

    def validate_iat(self, value: object) -> None:
        made_at = value - CLOCKS_APART.total_seconds() if isinstance(value, int) else value
        super().validate_iat(made_at)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as given to its bearer, and the scopes that it carries."""

    access_token: str
    expires_at: datetime
    scopes: frozenset[str]
    token_type: str = "Bearer"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Verified:
    """Who a good token speaks for, until when, and up to which change of credentials that was true."""

    caller: Caller
    expires_at: datetime
    as_of: int


class TokenRefused(Exception):
    """A token that does not hold; `reason` completes the sentence "The token …"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeySource(Protocol):
    """Where public keys come from."""

    async def key(self, kid: str) -> OKPKey | None:
        """The key of that name; None when there is none."""
        ...


def sign(
    key: OKPKey, caller: Caller, audience: Collection[str], *, now: datetime, as_of: int, entropy: Entropy
) -> Token:
    """A token that speaks for `caller` to the services in `audience`, from `now` on for five minutes.

    `as_of` numbers the change of credentials up to which what it says was true: it must have been read before the
    caller was, so that whatever changes meanwhile ends the token.
    """
    expires_at = now.replace(microsecond=0) + TOKEN_LIFE
    claims = {
        "iss": ISSUER,
        "aud": sorted(audience),
        "sub": caller.id,
        "kind": caller.kind.value,
        "orgs": dict(caller.organizations),
        "scopes": sorted(caller.scopes),
        "admin": caller.is_administrator,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": entropy(ID_BYTES).hex(),
        "as_of": as_of,
        **_present(sid=caller.session_id, key=caller.key_id, addr=caller.address),
    }
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    return Token(jwt.encode(header, claims, key, registry=_registry), expires_at, caller.scopes)


async def verify(token: str, keys: KeySource, audience: Collection[str], now: datetime) -> Verified:
    """Who `token` speaks for; `TokenRefused` when it is not ours, not for this audience, or no longer good."""
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise TokenRefused("is longer than any of ours")
    try:
        key = await keys.key(_kid_of(_header(token)))
        if key is None:
            raise TokenRefused("is signed with a key that is not ours")
        claims = jwt.decode(token, key, registry=_registry).claims
        _claims_registry(audience, now).validate(claims)
        return _verified(claims)
    except ExpiredTokenError:
        raise TokenRefused("has expired; get a new one") from None
    except (JoseError, KeyError, TypeError, ValueError, RecursionError):
        raise TokenRefused("is not one that this service accepts") from None


def _header(token: str) -> Any:
    """What the token says of itself; nothing of it is believed yet."""
    header, dot, _ = token.partition(".")
    if not dot:
        raise TokenRefused("is not a token of ours")
    return json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))


def _kid_of(header: Any) -> str:
    """The name of the key that it claims to be signed with.

    Ours have these three members and no others: none that names a key or a place to get one from (`jwk`, `jku`,
    `x5u`), none that must be understood (`crit`). So nothing of the kind is ever looked at.
    """
    if not isinstance(header, dict) or header.keys() != HEADER_MEMBERS or header["typ"] != TYPE:
        raise TokenRefused("is not a token of ours")
    return str(header["kid"])


def _present(**claims: str) -> dict[str, str]:
    return {name: value for name, value in claims.items() if value}


def _claims_registry(audience: Collection[str], now: datetime) -> jwt.JWTClaimsRegistry:
    essential: dict[str, Any] = {name: {"essential": True} for name in ("sub", "exp", "iat", "kind", "as_of")}
    return _Claims(
        now=int(now.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "values": sorted(audience)},
        **essential,
    )


def _verified(claims: dict[str, Any]) -> Verified:
    caller = Caller(
        id=claims["sub"],
        kind=CallerKind(claims["kind"]),
        organizations=dict(claims["orgs"]),
        scopes=frozenset(claims["scopes"]),
        is_administrator=claims["admin"] is True,
        session_id=claims.get("sid", ""),
        key_id=claims.get("key", ""),
        address=claims.get("addr", ""),
    )
    return Verified(caller, datetime.fromtimestamp(claims["exp"], UTC), int(claims["as_of"]))
