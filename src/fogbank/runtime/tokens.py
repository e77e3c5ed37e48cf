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
from joserfc.jwk import KeySet, OKPKey
from joserfc.jws import JWSRegistry

from fogbank.runtime.auth import Caller, CallerKind

ISSUER = "fogbank"
ALGORITHM = "Ed25519"
"""As RFC 9864 names EdDSA over this curve; the older name `EdDSA` left the curve open."""

TOKEN_LIFE = timedelta(minutes=5)
TOKEN_CHARACTERS_MAX = 8192

_registry = JWSRegistry(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class Token:
    """A token as given to its bearer."""

    access_token: str
    expires_at: datetime
    token_type: str = "Bearer"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Verified:
    """Who a good token speaks for, and until when."""

    caller: Caller
    expires_at: datetime


class TokenRefused(Exception):
    """A token that does not hold; `reason` completes the sentence "The token …"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def new_signing_keys() -> str:
    """One fresh key, as the text of a JWK set. Secret."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    return json.dumps({"keys": [key.as_dict(private=True)]})


class KeySource(Protocol):
    """Where public keys come from."""

    async def key(self, kid: str) -> OKPKey | None:
        """The key of that name; None when there is none."""
        ...


class SigningKeys:
    """The keys of this installation: the first signs, all verify."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = {key.kid: key for key in keys if isinstance(key, OKPKey)}
        self.signing = next(iter(self._keys.values()))

    @classmethod
    def decode(cls, text: str) -> "SigningKeys":
        """Read a JWK set, private keys included, as `new_signing_keys` wrote it."""
        return cls(KeySet.import_key_set(json.loads(text)))

    async def key(self, kid: str) -> OKPKey | None:
        return self._keys.get(kid)

    def public(self) -> dict[str, Any]:
        """The JWK set that everybody may see."""
        return {"keys": [{**key.as_dict(private=False), "alg": ALGORITHM, "use": "sig"} for key in self._keys.values()]}

    def sign(self, caller: Caller, audience: Collection[str], now: datetime) -> Token:
        """A token that speaks for `caller` to the services in `audience`, from `now` on."""
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
        }
        header = {"alg": ALGORITHM, "kid": self.signing.kid}
        return Token(jwt.encode(header, claims, self.signing, registry=_registry), expires_at)


async def verify(token: str, keys: KeySource, audience: Collection[str], now: datetime) -> Verified:
    """Who `token` speaks for; `TokenRefused` when it is not ours, not for this audience, or no longer good."""
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise TokenRefused("is longer than any of ours")
    try:
        key = await keys.key(_kid(token))
        if key is None:
            raise TokenRefused("is signed with a key that is not ours")
        claims = jwt.decode(token, key, registry=_registry).claims
        _claims_registry(audience, now).validate(claims)
        return _verified(claims)
    except ExpiredTokenError:
        raise TokenRefused("has expired; get a new one") from None
    except (JoseError, KeyError, TypeError, ValueError, RecursionError):
        raise TokenRefused("is not one that this service accepts") from None


def _kid(token: str) -> str:
    """The name of the key that the token claims to be signed with; nothing else of it is believed yet."""
    header, dot, _ = token.partition(".")
    if not dot:
        raise TokenRefused("is not a token of ours")
    document = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    return str(document["kid"])


def _claims_registry(audience: Collection[str], now: datetime) -> jwt.JWTClaimsRegistry:
    essential: dict[str, Any] = {name: {"essential": True} for name in ("sub", "exp", "iat", "kind")}
    return jwt.JWTClaimsRegistry(
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
    )
    return Verified(caller, datetime.fromtimestamp(claims["exp"], UTC))
