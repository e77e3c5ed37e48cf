"""What a backup is told of the usage store, and how it asks."""

from dataclasses import dataclass

from fogbank.runtime.client import ServiceHttp

PATH = "/api/v1/usage/backups"


@dataclass(frozen=True, slots=True)
class FrozenTable:
    """A table, and the directory of its parts within the store's."""

    name: str
    directory: str


@dataclass(frozen=True, slots=True)
class FrozenStore:
    """The store as it was at one moment: links to its parts, in `directory` within the store's, until let go of."""

    directory: str
    tables: list[FrozenTable]


@dataclass(frozen=True, slots=True)
class StoreFreezer:
    """Asks the usage component to let its store stand still, in links. Services only."""

    http: ServiceHttp

    async def freeze(self) -> FrozenStore:
        """Freeze the store; `Problem` 409 where it is not ours but a ClickHouse of the operator's."""
        return await self.http.post(PATH, {}, as_=FrozenStore)

    async def let_go(self) -> None:
        """Remove the links; the store's own files stay."""
        await self.http.delete(PATH)
