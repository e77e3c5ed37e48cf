"""The real portal over a stand-in, served on loopback as `runtime.http.serve` does."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from socket import socket
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from tests.e2e.portal.stand_in.app import stand_in
from tests.e2e.portal.world import World

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.component import open_portal
from fogbank.runtime.auth import Caller
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.serve import base_url
from fogbank.runtime.ports import bound_socket
from fogbank.runtime.problems import Problem
from fogbank.usage.client import UsageClient


class _Nobody:
    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        raise Problem(401, "unauthenticated", f"The portal asks with sessions, not with {len(headers)} headers.")


@asynccontextmanager
async def running_portal(world: World) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The portal over a stand-in of `world`, served on loopback; gives its URL, and the event that stops it."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(stand_in(world)), base_url="http://stand-in")
    service = ServiceHttp(http)

    def clock() -> datetime:
        return world.now

    async with (
        http,
        open_portal(
            accounts=AccountsClient(service),
            ledger=LedgerClient(service),
            usage=UsageClient(service),
            billing=BillingClient(service),
            compute=ComputeClient(service),
            thresholds=ThresholdsClient(service),
            notifications=NotificationsClient(service),
            webhooks=WebhooksClient(service),
            clock=clock,
            currency="EUR",
        ) as component,
    ):
        app = create_app(title="Portal", components=[component], authenticator=_Nobody(), clock=clock)
        async with served(app, bound_socket("127.0.0.1", 0)) as url:
            yield url, app.state.stopping


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@asynccontextmanager
async def served(app: FastAPI, listener: socket) -> AsyncIterator[str]:
    """The app, on that socket of the loopback; its URL."""
    server = _Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    # As runtime.http.serve does, but without signal handlers, which belong to pytest.
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    await server.is_up.wait()
    try:
        yield base_url(listener)
    finally:
        app.state.stopping.set()
        server.should_exit = True
        await serving
