"""Passwords: argon2id, in threads, a few at a time, and as slow for users that do not exist."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.errors import TooManyAttempts
from fogbank.accounts.signing_in.lane import Lane
from fogbank.accounts.signing_in.rules.weakness import normalized
from fogbank.accounts.signing_in.throttle import Window

AT_ONCE_MAX = 2
"""Each takes a fifth of a second of a core and 64 MiB: more at once would starve everything else."""
KNOWN_AT_ONCE_MAX = 1
"""Beside those: whoever floods us with attempts keeps no known device waiting."""
WAITING_MAX = 40
"""In each lane: about four seconds of strangers."""

OWN_MAX = 20
OWN_WINDOW = timedelta(hours=1)
"""So often who is signed in shows their password again. Right ones count too: they take others' turns as well."""


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
    _own: Window = field(default_factory=lambda: Window(OWN_MAX, OWN_WINDOW))
    _decoys: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """What to store of `password`; `TooBusy`, as all that takes one's turn here."""
        return await self._strangers.run(partial(self.hasher.hash, normalized(password)))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one that was stored. With nothing stored it takes as long, and is not."""
        return (await self.check(password, stored)).is_right

    async def is_own(self, user_id: str, password: str, stored: str | None, now: datetime) -> bool:
        """The same, of who is signed in; `TooManyAttempts` for who asks without end."""
        wait = self._own.wait(user_id, now)
        if wait:
            raise TooManyAttempts(wait)
        self._own.count(user_id, now)
        return await self.matches(password, stored)

    def require_room(self, *, is_known: bool) -> None:
        """`TooBusy` where a check would not have its turn soon."""
        self._lane(is_known=is_known).require_room()

    async def check(self, password: str, stored: str | None, *, is_known: bool = False) -> Checked:
        """The same, with the hash to store instead where the parameters have changed since.

        `is_known` devices have a lane of their own.
        """
        is_real = stored is not None
        known = stored if stored is not None else await self._decoy()
        check = partial(self.hasher.verify_and_update, normalized(password), known)
        is_right, renewed = await self._lane(is_known=is_known).run(check)
        return Checked(is_right, renewed) if is_real else Checked(is_right=False)

    def _lane(self, *, is_known: bool) -> Lane:
        return self._known if is_known else self._strangers

    async def _decoy(self) -> str:
        if not self._decoys:
            self._decoys.append(await self.hash("nobody's password"))
        return self._decoys[0]
