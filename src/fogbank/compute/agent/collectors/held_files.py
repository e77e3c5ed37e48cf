"""How many cgroups may have their files held open, so that there is always room for all else that the agent opens.

Those beyond have theirs opened, read and closed at each look, which costs twice as much. The bound is of the process:
all collectors share it.
"""

import errno
from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog

from fogbank.compute.agent.collectors.kernel_files import allow_many_files

FILES_PER_HOLDER = 3
FILES_BESIDE = 1_024
"""For the spool, the queue, netlink, what is listed, programs that are run, and the sockets of virtual machines."""
HOLDERS_TO_CLOSE = 8
"""No look has more than a few files open at a time."""
OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE})

_log = structlog.get_logger(__name__)

Found = TypeVar("Found")


class Holder(Protocol):
    """Somebody who holds up to `FILES_PER_HOLDER` files open, and can do without."""

    def close(self) -> None: ...


def holders_max(files_allowed: int) -> int:
    """How many may hold files in a process that may have so many open."""
    return (files_allowed - min(FILES_BESIDE, files_allowed // 2)) // FILES_PER_HOLDER


class HeldFiles:
    """Who holds files, the first to ask first."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._holders: dict[Holder, None] = {}

    @classmethod
    def of_this_process(cls) -> "HeldFiles":
        """For as many files as this process may have open."""
        return cls(holders_max(allow_many_files()))

    def may_hold(self, holder: Holder) -> bool:
        """Whether there is room for this one too; if so, it has it until it gives it back."""
        if len(self._holders) >= self._at_most:
            return False
        self._holders[holder] = None
        return True

    def give_back(self, holder: Holder) -> None:
        self._holders.pop(holder, None)

    def make_room(self, error: OSError) -> bool:
        """Close some holders' files, where `error` says that no file can be opened: there are more others than thought.

        Whether it did, and what was refused may be tried again.
        """
        if error.errno not in OUT_OF_FILES or not self._holders:
            return False
        for _ in range(min(HOLDERS_TO_CLOSE, len(self._holders))):
            holder, _ = self._holders.popitem()
            holder.close()
        self._at_most = len(self._holders)
        _log.warning("files_scarce", reason=str(error), instances_with_open_files=self._at_most)
        return True

    def with_room_for(self, look: Callable[[], Found]) -> Found:
        """What `look` returns; done once more with room made for it, where it could open no file."""
        try:
            return look()
        except OSError as error:
            if not self.make_room(error):
                raise
        return look()
