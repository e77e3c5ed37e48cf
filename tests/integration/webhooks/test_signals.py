"""From a signal on the queue to a signed post, and from 410 Gone to the owner's bell: the whole component, running."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from standardwebhooks import Webhook as Verifier
from tests.integration.webhooks.conftest import SETTINGS
from tests.integration.webhooks.receiver import Receiver, status

from fogbank.accounts.client import AccountsClient, UserView
from fogbank.compute.client import ComputeClient
from fogbank.events.signals import Signal, SignalType
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.notifications.component import Terms, open_notifications
from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.webhooks import telling
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app

TERMS = Terms(
    currency="EUR",
    sender=Sender.of("Fogbank <billing@example.com>"),
    public_url="https://fog.example.com",
    emails_per_hour=6,
    days=90,
    interval_seconds=30,
    webhooks=SETTINGS,
)
_numbers = count(1)


@dataclass(frozen=True)
class Themselves:
    """Everybody is who they say they are."""

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        return Caller(headers["authorization"].removeprefix("Bearer "), CallerKind.USER)


@pytest_asyncio.fixture
async def running(
    database: Database, nats: NatsServer, accounts: AccountsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[QueueClient, ServiceHttp]]:
    """The component with its work beside the routes, on the real queue."""
    monkeypatch.setattr(telling, "LOOK_SECONDS", 0.05)
    async with (
        QueueClient.open(nats.url, user=nats.user, password=nats.password) as queue,
        httpx.AsyncClient(base_url="http://nowhere.invalid") as elsewhere,
    ):
        await queue.ensure_streams()
        async with open_notifications(
            database=database,
            accounts=accounts,
            compute=ComputeClient(ServiceHttp(elsewhere)),
            queue=queue,
            secrets=tmp_path,
            clock=now_utc,
            terms=TERMS,
            mail_server=None,
        ) as component:
            app = create_app(title="T", components=[component], authenticator=Themselves(), clock=now_utc)
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://t") as http,
            ):
                yield queue, ServiceHttp(http)


async def until(found: Any, wanted: Any) -> Any:
    """What `found` gives, as soon as it is `wanted`."""
    async with asyncio.timeout(30):
        while True:
            if wanted(answer := await found()):
                return answer
            await asyncio.sleep(0.02)


async def test_a_signal_arrives_signed_and_a_webhook_that_is_gone_rings_its_owners_bell(
    running: tuple[QueueClient, ServiceHttp], accounts: AccountsClient, receiver: Receiver
) -> None:
    queue, http = running
    body = {"email": f"hooked{next(_numbers)}@example.org", "name": "Ann", "password": "correct horse battery"}
    user = await accounts.service.post("/api/v1/users", body, as_=UserView)
    webhooks = WebhooksClient(http).as_caller(user.id)
    created = await webhooks.create(receiver.url(), ["balance_low"])
    receiver.at("/hook", status(200), status(410))
    for number in range(2):
        signal = Signal(
            type=SignalType.BALANCE_LOW,
            id=f"account.balance_low:{user.id}:{number}",
            occurred_at=now_utc().isoformat(),
            account_id=user.id,
            data={"available": "12.50", "per_hour": "1.20"},
        )
        await queue.signal(signal)
        await receiver.until("/hook", number + 1)
    request = receiver.received[0]
    sent = Verifier(created.secret).verify(request.body, request.headers)
    assert (sent["type"], sent["data"]["available"], sent["data"]["account_id"]) == ("balance_low", "12.50", user.id)
    bell = NotificationsClient(http).as_caller(user.id)
    found = await until(bell.notices, lambda page: page.notices[0].event_type == "webhook_disabled")
    assert "answered 410 Gone" in found.notices[0].text
    assert (await webhooks.webhook(created.webhook.id)).disabled_because == "gone"
