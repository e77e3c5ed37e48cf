"""Reaching notifications in the running system, as the service that the command line is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from fogbank.accounts.client import ServiceToken
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings

OPERATOR = "cli"
ANSWER_SECONDS = 30.0


@asynccontextmanager
async def notifications_of(settings: Settings) -> AsyncIterator[NotificationsClient]:
    """Notifications of the running system that the settings describe."""
    async with httpx.AsyncClient(base_url=settings.services.url, timeout=ANSWER_SECONDS) as services:
        token = ServiceToken(services, OPERATOR, service_secret(settings.data / "secrets", OPERATOR), now_utc)
        yield NotificationsClient(ServiceHttp(services, token))
