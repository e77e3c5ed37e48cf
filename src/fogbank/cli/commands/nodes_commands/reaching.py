"""Reaching nodes and placements in the running system, as the service that the command line is."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx

from fogbank.accounts.client import ServiceToken
from fogbank.cli.options import settings_of_running
from fogbank.compute.client import NodesClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.secret_files import service_secret

OPERATOR = "cli"
"""The name by which the command line signs in to accounts, and by which the activity log knows it."""
ANSWER_SECONDS = 60.0

T = TypeVar("T")


def asked(data: Path | None, ask: Callable[[NodesClient], Awaitable[T]]) -> T:
    """What the system that runs in the data directory answers."""
    return told_where(data, ask)[0]


def told_where(data: Path | None, ask: Callable[[NodesClient], Awaitable[T]]) -> tuple[T, str]:
    """The same, and the URL by which others reach that system."""
    settings = settings_of_running(data)[0].settings

    async def answer() -> T:
        async with httpx.AsyncClient(base_url=settings.services.url, timeout=ANSWER_SECONDS) as http:
            token = ServiceToken(http, OPERATOR, service_secret(settings.data / "secrets", OPERATOR), now_utc)
            return await ask(NodesClient(ServiceHttp(http, token)))

    return asyncio.run(answer()), settings.public_url
