"""The real portal over real accounts and a real ledger, on a real database; other components are not there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clock import MovingClock
from tests.e2e.portal.serving import served
from tests.integration.accounts.conftest import QUICK_HASHER

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.accounts.ledger.component import open_ledger
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.component import open_portal
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.ports import bound_socket
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret
from fogbank.usage.client import UsageClient


@dataclass(frozen=True)
class Services:
    """Where they are, at a name that browsers make passkeys for; who speaks to accounts; the clock that tests move."""

    url: str
    accounts: AccountsClient
    clock: MovingClock


@asynccontextmanager
async def running_services(database: Database, secrets: Path) -> AsyncIterator[Services]:
    clock, transport = MovingClock(), InMemoryTransport()
    listener = bound_socket("127.0.0.1", 0)
    url = f"http://localhost:{listener.getsockname()[1]}"
    async with in_memory_http(transport) as http:
        service = ServiceHttp(http, ServiceToken(http, "portal", service_secret(secrets, "portal"), clock))
        async with (
            open_accounts(
                database=database, secrets=secrets, clock=clock, hasher=QUICK_HASHER, public_url=url
            ) as accounts,
            open_ledger(database=database, clock=clock, currency="EUR") as ledger,
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
            ) as portal,
        ):
            app = create_app(
                title="Portal",
                components=[accounts, ledger, portal],
                authenticator=local_authenticator(
                    database=database, secrets=secrets, clock=clock, monotonic=lambda: clock().timestamp()
                ),
                clock=clock,
                keeping=Keeping(database, SealingKeys.of(secrets, system_entropy), clock, system_entropy),
            )
            transport.connect(app)
            async with served(app, listener):
                yield Services(url, AccountsClient(service), clock)
