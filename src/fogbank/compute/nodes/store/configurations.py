"""SQL of what each node was last told."""

from fogbank.runtime.database import Connection

PUT_CHANGED = """
    INSERT INTO compute.node_configurations AS told (node_id, revision, digest)
    VALUES (%(node_id)s, 1, %(digest)s)
    ON CONFLICT (node_id) DO UPDATE SET revision = told.revision + 1, digest = excluded.digest
        WHERE told.digest <> excluded.digest
    RETURNING revision
"""
REVISION = "SELECT revision FROM compute.node_configurations WHERE node_id = %(node_id)s"


async def put_changed(tx: Connection, node_id: str, digest: bytes) -> int | None:
    """The new revision, where what the node is to be told is something else than before; else None."""
    row = await (await tx.execute(PUT_CHANGED, {"node_id": node_id, "digest": digest})).fetchone()
    return None if row is None else int(row[0])


async def revision(tx: Connection, node_id: str) -> int:
    """The revision that the node was told last; 0 for none."""
    row = await (await tx.execute(REVISION, {"node_id": node_id})).fetchone()
    return 0 if row is None else int(row[0])
