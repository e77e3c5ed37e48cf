"""Sealing anew, batch by batch, while everything runs; safe to end and begin again at any point."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag

from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.resealing import store
from fogbank.runtime.resealing.columns import SEALED_COLUMNS, SealedColumn
from fogbank.runtime.sealing import KeyUnknown, SealingKeys, drop_unused

log = structlog.get_logger(__name__)

BATCH = 500
BEGINNING = "(0,0)"


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was done: how many secrets were sealed anew, how many nobody can open, and which keys were dropped."""

    sealed_anew: int
    unreadable: int
    dropped_keys: list[str]


@dataclass(frozen=True, slots=True)
class Resealing:
    """Brings everything sealed under the first key."""

    database: Database
    secrets: Path
    clock: Clock
    entropy: Entropy

    async def run(self) -> None:
        """For a job: the same as `reseal`."""
        await self.reseal()

    async def reseal(self) -> Resealed:
        """Seal anew what other keys sealed, then drop the keys that have nothing left and seal nothing any more."""
        keys = SealingKeys.of(self.secrets, self.entropy)
        sealed_anew = unreadable = 0
        used: set[str] = set()
        for column in await self._columns():
            done, failed = await self._reseal(keys, column)
            sealed_anew, unreadable = sealed_anew + done, unreadable + failed
            async with self.database.connection() as connection:
                used |= await store.used_keys(connection, column)
        return Resealed(sealed_anew, unreadable, drop_unused(self.secrets, used, self.clock()))

    async def _columns(self) -> list[SealedColumn]:
        async with self.database.connection() as connection:
            return [column for column in SEALED_COLUMNS if await store.exists(connection, column)]

    async def _reseal(self, keys: SealingKeys, column: SealedColumn) -> tuple[int, int]:
        """How many were sealed anew, and how many no key opens: those are left as they are, and said."""
        done, failed, place = 0, 0, BEGINNING
        while True:
            async with self.database.transaction() as tx:
                rows = await store.sealed_by_others(tx, column, keys.present_id, place, BATCH)
                for row in rows:
                    sealed = _sealed_anew(keys, column, row)
                    if sealed is not None:
                        await store.reseal(tx, column, row.place, *sealed)
                    done, failed = (done, failed + 1) if sealed is None else (done + 1, failed)
            if not rows:
                return done, failed
            place = rows[-1].place


def _sealed_anew(keys: SealingKeys, column: SealedColumn, row: store.Sealed) -> tuple[str, bytes] | None:
    try:
        return keys.seal(row.owner, keys.open(row.owner, row.key_id, row.sealed))
    except (KeyUnknown, InvalidTag):
        log.exception("no key opens a secret", table=column.table, key_id=row.key_id)
        return None
