"""When keys were last used, and from where: noted in memory on the hot path, written by the minute, all at once."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

NOTED_MAX = 50_000
EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key was used, at an instant and from an address, which is empty where it is not known."""

    key_id: str
    at: datetime
    address: str


WriteUses = Callable[[Sequence[KeyUse]], Awaitable[None]]


class KeyUses:
    """The last use of each key since it was last written. Bounded: the keys not used for longest go first."""

    def __init__(self, noted_max: int = NOTED_MAX) -> None:
        self._noted_max = noted_max
        self._uses: OrderedDict[str, tuple[datetime, str]] = OrderedDict()

    def note(self, key_id: str, at: datetime, address: str) -> None:
        uses = self._uses
        uses[key_id] = (at, address)
        uses.move_to_end(key_id)
        if len(uses) > self._noted_max:
            uses.popitem(last=False)

    async def flush(self, write: WriteUses) -> None:
        """Write all that was noted; what cannot be written is kept, unless the key was used again meanwhile."""
        taken, self._uses = self._uses, OrderedDict()
        if not taken:
            return
        try:
            await write([KeyUse(key_id, at, address) for key_id, (at, address) in taken.items()])
        except BaseException:
            for key_id, use in taken.items():
                self._uses.setdefault(key_id, use)
            raise
