"""Keeping answers under keys: found, claimed with the act, sealed, and deleted after 30 days."""

import hmac
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
from cryptography.exceptions import InvalidTag

from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.http.idempotency import store
from fogbank.runtime.http.idempotency.model import Answer, Contents, Record
from fogbank.runtime.sealing import KeyUnknown, SealingKeys
from fogbank.runtime.tenancy import seeing_every_tenant

DAYS_KEPT = 30
CLAIM_BYTES = 16
DELETED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept under a key: the answer, or None where the act was begun and its answer never came."""

    record: Record
    is_same: bool
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """Keys and answers in the database. All of it is our own matter, whoever calls."""

    database: Database
    sealing: SealingKeys
    clock: Clock
    entropy: Entropy

    def new_record(self, record_id: bytes, caller_id: str, parameters: str) -> Record:
        """A record of a request that begins now, unanswered; not yet in the database."""
        key_id, sealed = self._sealed(record_id, Contents(parameters))
        return Record(record_id, caller_id, self.entropy(CLAIM_BYTES), self.clock(), False, key_id, sealed)

    async def find(self, record_id: bytes, parameters: str) -> Found | None:
        """What is kept, and whether it was asked with the same parameters."""
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                record = await store.find(connection, record_id)
        if record is None:
            return None
        try:
            text = self.sealing.open(_owner(record_id), record.key_id, record.sealed)
        except (KeyUnknown, InvalidTag):
            return Found(record, is_same=True, answer=None)  # it was done, and what it answered is lost
        contents = msgspec.json.decode(text, type=Contents)
        return Found(record, hmac.compare_digest(contents.parameters, parameters), contents.answer)

    async def claim(self, record: Record, tx: Connection) -> bool:
        """Write the claim in the transaction of the act; whether it is this request's."""
        return await store.claim(tx, record)

    async def keep(self, record: Record, parameters: str, answer: Answer) -> None:
        key_id, sealed = self._sealed(record.id, Contents(parameters, answer))
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                await store.answer(connection, replace(record, is_answered=True, key_id=key_id, sealed=sealed))

    async def release(self, record: Record) -> None:
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                await store.release(connection, record)

    async def forget_old(self) -> None:
        """Delete what is older than 30 days."""
        before = self.clock() - timedelta(days=DAYS_KEPT)
        async with self.database.connection() as connection:
            while await store.forget(connection, before, DELETED_AT_ONCE) == DELETED_AT_ONCE:
                pass

    def _sealed(self, record_id: bytes, contents: Contents) -> tuple[str, bytes]:
        return self.sealing.seal(_owner(record_id), msgspec.json.encode(contents).decode())


def _owner(record_id: bytes) -> str:
    return f"idempotency:{record_id.hex()}"
