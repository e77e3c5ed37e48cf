"""Public keys fetched from the service that signs, and kept."""

from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet, OKPKey

from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.asking_once import AskingOnce

JWKS_PATH = "/api/v1/auth/jwks.json"
REFRESH_AFTER = timedelta(minutes=10)
"""Less than the time for which a new key is published before it signs (`signing_keys.PUBLISHED_BEFORE`)."""
ASK_AGAIN_AFTER = timedelta(seconds=10)
"""An unknown key asks again, but not for each of a stranger's tokens."""


class RemoteKeys:
    """A `KeySource` over HTTP: asks when it knows nothing, meets a new key, or has not asked for ten minutes."""

    def __init__(self, http: ServiceHttp, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._keys: dict[str, OKPKey] = {}
        self._asked_at: datetime | None = None
        self._ask = AskingOnce(self._fetch)

    async def key(self, kid: str) -> OKPKey | None:
        age = None if self._asked_at is None else self._clock() - self._asked_at
        if age is None or age >= REFRESH_AFTER or (kid not in self._keys and age >= ASK_AGAIN_AFTER):
            await self._ask()
        return self._keys.get(kid)

    async def _fetch(self) -> None:
        asked_at = self._clock()
        document = await self._http.get(JWKS_PATH, as_=dict[str, Any])
        fetched = KeySet.import_key_set({"keys": document["keys"]})
        self._keys = {key.kid: key for key in fetched if isinstance(key, OKPKey) and key.kid is not None}
        self._asked_at = asked_at
