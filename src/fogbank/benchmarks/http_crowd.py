"""A crowd of connections that each ask for the next thing once they have their answer, at as little cost as may be."""

import asyncio
import time
from collections.abc import Iterator, Sequence


class Crowd:
    """Asks for `requests`, whole HTTP/1.1 requests as bytes, each once. Every answer must be 200."""

    def __init__(self, host: str, port: int, requests: Sequence[bytes]) -> None:
        self._host = host
        self._port = port
        self._requests = requests
        self._seconds: list[float] = []

    async def ask(self, clients: int) -> None:
        """Ask for all of them over so many connections."""
        waiting = iter(self._requests)
        loop = asyncio.get_running_loop()
        connections = [
            (await loop.create_connection(lambda: _Connection(waiting, self._seconds), self._host, self._port))[1]
            for _ in range(clients)
        ]
        for connection in connections:
            connection.ask_next()
        await asyncio.gather(*(connection.done for connection in connections))

    def percentile_ms(self, percent: int) -> float:
        """How long answers took, up to so many percent of them."""
        return round(sorted(self._seconds)[len(self._seconds) * percent // 100] * 1e3, 2)


class _Connection(asyncio.Protocol):
    """One connection, one request at a time; an answer is whole once its body has its length."""

    def __init__(self, waiting: Iterator[bytes], seconds: list[float]) -> None:
        self._waiting = waiting
        self._seconds = seconds
        self._answer = b""
        self._asked = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def ask_next(self) -> None:
        assert self._transport is not None
        request = next(self._waiting, None)
        if request is None:
            self._transport.close()
            self._finish(None)
            return
        self._asked = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end or len(body) < _length_in(head):
            return
        self._seconds.append(time.perf_counter() - self._asked)
        self._answer = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.ask_next()
        else:
            self._finish(AssertionError(f"answered {head.splitlines()[0].decode()}: {body.decode()}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc or ConnectionError("the connection was closed"))

    def _finish(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


def _length_in(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])
