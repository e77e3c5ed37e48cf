"""The way from one component to another in the same process: HTTP without a wire.

Components take their clients before the app that serves them exists, so the transport is made first and told the app
once it is there.
"""

import httpx
from starlette.types import ASGIApp

IN_PROCESS = "in-process"
"""Who asks, as the app sees it: no connection's address can be this."""

BASE_URL = f"http://{IN_PROCESS}"


class InMemoryTransport(httpx.AsyncBaseTransport):
    """Sends requests to the app given to `connect`; until then it answers as a server that is not up yet."""

    def __init__(self) -> None:
        self._to_app: httpx.ASGITransport | None = None

    def connect(self, app: ASGIApp) -> None:
        """From now on, requests go to `app`."""
        self._to_app = httpx.ASGITransport(app, raise_app_exceptions=False, client=(IN_PROCESS, 0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._to_app is None:
            raise httpx.ConnectError("this process is still starting", request=request)
        return await self._to_app.handle_async_request(request)


def in_memory_http(transport: InMemoryTransport) -> httpx.AsyncClient:
    """A client for `ServiceHttp` that stays in this process."""
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL)
