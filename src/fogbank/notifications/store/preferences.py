"""How people want to be told."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from psycopg.types.json import Jsonb

from fogbank.notifications.model import Channel, EventClass, Preferences, QuietHours
from fogbank.runtime.database import Connection

SELECT_PREFERENCES = """
    SELECT person_id, channels, quiet_from, quiet_to, quiet_timezone
    FROM notifications.preferences WHERE person_id = ANY (%(people)s)
"""

PUT_PREFERENCES = """
    INSERT INTO notifications.preferences (person_id, channels, quiet_from, quiet_to, quiet_timezone, changed_at)
    VALUES (%(person_id)s, %(channels)s, %(quiet_from)s, %(quiet_to)s, %(quiet_timezone)s, %(now)s)
    ON CONFLICT (person_id) DO UPDATE SET channels = excluded.channels, quiet_from = excluded.quiet_from,
        quiet_to = excluded.quiet_to, quiet_timezone = excluded.quiet_timezone, changed_at = excluded.changed_at
"""

LOOK_AGAIN_AT_HELD = """
    UPDATE notifications.deliveries SET due_at = %(now)s
    WHERE person_id = %(person_id)s AND email_id IS NULL AND state = 'held' AND due_at > %(now)s
"""


async def of_people(connection: Connection, people: Sequence[str]) -> dict[str, Preferences]:
    """Each person's preferences; the defaults for who never set any."""
    rows = await (await connection.execute(SELECT_PREFERENCES, {"people": list(people)})).fetchall()
    found = {person_id: _preferences(*rest) for person_id, *rest in rows}
    return {person_id: found.get(person_id, Preferences()) for person_id in people}


async def put(tx: Connection, person_id: str, preferences: Preferences, now: datetime) -> None:
    """Set them whole, and look again at what was held back under the old ones."""
    hours = preferences.quiet_hours
    values = {
        "person_id": person_id,
        "channels": Jsonb({name: sorted(channels) for name, channels in preferences.channels.items()}),
        "quiet_from": hours and hours.from_time,
        "quiet_to": hours and hours.to_time,
        "quiet_timezone": hours and hours.timezone,
        "now": now,
    }
    await tx.execute(PUT_PREFERENCES, values)
    await tx.execute(LOOK_AGAIN_AT_HELD, {"person_id": person_id, "now": now})


def _preferences(
    channels: dict[str, Any], from_time: time | None, to_time: time | None, timezone: str | None
) -> Preferences:
    hours = None
    if from_time is not None and to_time is not None and timezone is not None:
        hours = QuietHours(from_time, to_time, timezone)
    return Preferences(
        {EventClass(name): frozenset(Channel(each) for each in chosen) for name, chosen in channels.items()}, hours
    )
