"""HTTP on the wire, with a limit on the head of a request: the server by itself waits for ever and keeps all of it."""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 32 * 1024
"""Of the request line and all headers together."""

HEAD_SECONDS_MAX = 10.0
"""From the connection, or from the first byte of a further request, to the end of the head."""

TOO_LARGE = (
    f"HTTP/1.1 {HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.value} Request Header Fields Too Large\r\n"
    "content-type: text/plain; charset=utf-8\r\n"
    "connection: close\r\n\r\n"
    f"The request's head is larger than {HEAD_BYTES_MAX} bytes.\n"
).encode()


class HeadTooLarge(Exception):
    """A request line and headers beyond `HEAD_BYTES_MAX`."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection."""

    _bytes = 0
    _is_in_head = True
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:  # of a header that does not end, the parser tells nothing
            self._bytes += len(data)
            if self._bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._end_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if self._bytes <= HEAD_BYTES_MAX:
            super().send_400_response(msg)
            return
        self.transport.write(TOO_LARGE)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > HEAD_BYTES_MAX:
            raise HeadTooLarge  # the parser stops, and what it failed with becomes our answer

    def _begin_head(self) -> None:
        self._bytes, self._is_in_head = 0, True
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS_MAX, self.transport.close)

    def _end_head(self) -> None:
        self._is_in_head = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
