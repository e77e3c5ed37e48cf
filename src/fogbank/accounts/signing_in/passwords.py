"""Passwords: argon2id, in threads, a few at a time, and as slow for users that do not exist."""

import asyncio
from dataclasses import dataclass, field

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

AT_ONCE_MAX = 2
"""Each takes a fifth of a second of a core and 64 MiB: more at once would starve everything else."""


def argon2id() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks passwords without holding up the event loop."""

    hasher: PasswordHash
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))
    _decoys: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """What to store of `password`."""
        async with self._slots:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one that was stored. With nothing stored it takes as long, and is not."""
        if stored is None:
            stored, is_real = await self._decoy(), False
        else:
            is_real = True
        async with self._slots:
            return await asyncio.to_thread(self.hasher.verify, password, stored) and is_real

    async def _decoy(self) -> str:
        if not self._decoys:
            self._decoys.append(await self.hash("nobody's password"))
        return self._decoys[0]
