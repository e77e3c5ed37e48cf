"""Who is named in the activity log, which forgets nothing: nobody may be, by address or by name."""

from fogbank.runtime.database import Database

NAMED = """
    SELECT DISTINCT entry.action
    FROM accounts.activity AS entry, jsonb_path_query(jsonb_build_array(entry.before, entry.after), '$.**') AS said
    WHERE jsonb_typeof(said) = 'string' AND (
        said #>> '{}' LIKE '%@%' OR EXISTS (
            SELECT FROM (
                SELECT id, name FROM accounts.users UNION ALL
                SELECT user_id, name FROM accounts.passkeys UNION ALL
                SELECT id, name FROM accounts.passkeys
            ) AS own (id, name)
            WHERE name <> '' AND name = said #>> '{}' AND strpos(entry::text, id) > 0
        )
    )
"""
"""By its own people only: what others' things are called may be what somebody of another test is called."""


async def acts_that_name_people(database: Database) -> list[str]:
    """The actions that say in `before` or `after` who somebody is: an address, a name, what they call their own."""
    async with database.connection() as connection:
        rows = await (await connection.execute(NAMED)).fetchall()
    return sorted(action for (action,) in rows)
