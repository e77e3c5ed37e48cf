"""Resolving names: in threads of its own, so that a customer's slow name server keeps nobody else of ours waiting."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fogbank.kernel.networks import Address, address_of

Resolver = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Gives all addresses of a host; `NameUnknown` where it has none."""

THREADS = 16


class NameUnknown(Exception):
    """The host has no address, or nobody can say."""


@dataclass(frozen=True, slots=True)
class SystemResolver:
    """Asks as every program of this machine does."""

    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "resolve"))

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self.threads, _ask, host, port)
        except (OSError, UnicodeError) as error:
            raise NameUnknown(host) from error
        return [address for text in dict.fromkeys(found) if (address := address_of(text)) is not None]

    def close(self) -> None:
        """Take no more questions, and wait for no answers."""
        self.threads.shutdown(wait=False, cancel_futures=True)


def _ask(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
