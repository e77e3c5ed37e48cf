"""Somebody else's server: a real one on loopback, which answers, fails, hangs, drips and redirects as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps what it gets; answers by `answers` of the path, one after the other, the last one for ever."""

    port: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def at(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def got(self, path: str) -> list[Received]:
        return [each for each in self.received if each.path == path]

    async def until(self, path: str, number: int) -> list[Received]:
        """What came to `path`, as soon as there are so many."""
        async with asyncio.timeout(20), self._came:
            await self._came.wait_for(lambda: len(self.got(path)) >= number)
        return self.got(path)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        serving = asyncio.create_task(self.serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def stop(self) -> None:
        """Hang up on everybody."""
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read(reader)
            answers = self.answers.get(request.path, [status(204)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            async with self._came:
                self.received.append(request)
                self._came.notify_all()
            await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers at once; a header's name has _ for -."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {code} Whatever\r\ncontent-length: {len(body)}\r\n{lines}\r\n"
        writer.write(head.encode() + body)

    return answer


def hanging(until: asyncio.Event) -> Answer:
    """Says nothing until it is let go."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await until.wait()
        await status(200)(writer)

    return answer


async def dripping(writer: asyncio.StreamWriter) -> None:
    """A byte of the body at a time, for ever: no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless(writer: asyncio.StreamWriter) -> None:
    """A body without an end, as fast as it is taken."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def breaking_off(writer: asyncio.StreamWriter) -> None:
    """Closes in the middle of the answer."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome")


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A running receiver on a port of its own."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.accept, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.stop()
