"""A closed account's thresholds pause: nobody is left whom they would warn."""

from tests.integration.owning import owning
from tests.integration.thresholds.conftest import World

CLOSED = """
    INSERT INTO accounts.standing_changes (change, account_id, kind, before, status, at, reason)
    VALUES (nextval('accounts.standing_change'), %s, 'user', 'active', 'closed', now(), '')
"""


async def test_thresholds_of_a_closed_account_are_checked_no_longer(world: World) -> None:
    for user in ("ann", "bob"):
        await world.set(user, user_id=f"user_{user}")
    try:
        async with world.database.connection() as connection:
            await connection.execute(CLOSED, ["user_ann"])
        world.report("vm-1", user_id="user_ann", storage_gb=600)
        world.report("vm-2", user_id="user_bob", storage_gb=600)
        assert await world.check() == 1
        assert [signal.account_id for signal in await world.signals()] == ["user_bob"]
    finally:
        async with owning(world.database) as connection:
            await connection.execute("TRUNCATE accounts.standing_changes")
