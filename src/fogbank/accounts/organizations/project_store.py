"""SQL of projects."""

from psycopg.rows import class_row

from fogbank.accounts.model import Project
from fogbank.runtime.database import Connection

INSERT = """
    INSERT INTO accounts.projects (id, org_id, key, name, created_at)
    VALUES (%(id)s, %(org_id)s, %(key)s, %(name)s, %(created_at)s)
"""
COLUMNS = "SELECT id, org_id, key, name, created_at, archived_at FROM accounts.projects"
BY_ID = COLUMNS + " WHERE id = %(id)s"
LOCKED = BY_ID + " FOR UPDATE"
BY_KEY = COLUMNS + " WHERE org_id = %(org_id)s AND key = %(key)s"
AFTER = (
    COLUMNS
    + """
    WHERE org_id = %(org_id)s AND id > %(after)s AND (archived_at IS NULL OR %(with_archived)s)
    ORDER BY id LIMIT %(limit)s
"""
)
COUNT = "SELECT count(*) FROM accounts.projects WHERE org_id = %(org_id)s"
UPDATE = "UPDATE accounts.projects SET name = %(name)s, archived_at = %(archived_at)s WHERE id = %(id)s"


async def insert(tx: Connection, project: Project) -> None:
    await tx.execute(INSERT, {name: getattr(project, name) for name in Project.__slots__})


async def project(tx: Connection, project_id: str, *, is_locked: bool = False) -> Project | None:
    cursor = tx.cursor(row_factory=class_row(Project))
    return await (await cursor.execute(LOCKED if is_locked else BY_ID, {"id": project_id})).fetchone()


async def by_key(tx: Connection, org_id: str, key: str) -> Project | None:
    cursor = tx.cursor(row_factory=class_row(Project))
    return await (await cursor.execute(BY_KEY, {"org_id": org_id, "key": key})).fetchone()


async def after(tx: Connection, org_id: str, after_id: str, limit: int, *, with_archived: bool) -> list[Project]:
    cursor = tx.cursor(row_factory=class_row(Project))
    facts = {"org_id": org_id, "after": after_id, "limit": limit, "with_archived": with_archived}
    return await (await cursor.execute(AFTER, facts)).fetchall()


async def count(tx: Connection, org_id: str) -> int:
    """How many there are, archived ones included."""
    [(found,)] = await (await tx.execute(COUNT, {"org_id": org_id})).fetchall()
    return int(found)


async def update(tx: Connection, project: Project) -> None:
    await tx.execute(UPDATE, {"id": project.id, "name": project.name, "archived_at": project.archived_at})
