"""Refused sign-ins, for the activity log: gathered in memory, and written a minute's at a time.

An entry for each attempt would let anybody fill the log, and to write one where the account exists, and none where it
does not, would tell which it is by the time it takes.
"""

from dataclasses import dataclass, field, replace

from fogbank.accounts.activity.recording import Recorder
from fogbank.runtime.database import Database

ACCOUNTS_MAX = 1_000
"""Of one minute; of more, nothing is written."""
ADDRESSES_MAX = 5
WRITE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Refused:
    """A minute's attempts at one account, and where the first of them came from."""

    attempts: int = 0
    addresses: tuple[str, ...] = ()

    def and_from(self, address: str) -> "Refused":
        is_new = address not in self.addresses and len(self.addresses) < ADDRESSES_MAX
        return replace(
            self, attempts=self.attempts + 1, addresses=(*self.addresses, address) if is_new else self.addresses
        )


@dataclass(slots=True)
class RefusedSignIns:
    """What waits to be written."""

    database: Database
    recorder: Recorder
    _waiting: dict[str, Refused] = field(default_factory=dict)

    def note(self, user_id: str | None, address: str) -> None:
        """Somebody was refused as this user; as nobody that exists where it is None."""
        if user_id is None or (user_id not in self._waiting and len(self._waiting) >= ACCOUNTS_MAX):
            return
        self._waiting[user_id] = self._waiting.get(user_id, Refused()).and_from(address)

    async def write(self) -> None:
        """Write what waits, an entry for each account."""
        waiting, self._waiting = self._waiting, {}
        for user_id, refused in waiting.items():
            after = {"attempts": refused.attempts, "addresses": list(refused.addresses)}
            async with self.database.transaction() as tx:
                await self.recorder.record_in(
                    tx, None, "session.refused", f"user:{user_id}", account_id=user_id, after=after
                )
