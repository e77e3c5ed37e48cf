"""The world of notifications: real accounts, database and mail server; notifications in memory; a moved clock."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock
from tests.integration.notifications.postbox import Postbox, running_postbox

from fogbank.accounts.client import AccountsClient, OrganizationView, ServiceToken, UserView
from fogbank.accounts.component import local_authenticator, open_accounts
from fogbank.compute.client import ComputeClient
from fogbank.events.signals import Signal, SignalType
from fogbank.notifications.client import NotificationsClient
from fogbank.notifications.component import Terms, open_notifications
from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.mail.links import Links
from fogbank.notifications.mail.mailer import mailer
from fogbank.notifications.mail.sending import Sending
from fogbank.notifications.mail.server import MailServer
from fogbank.notifications.notifying import Notifying
from fogbank.notifications.store.emails import Email
from fogbank.queue.client import QueueClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.ports import LOOPBACK
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import WebhooksSettings

PASSWORD = "correct horse battery"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
PUBLIC_URL = "https://fog.example.com"
SENDER = Sender.of("Fogbank <billing@example.com>")
PER_HOUR = 4


@dataclass(frozen=True)
class Someone:
    """A user of the tests, who signs in for whatever they do, since the clock is moved by days."""

    id: str
    email: str
    notifications: NotificationsClient
    http: ServiceHttp


@dataclass(frozen=True)
class World:
    """What tests hold in their hands."""

    http: httpx.AsyncClient
    accounts: AccountsClient
    database: Database
    queue: QueueClient
    clock: MovingClock
    secrets: Path
    notifying: Notifying
    numbers: "count[int]" = field(default_factory=count)

    async def someone(self, *, name: str = "Ann") -> Someone:
        """A new user."""
        email = f"told{next(self.numbers)}@example.org"
        body = {"email": email, "name": name, "password": PASSWORD}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)

        async def token() -> str:
            session = await self.accounts.sign_in(email, PASSWORD, "192.0.2.1")
            return (await self.accounts.token_for_session(session.session_token)).access_token

        http = ServiceHttp(self.http, token)
        return Someone(user.id, email, NotificationsClient(http), http)

    async def organization(self, owner: Someone, **roles: Someone) -> str:
        """A new organisation of `owner`, with one more member for each role that is named."""
        made = await owner.http.post("/api/v1/organizations", {"name": "Acme"}, as_=OrganizationView)
        for role, member in roles.items():
            path = f"/api/v1/organizations/{made.id}/members/{member.id}"
            await self.accounts.service.put(path, {"role": role}, as_=dict)
        return made.id

    async def set_status(self, someone: Someone, status: str) -> None:
        """Suspend somebody, or take them back."""
        service = self.accounts.service
        assert service.token is not None
        headers = {"authorization": f"Bearer {await service.token()}"}
        answer = await self.http.patch(f"/api/v1/users/{someone.id}", json={"status": status}, headers=headers)
        assert answer.status_code == 200

    def signal(
        self, account_id: str, signal_type: SignalType = SignalType.BALANCE_LOW, signal_id: str = "", **data: str
    ) -> Signal:
        """A signal of now that nobody has told before."""
        return Signal(
            type=signal_type,
            id=signal_id or f"{signal_type}:{account_id}:{next(self.numbers)}",
            occurred_at=self.clock().isoformat(),
            account_id=account_id,
            data=data or {"available": "12.50", "per_hour": "1.20"},
        )

    async def happen(self, signal: Signal) -> Signal:
        """Follow the signal, as if it had come over the queue."""
        await self.notifying.follow(signal, self.clock())
        return signal

    def mailer(self, server: MailServer) -> Sending[Email]:
        """A mailer that sends when the test says so."""
        return mailer(self.database, server, SENDER, Links(PUBLIC_URL), clock=self.clock, per_hour_max=PER_HOUR)


@pytest_asyncio.fixture(scope="session")
async def world(database: Database, nats: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    clock, transport = MovingClock(), InMemoryTransport()
    secrets = tmp_path_factory.mktemp("secrets")
    async with AsyncExitStack() as stack:
        queue = await stack.enter_async_context(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        http = await stack.enter_async_context(in_memory_http(transport))
        component = await stack.enter_async_context(
            open_accounts(database=database, secrets=secrets, clock=clock, hasher=QUICK_HASHER)
        )
        token = ServiceToken(http, "notifications", service_secret(secrets, "notifications"), clock)
        accounts = AccountsClient(ServiceHttp(http, token))
        notifications = await stack.enter_async_context(
            open_notifications(
                database=database,
                accounts=accounts,
                compute=ComputeClient(ServiceHttp(http, token)),
                queue=queue,
                secrets=secrets,
                clock=clock,
                terms=terms(),
                mail_server=None,
            )
        )
        authenticator = local_authenticator(database=database, secrets=secrets, clock=clock)
        components = [component, notifications]
        transport.connect(create_app(title="test", components=components, authenticator=authenticator, clock=clock))
        notifying = Notifying(database, accounts, no_webhooks, clock, "EUR", sends_email=True)
        yield World(http, accounts, database, queue, clock, secrets, notifying)


def terms() -> Terms:
    return Terms(
        currency="EUR",
        sender=SENDER,
        public_url=PUBLIC_URL,
        emails_per_hour=PER_HOUR,
        days=90,
        interval_seconds=30,
        webhooks=WebhooksSettings(),
    )


async def no_webhooks(*_notice: object) -> None:
    """For a test without webhooks."""


@pytest_asyncio.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with running_postbox() as postbox:
        yield postbox


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and a client's side of TLS to loopback, which trust nobody else."""
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(directory / "certificate.pem", directory / "key.pem")
    return ours, ssl.create_default_context(cafile=str(directory / "certificate.pem"))
