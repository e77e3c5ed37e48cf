"""The world of these tests is a real, migrated database."""

from fogbank.runtime.database import Database


async def test_the_database_answers_and_is_durable(database: Database) -> None:
    async with database.connection() as connection:
        found = await connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        assert await found.fetchone() == ("on", "on")
