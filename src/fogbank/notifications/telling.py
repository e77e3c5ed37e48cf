"""What a person asks of their own notices and preferences. Another's notice is one that does not exist."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.notifications.errors import NoNotice
from fogbank.notifications.model import Preferences
from fogbank.notifications.rules.quiet import require_sensible
from fogbank.notifications.store import emails, inbox, notices, preferences
from fogbank.notifications.store.emails import Sent
from fogbank.notifications.store.inbox import Item
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Database

COUNTED_MAX = 100
DELETED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Telling:
    """Every call names the person who asks."""

    database: Database
    clock: Clock

    async def notices(self, person_id: str, *, below: int, is_unread: bool, limit: int) -> list[Item]:
        """A page of the person's notices, newest first."""
        async with self.database.connection() as connection:
            return await inbox.page(connection, person_id, below=below, is_unread=is_unread, limit=limit)

    async def count_unread(self, person_id: str) -> int:
        """How many they have not read, counted up to one more than a hundred."""
        async with self.database.connection() as connection:
            return await inbox.count_unread(connection, person_id, COUNTED_MAX + 1)

    async def read(self, person_id: str, notice_id: str) -> int:
        """Note that they read it; 1 where they had not before, else 0. `NoNotice` where they have none such."""
        async with self.database.transaction() as tx:
            was_read = await inbox.read_one(tx, person_id, notice_id, self.clock())
        if was_read is None:
            raise NoNotice(notice_id)
        return 0 if was_read else 1

    async def read_up_to(self, person_id: str, number: int) -> int:
        """Note that they read all up to that one; how many they had not."""
        async with self.database.connection() as connection:
            return await inbox.read_up_to(connection, person_id, number, self.clock())

    async def preferences(self, person_id: str) -> Preferences:
        async with self.database.connection() as connection:
            return (await preferences.of_people(connection, [person_id]))[person_id]

    async def put_preferences(self, person_id: str, wanted: Preferences) -> None:
        """Set them whole; `QuietTooLong` or `NoTimeZone` where the quiet hours cannot be as they are."""
        if wanted.quiet_hours is not None:
            require_sensible(wanted.quiet_hours)
        async with self.database.transaction() as tx:
            await preferences.put(tx, person_id, wanted, self.clock())

    async def emails(self, state: str | None, limit: int) -> list[Sent]:
        """The newest e-mails to anybody."""
        async with self.database.connection() as connection:
            return await emails.newest(connection, state, limit)


async def delete_before(database: Database, before: datetime) -> None:
    """Delete what was written before then, some at a time, so that nothing waits long for it."""
    deleted = DELETED_AT_ONCE
    while deleted >= DELETED_AT_ONCE:
        async with database.transaction() as tx:
            deleted = await notices.delete_before(tx, before, DELETED_AT_ONCE)
