"""SQL of instances' projects: the one that holds, and every change."""

from datetime import datetime

from psycopg.rows import class_row

from fogbank.accounts.model import ProjectChange
from fogbank.runtime.database import Connection

# Changes are numbered in the order in which they are committed, so that who follows them misses none; by a sequence,
# since a tenant sees its own instances' changes only.
ONE_WRITER = "SELECT pg_advisory_xact_lock(hashtextextended('accounts.instance_projects', 0))"

# An instance's changes follow each other in time too, whatever the clock does.
INSERT_CHANGE = """
    INSERT INTO accounts.instance_projects (change, instance_id, project_id, since)
    SELECT nextval('accounts.instance_project_change'), %(instance_id)s, %(project_id)s,
           greatest(%(now)s, max(since) + interval '1 microsecond')
    FROM accounts.instance_projects
    WHERE instance_id = %(instance_id)s
    RETURNING change, instance_id, project_id, since
"""
UPDATE_PROJECT = "UPDATE accounts.instances SET project_id = %(project_id)s WHERE id = %(instance_id)s"
CHANGES_AFTER = """
    SELECT change, instance_id, project_id, since FROM accounts.instance_projects
    WHERE change > %(after)s
    ORDER BY change
    LIMIT %(limit)s
"""


async def change_project(tx: Connection, instance_id: str, project_id: str | None, now: datetime) -> ProjectChange:
    """Put an instance into a project, or into none. Who changes one waits for whoever does, until they commit."""
    await tx.execute(ONE_WRITER)
    facts = {"instance_id": instance_id, "project_id": project_id, "now": now}
    await tx.execute(UPDATE_PROJECT, facts)
    cursor = tx.cursor(row_factory=class_row(ProjectChange))
    change = await (await cursor.execute(INSERT_CHANGE, facts)).fetchone()
    assert change is not None, "an aggregate without groups has one row"
    return change


async def changes_after(tx: Connection, after: int, limit: int) -> list[ProjectChange]:
    """The changes after that number, in order."""
    cursor = tx.cursor(row_factory=class_row(ProjectChange))
    return await (await cursor.execute(CHANGES_AFTER, {"after": after, "limit": limit})).fetchall()
