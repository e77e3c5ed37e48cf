"""The usage store's files: a frozen store laid out as a live one, or a stopped one as it is."""

from collections.abc import Iterator
from pathlib import Path

from fogbank.backup.trees import Entry, entries_of
from fogbank.usage.client.backups import FrozenStore

DIRECTORY = "usage"
PASSING = frozenset({"shadow", "tmp"})
MADE_BY_A_TABLE = ("detached", "format_version.txt")
"""What the engine looks for in a table's directory besides its parts."""


def frozen_store(store: Path, frozen: FrozenStore) -> Iterator[Entry]:
    """The frozen parts, where the engine keeps live ones, with what it knows of the tables they belong to."""
    definitions = {f"{table.name}.sql" for table in frozen.tables}
    directories = {table.directory for table in frozen.tables}

    def wanted(below: Path) -> bool:
        top, *rest = below.parts
        if top != "store" or len(rest) <= 2:  # noqa: PLR2004 - store/abc/abcdef… is a directory of a table or database
            return top not in PASSING
        if str(Path(*below.parts[:3])) in directories:
            return len(rest) == 3 and below.name in MADE_BY_A_TABLE  # noqa: PLR2004 - right in the table's directory
        return below.name in definitions

    yield from entries_of(store, wanted)
    yield from entries_of(store / frozen.directory, lambda _: True)


def stopped_store(store: Path) -> Iterator[Entry]:
    """All files of a store that no process has open."""
    return entries_of(store, lambda below: below.parts[0] not in PASSING)
