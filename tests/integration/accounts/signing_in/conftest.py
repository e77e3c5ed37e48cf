"""The world of signing in: accounts and notifications in memory on real servers, a real mail server, a moved clock."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock
from tests.integration.notifications.postbox import Postbox, running_postbox

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.client import AccountsClient, Browser, ServiceToken, SessionView, SignInClient, UserView
from fogbank.accounts.component import SERVICE_CLIENTS, local_authenticator
from fogbank.accounts.factors.opening import open_factors
from fogbank.accounts.machines.opening import machine_rooms
from fogbank.accounts.organizations.opening import organization_rooms
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.accounts.signing_in.letters import Letters
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.opening import OpenSignIn, SignInTerms, open_sign_in
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.second_factor import Answer
from fogbank.notifications.client import NotificationsClient
from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.mail.sending import Sending
from fogbank.notifications.messages.api import message_routes
from fogbank.notifications.messages.service import Messages, messenger
from fogbank.notifications.messages.store import Sealed
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "purple monkey dishwasher"
PUBLIC_URL = "https://fog.example.com"
SENDER = Sender.of("Fogbank <accounts@example.com>")
TOKEN = re.compile(r"\?token=([A-Za-z0-9_-]+)")
_numbers = count(1)
_places = count(1)


class CountingHasher(PasswordHash):
    """A quick argon2id that counts what it is asked."""

    def __init__(self) -> None:
        super().__init__((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        self.hashed = 0
        self.checked = 0

    def hash(self, *arguments: Any, **more: Any) -> str:
        self.hashed += 1
        return super().hash(*arguments, **more)

    def verify_and_update(self, *arguments: Any, **more: Any) -> tuple[bool, str | None]:
        self.checked += 1
        return super().verify_and_update(*arguments, **more)


@dataclass
class CodesByHeart:
    """Second factors of those who are in here: each one's code."""

    codes: dict[str, str] = field(default_factory=dict)

    async def methods_of(self, _tx: Connection, user_id: str) -> frozenset[str]:
        return frozenset({"totp"}) if user_id in self.codes else frozenset()

    async def check(self, _tx: Connection, user_id: str, _method: str, answer: Answer) -> bool:
        return self.codes.get(user_id) == answer


@dataclass(frozen=True)
class Someone:
    """A user, signed in."""

    id: str
    email: str
    session: SessionView
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class World:
    """What tests hold in their hands."""

    http: httpx.AsyncClient
    accounts: AccountsClient
    door: SignInClient
    opened: OpenSignIn
    sending: Sending[Sealed] | None
    postbox: Postbox
    clock: MovingClock
    database: Database
    hasher: CountingHasher
    factors: CodesByHeart

    def browser(self, device_token: str | None = None) -> Browser:
        """One that nobody has seen yet, from a network of its own."""
        number = next(_places)
        return Browser(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", "Firefox/1", device_token)

    def new_address(self) -> str:
        return f"ann{next(_numbers)}@mail.example"

    async def someone(self, *, is_administrator: bool = False) -> Someone:
        """A new user, signed in."""
        email = self.new_address()
        body = {"email": email, "name": "Somebody", "password": PASSWORD}
        user = await self.accounts.service.post("/api/v1/users", body, as_=UserView)
        if is_administrator:
            change = {"is_administrator": True}
            await self.accounts.service.patch(f"/api/v1/users/{user.id}", change, as_=UserView)
        return await self.enter(email)

    async def enter(self, email: str, password: str = PASSWORD) -> Someone:
        session = await self.door.by_password(email, password, self.browser())
        return await self.holding(session, email)

    async def holding(self, session: SessionView, email: str = "") -> Someone:
        token = await self.accounts.token_for_session(session.session_token)
        return Someone(session.user_id, email, session, token.access_token)

    async def is_open(self, session: SessionView) -> bool:
        body = {"grant_type": "session", "session_token": session.session_token}
        return (await self.http.post("/api/v1/auth/token", json=body)).status_code == 200

    async def delivered(self) -> None:
        """Everything that waits to be sent is sent."""
        assert self.opened.mailing.letters is not None
        assert self.sending is not None
        while await self.opened.mailing.letters.send_one(self.database):  # one by one, so that they come in their order
            await self.sending.send_due()
        await self.sending.send_due()

    async def subjects(self, address: str) -> list[str]:
        """What came to an address, the oldest first."""
        await self.delivered()
        return [str(email["Subject"]) for email in self.postbox.came[address]]

    async def token_mailed_to(self, address: str) -> str:
        """The token of the newest e-mail to an address that has one."""
        await self.delivered()
        tokens = []
        for email in self.postbox.came[address]:
            body = email.get_body(("plain",))
            tokens += TOKEN.findall(body.get_content()) if body is not None else []
        return str(tokens[-1])

    async def letters(self) -> int:
        """How many wait, those to nobody too."""
        async with self.database.connection() as connection:
            [(waiting,)] = await (await connection.execute("SELECT count(*) FROM accounts.letters")).fetchall()
        return int(waiting)

    async def acts_of(self, account_id: str) -> list[str]:
        """What the activity log has of an account, the oldest first."""
        async with self.database.connection() as connection:
            rows = await connection.execute(
                "SELECT action FROM accounts.activity WHERE account_id = %s ORDER BY number", [account_id]
            )
            return [action for (action,) in await rows.fetchall()]


@pytest_asyncio.fixture(scope="session")
async def postbox() -> AsyncIterator[Postbox]:
    async with running_postbox() as postbox:
        yield postbox


@pytest_asyncio.fixture(scope="session")
async def world(database: Database, postbox: Postbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with a_world(database, postbox, tmp_path_factory.mktemp("secrets"), SignInTerms(sign_up="open")) as world:
        yield world


@asynccontextmanager
async def a_world(
    database: Database, postbox: Postbox, secrets: Path, terms: SignInTerms, *, has_mail: bool = True
) -> AsyncIterator[World]:
    """A world of its own, with the mail server or without."""
    clock, hasher, factors = MovingClock(), CountingHasher(), CodesByHeart()
    recorder, transport = Recorder(clock, system_entropy), InMemoryTransport()
    sealing = SealingKeys.of(secrets, system_entropy)
    sending = None
    if has_mail:
        sending = messenger(database, postbox.server(), SENDER, PUBLIC_URL, sealing=sealing, clock=clock)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(in_memory_http(transport))
        own = ServiceHttp(http, ServiceToken(http, "accounts", service_secret(secrets, "accounts"), clock))
        notifications = NotificationsClient(own)
        mailing = Mailing(PUBLIC_URL, Letters(notifications, sealing, clock, system_entropy))
        with_proofs = open_factors(
            database=database,
            sealing=sealing,
            passwords=Passwords(hasher),
            mailing=mailing,
            recorder=recorder,
            public_url=PUBLIC_URL,
            clock=clock,
            entropy=system_entropy,
        )
        rooms = organization_rooms(
            database=database,
            recorder=recorder,
            activity=ActivityLog(database, clock),
            mailing=mailing,
            proofs=with_proofs.proofs,
            queue=None,
            clock=clock,
            entropy=system_entropy,
        )
        opened = await stack.enter_async_context(
            open_sign_in(
                database=database,
                secrets=secrets,
                passwords=Passwords(hasher),
                factors=factors,
                proofs=with_proofs.proofs,
                standings=Standings(database, recorder, clock),
                invitations=rooms.invitations,
                mailing=mailing,
                recorder=recorder,
                terms=terms,
                clock=clock,
                entropy=system_entropy,
            )
        )
        machines = machine_rooms(
            database=database,
            secrets=secrets,
            service_secrets={each: service_secret(secrets, each) for each in SERVICE_CLIENTS},
            recorder=recorder,
            sessions=opened.sign_in.sessions,
            proofs=with_proofs.proofs,
            clock=clock,
            entropy=system_entropy,
        )
        messages = Messages(database, sealing, clock, sending)
        routers = [*opened.routers, *rooms.routers, *machines.routers, message_routes(messages)]
        authenticator = local_authenticator(database=database, secrets=secrets, clock=clock)
        component = Component(name="accounts", health=Health(clock), routers=routers)
        transport.connect(create_app(title="test", components=[component], authenticator=authenticator, clock=clock))
        service = ServiceHttp(http, ServiceToken(http, "portal", service_secret(secrets, "portal"), clock))
        yield World(
            http=http,
            accounts=AccountsClient(service),
            door=SignInClient(service),
            opened=opened,
            sending=sending,
            postbox=postbox,
            clock=clock,
            database=database,
            hasher=hasher,
            factors=factors,
        )
