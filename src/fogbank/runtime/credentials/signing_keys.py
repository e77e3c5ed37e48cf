"""The keys that tokens are signed with, and how they change: published first, then signing, then only verifying.

A new key is published for longer than others remember the list of keys before it signs, so nobody meets a token whose
key they never heard of; the one before it verifies until the last token that it signed has ended. Pure.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from joserfc.jwk import OKPKey

PUBLISHED_BEFORE = timedelta(minutes=15)
"""How long before it signs a key is published. Others remember the list for ten minutes (`remote_keys`)."""

LASTS_AFTER = timedelta(minutes=6)
"""How long after its last token a key is still known: a token's life, and a minute for clocks that differ."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
OWN_MEMBERS = ("made_at", "signs_from")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, when it was made, and from when on it signs."""

    key: OKPKey
    made_at: datetime
    signs_from: datetime

    @property
    def kid(self) -> str:
        return str(self.key.kid)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys in the order in which they sign; never empty."""

    keys: Sequence[SigningKey]

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs at `now`: the last whose time has come, else the first."""
        begun = [each for each in self.keys if each.signs_from <= now]
        return begun[-1] if begun else self.keys[0]

    def ends_at(self, key: SigningKey) -> datetime | None:
        """When the last token that `key` signed will have ended; None while no other key follows it."""
        follower = next((after for before, after in pairwise(self.keys) if before == key), None)
        return None if follower is None else follower.signs_from + LASTS_AFTER

    def published(self, now: datetime) -> list[SigningKey]:
        """The keys that others must know at `now`: that sign, will sign, or whose tokens have not ended."""
        return [key for key in self.keys if (end := self.ends_at(key)) is None or end > now]

    def waiting(self, now: datetime) -> SigningKey | None:
        """A key that is published and does not sign yet."""
        return self.keys[-1] if self.keys[-1].signs_from > now else None

    def is_due(self, now: datetime, every: timedelta) -> bool:
        """Whether the newest key has been there for `every`, so that the next is to be made."""
        return now - self.keys[-1].made_at >= every

    def followed_by_new(self, now: datetime) -> "KeyRing":
        """The ring with a fresh key behind those that still matter; as it is, while one is waiting already."""
        if self.waiting(now) is not None:
            return self
        return KeyRing([*self.published(now), new_signing_key(now, now + PUBLISHED_BEFORE)])


def new_signing_key(made_at: datetime, signs_from: datetime) -> SigningKey:
    return SigningKey(OKPKey.generate_key("Ed25519", auto_kid=True), made_at, signs_from)


def first_ring(now: datetime) -> KeyRing:
    """A ring of one key, which signs at once: there is nobody yet who remembers others."""
    return KeyRing([new_signing_key(now, now)])


def encoded(ring: KeyRing) -> str:
    """The ring as the text of a JWK set with two members of our own. Secret."""
    return json.dumps({"keys": [_document(each) for each in ring.keys]})


def decoded(text: str) -> KeyRing:
    """What `encoded` wrote. In sets without times, which we wrote before there were any, the first key signs."""
    documents = json.loads(text)["keys"]
    if any("signs_from" not in each for each in documents):
        documents = [{**each, "signs_from": None, "made_at": None} for each in reversed(documents)]
    return KeyRing(sorted((_key(each) for each in documents), key=lambda each: each.signs_from))


def _document(each: SigningKey) -> dict[str, Any]:
    times = {"made_at": each.made_at.isoformat(), "signs_from": each.signs_from.isoformat()}
    return {**each.key.as_dict(private=True), **times}


def _key(document: dict[str, Any]) -> SigningKey:
    made_at, signs_from = (_instant(document[name]) for name in OWN_MEMBERS)
    key = OKPKey.import_key({name: value for name, value in document.items() if name not in OWN_MEMBERS})
    return SigningKey(key, made_at, signs_from)


def _instant(text: str | None) -> datetime:
    return LONG_AGO if text is None else datetime.fromisoformat(text)
