"""The usage store's files: a frozen store laid out as a live one, or a stopped one as it is."""

import os
from collections.abc import Iterator
from pathlib import Path

from fogbank.backup.trees import Entry, entries_of
from fogbank.usage.client.backups import FrozenStore

DIRECTORY = "usage"
TABLES = "store"
"""`store/abc/abcdef…` is the directory of a table's parts, or of a database's definitions."""
DEFINITIONS = "metadata"
MADE_ANEW = frozenset({"shadow", "tmp", "data"})
"""Frozen parts, what is under way, and links that the engine makes when it opens a table."""
OF_A_TABLE = ("detached", "format_version.txt")
"""What the engine looks for in a table's directory besides its parts."""


def frozen_store(store: Path, frozen: FrozenStore) -> Iterator[Entry]:
    """The frozen parts, where the engine keeps live ones, with what it knows of the tables they belong to."""
    tables = {Path(table.directory) for table in frozen.tables}
    databases = set(_databases(store))
    on_the_way = {parent for directory in tables | databases for parent in (directory, *directory.parents)}
    definitions = {f"{table.name}.sql" for table in frozen.tables}

    def wanted(below: Path) -> bool:
        if below.parts[0] != TABLES:
            return below.parts[0] == DEFINITIONS
        if below.parent in databases:
            return below.name in definitions
        return below in on_the_way or (below.parent in tables and below.name in OF_A_TABLE)

    yield from entries_of(store, wanted)
    yield from entries_of(store / frozen.directory, lambda _: True)


def stopped_store(store: Path) -> Iterator[Entry]:
    """All files of a store that no process has open."""
    return entries_of(store, lambda below: below.parts[0] not in MADE_ANEW)


def _databases(store: Path) -> Iterator[Path]:
    """The directories that `metadata` links to."""
    for link in (store / DEFINITIONS).iterdir():
        if link.is_symlink():
            yield Path(os.path.normpath(Path(DEFINITIONS) / link.readlink()))
