"""Podman's own database, in which the labels of its containers are: read, never written, and asked once a life."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

WAIT_SECONDS_MAX = 1
"""Podman locks the whole of it while it writes. Then the labels are asked for again at the next look."""

CONFIGURATION_OF_A_CONTAINER = """
    SELECT JSON FROM ContainerConfig WHERE ID = ?
"""


class _Configuration(msgspec.Struct):
    labels: dict[str, str] | None = None


def labels_of(database: Path, container_id: str) -> dict[str, str]:
    """The labels of a container. None where there is no such database: podman before version 5 has another one.

    `OSError` or `msgspec.MsgspecError` where it cannot be read.
    """
    if not database.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS_MAX)) as opened:
            row = opened.execute(CONFIGURATION_OF_A_CONTAINER, (container_id,)).fetchone()
    except sqlite3.Error as error:
        raise OSError(f"{database} cannot be read: {error}") from error
    return (msgspec.json.decode(row[0], type=_Configuration).labels or {}) if row else {}
