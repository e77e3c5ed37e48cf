"""The signing keys in their file: read again when it changed, written whole, private, by one at a time."""

from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.signing_keys import KeyRing, decoded, encoded, first_ring
from fogbank.runtime.credentials.tokens import ALGORITHM, Token, sign
from fogbank.runtime.entropy import Entropy, system_entropy
from fogbank.runtime.secret_files import change_secret, secret_once


class KeyFile:
    """Signs, and knows the keys to verify by, as `path` has them now. The first who needs it makes it."""

    def __init__(self, path: Path, clock: Clock, entropy: Entropy = system_entropy) -> None:
        self._path = path
        self._clock = clock
        self._entropy = entropy
        self._read: tuple[tuple[int, int], KeyRing] | None = None

    async def key(self, kid: str) -> OKPKey | None:
        """The key of that name, when its tokens may still be good."""
        return next((each.key for each in self.ring().published(self._clock()) if each.kid == kid), None)

    def public(self) -> dict[str, Any]:
        """The JWK set that everybody may see (RFC 7517), with the algorithm as RFC 9864 names it."""
        keys = [each.key.as_dict(private=False) for each in self.ring().published(self._clock())]
        return {"keys": [{**key, "alg": ALGORITHM, "use": "sig"} for key in keys]}

    def sign(self, caller: Caller, audience: Collection[str], as_of: int) -> Token:
        """A token that speaks for `caller` as they were at change `as_of`, to the services in `audience`."""
        now = self._clock()
        signing = self.ring().signing(now)
        return sign(signing.key, caller, audience, now=now, as_of=as_of, entropy=self._entropy)

    def ring(self) -> KeyRing:
        """The keys as the file has them."""
        secret_once(self._path, lambda: encoded(first_ring(self._clock())))
        facts = self._path.stat()
        version = (facts.st_mtime_ns, facts.st_ino)
        if self._read is None or self._read[0] != version:
            self._read = (version, decoded(self._path.read_text()))
        return self._read[1]

    def rotate(self) -> KeyRing:
        """Let a new key follow; while one is waiting already, nothing."""
        return self._changed(lambda ring: ring.followed_by_new(self._clock()))

    def rotate_when_due(self, every: timedelta) -> KeyRing:
        """The same, once the newest key has been there for `every`; before, nothing."""
        now = self._clock()
        return self._changed(lambda ring: ring.followed_by_new(now) if ring.is_due(now, every) else ring)

    def _changed(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        """The keys as they are after `change`, which one process makes at a time."""
        self.ring()
        change_secret(self._path, lambda text: encoded(change(decoded(text))))
        return self.ring()
