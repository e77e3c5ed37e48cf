"""The signing keys of this installation: which there are, and how a new one follows, by hand or in time."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.runtime.auth import Caller
from fogbank.runtime.credentials.key_file import KeyFile
from fogbank.runtime.credentials.signing_keys import KeyRing
from fogbank.runtime.database import Database


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Changes the keys in their file, and records it. A key follows the one before after `every`."""

    database: Database
    recorder: Recorder
    keys: KeyFile
    every: timedelta

    async def rotate(self, caller: Caller, reason: str) -> KeyRing:
        """Publish a new key, which signs in a quarter of an hour; while one is waiting already, nothing."""
        reason = reason_for(caller, [], reason)
        before = self.keys.ring()
        after = await asyncio.to_thread(self.keys.rotate)
        await self._record(caller, before, after, reason)
        return after

    async def rotate_when_due(self) -> None:
        """Publish a new key, when the newest is as old as keys become."""
        before = self.keys.ring()
        await self._record(None, before, await asyncio.to_thread(self.keys.rotate_when_due, self.every), "")

    async def _record(self, caller: Caller | None, before: KeyRing, after: KeyRing, reason: str) -> None:
        known = {key.kid for key in before.keys}
        for key in after.keys:
            if key.kid not in known:
                async with self.database.transaction() as tx:
                    await self.recorder.record_in(
                        tx,
                        caller,
                        "signing_key.made",
                        f"signing_key:{key.kid}",
                        account_id="",
                        reason=reason,
                        after={"signs_from": key.signs_from.isoformat()},
                    )
