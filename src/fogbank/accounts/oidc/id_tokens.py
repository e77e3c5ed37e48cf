"""ID tokens (OpenID Connect Core 1.0, 3.1.3.7): an issuer's signed word about one sign-in of ours, and no other."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from fogbank.accounts.oidc.discovery import Discovery, PublicKey, PublicKeys
from fogbank.accounts.oidc.errors import IdentityRefused
from fogbank.accounts.oidc.model import Metadata
from fogbank.runtime.clock import Clock

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that only the issuer has. Never `none`, and none by a shared secret: what a token says of itself
must not choose that our copy of a public key is taken for one."""

TOKEN_CHARACTERS_MAX = 32 * 1024
LEEWAY = timedelta(minutes=1)

_registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must be for."""

    client_id: str
    nonce: str
    access_token: str | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class IdTokens:
    """Verifies by the keys that the issuer publishes."""

    discovery: Discovery
    clock: Clock

    async def verify(self, token: str, metadata: Metadata, expected: Expected) -> dict[str, Any]:
        """What the token says; `IdentityRefused` when it is not the issuer's word about this sign-in."""
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise IdentityRefused("The ID token is longer than any.")
        kid = _kid_of(token)
        key = _chosen(await self.discovery.keys(metadata, kid), kid)
        if key is None:
            raise IdentityRefused("The ID token is signed by a key that the issuer does not publish.")
        try:
            signed = jwt.decode(token, key, registry=_registry)
            claims = _claims(signed, metadata, expected)
            claims.validate(now=int(self.clock().timestamp()), leeway=int(LEEWAY.total_seconds()))
        except (JoseError, ValueError, TypeError, LookupError, RecursionError) as error:
            raise IdentityRefused(f"The ID token does not hold: {_why(error)}.") from error
        _require_strict(claims, expected)
        return dict(claims)


def _claims(signed: jwt.Token, metadata: Metadata, expected: Expected) -> CodeIDToken:
    return CodeIDToken(
        signed.claims,
        signed.header,
        options={
            "iss": {"essential": True, "value": metadata.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        params={
            "client_id": expected.client_id,
            "nonce": expected.nonce,
            "access_token": expected.access_token,
        },
    )


def _require_strict(claims: Mapping[str, Any], expected: Expected) -> None:
    """What the library leaves open: further audiences, and a token from before this sign-in was begun."""
    audience = claims["aud"]
    if isinstance(audience, list) and set(audience) != {expected.client_id} and claims.get("azp") != expected.client_id:
        raise IdentityRefused("The ID token is for others as well, and does not say that it was made for us.")
    if claims["iat"] < (expected.began_at - LEEWAY).timestamp():
        raise IdentityRefused("The ID token is older than this sign-in.")


def _chosen(keys: PublicKeys, kid: str | None) -> PublicKey | None:
    """The key of that name; the only one where none is named (Core 1.0, 10.1)."""
    if kid is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.kid == kid), None)


def _kid_of(token: str) -> str | None:
    """The name of the key that it says it is signed with: nothing of it is believed yet."""
    try:
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "==="))
        kid = header.get("kid")
    except (ValueError, AttributeError, RecursionError) as error:
        raise IdentityRefused("What came as ID token is none.") from error
    if kid is not None and not isinstance(kid, str):
        raise IdentityRefused("What came as ID token is none.")
    return kid


def _why(error: Exception) -> str:
    return str(error).rstrip(".").replace("\n", " ")[:200] or type(error).__name__
