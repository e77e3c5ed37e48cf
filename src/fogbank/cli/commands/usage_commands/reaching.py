"""Reaching the running system's usage process, as the service that the command line is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.queue.client import QueueClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings
from fogbank.usage.client.mending import MendingClient

OPERATOR = "cli"
"""The name by which the command line signs in to accounts, and by which the activity log knows it."""
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 300.0


@asynccontextmanager
async def usage_http(settings: Settings) -> AsyncIterator[ServiceHttp]:
    """The usage process of the running system that the settings describe."""
    async with _http(settings.usage.url) as usage, _http(settings.services.url) as services:
        yield ServiceHttp(usage, _token(services, settings))


@asynccontextmanager
async def mending_of(settings: Settings) -> AsyncIterator[MendingClient]:
    """Mending in the running system's usage process."""
    async with usage_http(settings) as http:
        yield MendingClient(http)


@asynccontextmanager
async def accounts_of(settings: Settings) -> AsyncIterator[AccountsClient]:
    """Accounts of the running system that the settings describe."""
    async with _http(settings.services.url) as services:
        yield AccountsClient(ServiceHttp(services, _token(services, settings)))


@asynccontextmanager
async def queue_of(settings: Settings) -> AsyncIterator[QueueClient]:
    """The running system's queue."""
    queue = settings.queue
    opening = QueueClient.open(queue.url, user=queue.user or None, password=queue.password or None, name=OPERATOR)
    async with opening as client:
        yield client


def _http(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS))


def _token(services: httpx.AsyncClient, settings: Settings) -> ServiceToken:
    return ServiceToken(services, OPERATOR, service_secret(settings.data / "secrets", OPERATOR), now_utc)
