"""The world of mending: usage's own, beside a real accounts with its activity log."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest_asyncio
from tests.integration.usage.conftest import CallersByToken, SetClock, World

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.component import open_accounts
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.usage.client.mending import MendingClient
from fogbank.usage.component import open_usage

USAGE = Caller("usage", CallerKind.SERVICE)
ADMINISTRATOR = Caller("user_admin", CallerKind.USER, is_administrator=True)


@dataclass(slots=True)
class MendingWorld(World):
    """What tests touch."""

    mending: MendingClient = None  # type: ignore[assignment]
    accounts: AccountsClient = None  # type: ignore[assignment]

    def as_caller(self, caller: Caller) -> MendingClient:
        self.authenticator.callers[caller.id] = caller
        return self.mending.as_caller(caller.id)


@pytest_asyncio.fixture(scope="package")
async def world(database: Database) -> AsyncIterator[MendingWorld]:
    async with AsyncExitStack() as stack:
        clock, authenticator, transport = SetClock(), CallersByToken(), InMemoryTransport()
        data_dir = stack.enter_context(temporary_directory())
        nats = await stack.enter_async_context(running_nats(data_dir))
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        http = await stack.enter_async_context(in_memory_http(transport))
        authenticator.callers.update({USAGE.id: USAGE, ADMINISTRATOR.id: ADMINISTRATOR})
        log = AccountsClient(ServiceHttp(http).as_caller(USAGE.id))
        accounts = await stack.enter_async_context(
            open_accounts(database=database, secrets=data_dir / "secrets", clock=clock)
        )
        usage = await stack.enter_async_context(
            open_usage(
                queue=queue,
                dsn=f"chdb://{data_dir}/usage",
                clock=clock,
                rollup_interval_seconds=0.1,
                activity=log,
            )
        )
        transport.connect(
            create_app(title="mending", components=[usage, accounts], authenticator=authenticator, clock=clock)
        )
        await stack.enter_async_context(running_tasks([usage]))
        mending = MendingClient(ServiceHttp(http).as_caller(ADMINISTRATOR.id))
        yield MendingWorld(queue, http, authenticator, usage, clock, nats, 0, mending, log)
