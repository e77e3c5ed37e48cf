"""Serving: listens, says when it is ready, and on a signal stops cleanly, open event streams included."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request

from fogbank.runtime.http.protocol import LimitedProtocol
from fogbank.runtime.ports import LOOPBACK, bound_sockets

GRACE_SECONDS = 5
"""How long answers under way may take once we stop; then they are cut."""

BACKLOG = 2048
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

OnReady = Callable[[str], None]
"""Told the base URL once requests are answered."""


def stopping(request: Request) -> asyncio.Event:
    """Set when the process stops; an event stream waits for it too, and ends."""
    event: asyncio.Event = request.app.state.stopping
    return event


async def serve(
    app: FastAPI, *, host: str = LOOPBACK, port: int = 0, fds: Sequence[int] = (), on_ready: OnReady | None = None
) -> None:
    """Serve `app` on the sockets inherited as `fds`, else on `host` and `port`, until it is told to stop.

    SIGINT and SIGTERM tell it, and so does whoever sets `app.state.stopping`. It returns when all is stopped.
    """
    listeners = [socket.socket(fileno=fd) for fd in fds] or bound_sockets(host, port)
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        proxy_headers=False,  # the envelope reads them, and knows whom to believe
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        backlog=BACKLOG,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    await _Server(config, app.state.stopping, on_ready).serve(sockets=listeners)


def base_url(listener: socket.socket) -> str:
    """Where `listener` is reached, as an HTTP URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn, that announces itself, and that leaves the process to its caller when it has stopped."""

    def __init__(self, config: uvicorn.Config, stop: asyncio.Event, on_ready: OnReady | None) -> None:
        super().__init__(config)
        self._stop = stop
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._on_ready is not None and sockets:
            self._on_ready(base_url(sockets[0]))

    async def main_loop(self) -> None:
        waiting = asyncio.create_task(self._exit_when_told())
        try:
            await super().main_loop()
        finally:
            waiting.cancel()

    async def _exit_when_told(self) -> None:
        await self._stop.wait()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again at the end, which kills the process before it has cleaned up.
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._on_signal, number)
        try:
            yield
        finally:
            for number in STOP_SIGNALS:
                loop.remove_signal_handler(number)

    def _on_signal(self, number: signal.Signals) -> None:
        self._stop.set()
        self.handle_exit(number, None)
