"""E-mails of accounts, written down with what they tell: a crash loses none, and what is rolled back is told to nobody.

They are sealed, since their links let somebody in, and gone once notifications have them.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import structlog
from cryptography.exceptions import InvalidTag

from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.signing_in import letter_store
from fogbank.accounts.signing_in.letter_store import SealedLetter
from fogbank.kernel.ids import new_id
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database, seeing_every_tenant_in
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.problems import Problem
from fogbank.runtime.sealing import KeyUnknown, SealingKeys
from fogbank.runtime.waiting import until_set

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
FAULT = 500
PASSING = frozenset({401, 408, 429})
"""Refusals that are about the moment."""
GIVE_UP_AFTER = timedelta(days=1)
"""Whoever waits for a link has asked for another one by then."""


class Letter(msgspec.Struct, frozen=True):
    """What is sealed; without an address it is to nobody, and is not sent."""

    address: str
    kind: str
    data: dict[str, str]


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes letters in others' transactions, and sends them, the oldest first."""

    notifications: NotificationsClient
    sealing: SealingKeys
    clock: Clock
    entropy: Entropy
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def write_in(self, tx: Connection, address: str | None, kind: str, data: Mapping[str, str]) -> None:
        """Have it sent if the transaction commits; to nobody where `address` is None, which costs the same."""
        letter_id = new_id("message", self.entropy(ID_BYTES))
        letter = Letter(address or "", kind, dict(data))
        key_id, sealed = self.sealing.seal(_owner(letter_id), msgspec.json.encode(letter).decode())
        async with seeing_every_tenant_in(tx):
            await letter_store.insert(tx, SealedLetter(letter_id, key_id, sealed, self.clock()))
        self._news.set()

    async def run(self, database: Database) -> None:
        """Send what waits, for ever."""
        while True:
            self._news.clear()
            while await self.send_one(database):
                pass
            await until_set(self._news, LOOK_SECONDS)

    async def send_one(self, database: Database) -> bool:
        """Send the oldest; False where none waits, or notifications take none at the moment."""
        async with database.transaction() as tx:
            kept = await letter_store.oldest(tx)
            if kept is None or not await self._is_over(kept):
                return False
            await letter_store.delete(tx, kept.id)
            return True

    async def _is_over(self, kept: SealedLetter) -> bool:
        """Whether nothing is left to do for it: notifications have it, or nobody will send it any more."""
        try:
            letter = self._opened(kept)
            if letter.address:
                await self.notifications.send_message(kept.id, letter.address, letter.kind, letter.data)
        except (KeyUnknown, InvalidTag):
            log.warning("letter cannot be opened any more", letter=kept.id)
        except Problem as problem:
            is_about_it = problem.status < FAULT and problem.status not in PASSING
            is_for_good = is_about_it or self.clock() - kept.written_at >= GIVE_UP_AFTER
            log.warning("letter not taken", letter=kept.id, reason=problem.detail, is_given_up=is_for_good)
            return is_for_good
        return True

    def _opened(self, kept: SealedLetter) -> Letter:
        """Without a key are those that waited in another table until a migration, which has no keys, moved them."""
        content = kept.sealed
        if kept.key_id is not None:
            content = self.sealing.open(_owner(kept.id), kept.key_id, kept.sealed).encode()
        return msgspec.json.decode(content, type=Letter)


def _owner(letter_id: str) -> str:
    return f"letter:{letter_id}"
