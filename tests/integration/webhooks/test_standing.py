"""Webhooks of an account that is suspended or closed pause: they get nothing until it is served again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio
from tests.integration.webhooks.conftest import Badges, World
from tests.integration.webhooks.test_metrics import Usage, sent, usage

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.client import NotServed, Status
from fogbank.accounts.client.organizations import StandingsClient
from fogbank.accounts.organizations.standing.api import standing_routes
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.notifications.webhooks.metrics import Metrics
from fogbank.notifications.webhooks.queueing import Queueing
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Component, Health
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app

__all__ = ["usage"]

OPERATOR = Caller("cli", CallerKind.SERVICE)
ORGANIZATION = "INSERT INTO accounts.organizations (id, name, created_at) VALUES (%s, 'Pausing', now())"


@dataclass
class Accounts:
    """The standings of accounts, as their own component keeps them."""

    standings: Standings
    client: StandingsClient


@pytest_asyncio.fixture
async def kept(world: World) -> AsyncIterator[Accounts]:
    standings = Standings(world.database, Recorder(now_utc, system_entropy), now_utc)
    component = Component("accounts", Health(now_utc), routers=[standing_routes(standings)])
    app = create_app(title="accounts", components=[component], authenticator=Badges(), clock=now_utc)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as http:
        yield Accounts(standings, StandingsClient(ServiceHttp(http).as_caller("portal")))


async def test_a_suspended_account_gets_no_current_usage_until_it_is_restored(
    world: World,
    usage: Usage,
    kept: Accounts,
) -> None:
    org_id = "org_pausing"
    async with world.database.connection() as connection:
        await connection.execute(ORGANIZATION, [org_id])
    await usage.report("node-pausing", ("vm-pausing", "user_ann", org_id))
    await world.webhook("/pausing", who="root", org_id=org_id, event_types=["metrics"], reason="test")
    metrics = Metrics(world.database, Queueing(world.clock, system_entropy), usage.client, 30, NotServed(kept.client))
    got = []
    for status in (Status.SUSPENDED, Status.ACTIVE):
        await kept.standings.put(OPERATOR, org_id, status, "")
        await metrics.round(world.clock())
        while await world.send_due():
            pass
        got.append(len(sent(world, "/pausing")))
    assert got == [0, 1]
