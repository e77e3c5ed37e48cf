"""What issuers say of themselves, and their keys: asked once an hour, and again for a key that is not there yet."""

from dataclasses import dataclass, field
from datetime import timedelta

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from fogbank.accounts.oidc.asking import Asking
from fogbank.accounts.oidc.errors import IssuerUnreachable
from fogbank.accounts.oidc.model import Metadata
from fogbank.accounts.oidc.rules import WELL_KNOWN, NotMetadata, metadata_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.expiring import ExpiringCache

KEPT = timedelta(hours=1)
KEYS_AGAIN_AFTER = timedelta(minutes=1)
"""A token may name any key: without this, whoever sends such ones would have us ask without end."""
ISSUERS_MAX = 1_000
KEYS_MAX = 100

PublicKey = RSAKey | ECKey | OKPKey
PublicKeys = tuple[PublicKey, ...]
"""Never a symmetric one: such a "key" of an issuer's set would be known to everybody."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Remembers issuers' metadata and keys in memory."""

    asking: Asking
    clock: Clock
    _metadata: ExpiringCache[str, Metadata] = field(default_factory=lambda: ExpiringCache(ISSUERS_MAX))
    _keys: ExpiringCache[str, PublicKeys] = field(default_factory=lambda: ExpiringCache(ISSUERS_MAX))
    _asked_lately: ExpiringCache[str, bool] = field(default_factory=lambda: ExpiringCache(ISSUERS_MAX))

    async def metadata(self, url: str) -> Metadata:
        """What the issuer at `url` says of itself; `IssuerUnreachable` where it does not."""
        now = self.clock()
        known = self._metadata.get(url, now)
        if known is not None:
            return known
        where = url.rstrip("/") + WELL_KNOWN
        try:
            found = metadata_of(await self.asking.get(where), url)
        except NotMetadata as error:
            raise IssuerUnreachable(f"What is at {where} {error}.") from error
        self.asking.target(found.authorization_endpoint)
        self._metadata.put(url, found, now + KEPT)
        return found

    async def keys(self, metadata: Metadata, kid: str | None) -> PublicKeys:
        """The issuer's public keys; asked anew where none is named `kid`, though not twice within a minute."""
        url, now = metadata.jwks_uri, self.clock()
        known = self._keys.get(url, now)
        is_there = known is not None and (kid is None or any(key.kid == kid for key in known))
        if known is not None and (is_there or self._asked_lately.get(url, now)):
            return known
        found = _keys_of(url, await self.asking.get(url))
        self._keys.put(url, found, now + KEPT)
        self._asked_lately.put(url, value=True, until=now + KEYS_AGAIN_AFTER)
        return found


def _keys_of(url: str, document: object) -> PublicKeys:
    """The keys that verify, of those that we can read: an issuer may have others, of which we know nothing."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise IssuerUnreachable(f"What is at {url} is no set of keys.")
    keys = (_key_of(each) for each in listed[:KEYS_MAX])
    return tuple(key for key in keys if key is not None)


def _key_of(document: object) -> PublicKey | None:
    if not isinstance(document, dict) or document.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(document)
    except (JoseError, ValueError, TypeError, LookupError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None
