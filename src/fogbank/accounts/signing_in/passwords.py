"""Passwords: argon2id, in threads, a few at a time, and as slow for users that do not exist."""

import asyncio
from dataclasses import dataclass, field

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.signing_in.lane import Lane
from fogbank.accounts.signing_in.rules.weakness import normalized

AT_ONCE_MAX = 2
"""Each takes a fifth of a second of a core and 64 MiB: more at once would starve everything else."""
KNOWN_AT_ONCE_MAX = 1
"""Beside those: whoever floods us with attempts keeps no known device waiting."""
WAITING_MAX = 40
"""In each lane: about four seconds of strangers."""


def argon2id() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password is right, and its hash by today's parameters where it was stored by others."""

    is_right: bool
    renewed: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and checks passwords without holding up the event loop."""

    hasher: PasswordHash
    _strangers: Lane = field(default_factory=lambda: Lane(AT_ONCE_MAX, WAITING_MAX))
    _known: Lane = field(default_factory=lambda: Lane(KNOWN_AT_ONCE_MAX, WAITING_MAX))
    _decoys: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """What to store of `password`; `TooBusy`, as all that takes one's turn here."""
        async with self._strangers.slot():
            return await asyncio.to_thread(self.hasher.hash, normalized(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one that was stored. With nothing stored it takes as long, and is not."""
        return (await self.check(password, stored)).is_right

    def require_room(self, *, is_known: bool) -> None:
        """`TooBusy` where a check would not have its turn soon."""
        self._lane(is_known=is_known).require_room()

    async def check(self, password: str, stored: str | None, *, is_known: bool = False) -> Checked:
        """The same, with the hash to store instead where the parameters have changed since.

        `is_known` devices have a lane of their own.
        """
        is_real = stored is not None
        known = stored if stored is not None else await self._decoy()
        async with self._lane(is_known=is_known).slot():
            is_right, renewed = await asyncio.to_thread(self.hasher.verify_and_update, normalized(password), known)
        return Checked(is_right, renewed) if is_real else Checked(is_right=False)

    def _lane(self, *, is_known: bool) -> Lane:
        return self._known if is_known else self._strangers

    async def _decoy(self) -> str:
        if not self._decoys:
            self._decoys.append(await self.hash("nobody's password"))
        return self._decoys[0]
