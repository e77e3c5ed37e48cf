"""The world of mending: usage's own, beside a real accounts with its activity log.

It is closed after each module: one process can have one embedded store at a time, and others open theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio
from tests.clock import MovingClock
from tests.integration.usage.conftest import LATER, CallersByToken, TiersTold, World

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.component import open_accounts
from fogbank.compute.client import Admission
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import running_nats, temporary_directory
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.usage.client.mending import MendingClient, ReplayView
from fogbank.usage.component import open_usage

AdmissionIn = Callable[[Path], Admission]
"""The admission of a world in that directory."""

USAGE = Caller("usage", CallerKind.SERVICE)
ADMINISTRATOR = Caller("user_admin", CallerKind.USER, is_administrator=True)


@dataclass(slots=True, kw_only=True)
class MendingWorld(World):
    """What tests touch."""

    mending: MendingClient
    accounts: AccountsClient

    def as_caller(self, caller: Caller) -> MendingClient:
        self.authenticator.callers[caller.id] = caller
        return self.mending.as_caller(caller.id)

    async def replayed(self, replay_id: str) -> ReplayView:
        """The replay once it is done."""
        while (replay := await self.mending.replay(replay_id)).state != "done":  # noqa: ASYNC110 - it does not tell
            await asyncio.sleep(0.02)
        return replay


@asynccontextmanager
async def opened_mending(
    database: Database, admission: AdmissionIn | None = None, seed: bytes | None = None
) -> AsyncIterator[MendingWorld]:
    """A world of mending; `admission` says what nodes may say in it, and what is sent again is signed by `seed`."""
    async with AsyncExitStack() as stack:
        clock, authenticator, transport = MovingClock(LATER), CallersByToken(), InMemoryTransport()
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
                admission=None if admission is None else admission(data_dir),
                batch_seed=seed,
            )
        )
        transport.connect(
            create_app(title="mending", components=[usage, accounts], authenticator=authenticator, clock=clock)
        )
        await stack.enter_async_context(running_tasks([usage]))
        while usage.health.last_success_at is None:  # noqa: ASYNC110 - health is asked for, it does not call
            await asyncio.sleep(0.02)
        mending = MendingClient(ServiceHttp(http).as_caller(ADMINISTRATOR.id))
        yield MendingWorld(
            queue=queue,
            http=http,
            authenticator=authenticator,
            component=usage,
            clock=clock,
            server=nats,
            tiers=TiersTold(),
            mending=mending,
            accounts=log,
        )


@pytest_asyncio.fixture(scope="module")
async def world(database: Database) -> AsyncIterator[MendingWorld]:
    async with opened_mending(database) as world:
        yield world
