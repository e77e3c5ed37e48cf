"""The world of second factors: their real routes on the real database, with sessions and a clock that tests move."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import httpx
import msgspec
import pyotp
import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from tests.clock import MovingClock
from tests.integration.factors.authenticator import SoftAuthenticator

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.factors.opening import Factors, open_factors
from fogbank.accounts.signing_in.letters import Letter, Letters
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.model import Session
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.notifications.client import NotificationsClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.component import Component, Health
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.problems import Problem
from fogbank.runtime.sealing import SealingKeys

PASSWORD = "correct horse battery"
ORIGIN = "https://fog.example.com"
QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
_numbers = count(1)


@dataclass
class KnownTokens:
    """Whom each token speaks for: finding that out is tested where tokens are made."""

    callers: dict[str, Caller] = field(default_factory=dict)

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = self.callers.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "unauthenticated", "Sign in first.")
        return caller


@dataclass(frozen=True)
class SessionRows:
    """Opens sessions as rows."""

    clock: MovingClock

    async def open_session(self, tx: Connection, user_id: str, *, method: str, address: str, agent: str) -> Session:
        number, now = next(_numbers), self.clock()
        opened = Session(f"session_{number}", f"token{number}", user_id, now + timedelta(days=14))
        await tx.execute(
            "INSERT INTO accounts.sessions"
            " (id, secret_sha256, user_id, created_at, last_seen_at, expires_at, address, agent, method)"
            " VALUES (%s, sha256(%s), %s, %s, %s, %s, %s, %s, %s)",
            [opened.id, opened.token.encode(), user_id, now, now, opened.expires_at, address, agent, method],
        )
        return opened


@dataclass(frozen=True)
class Person:
    """Somebody with a session, and with a device for passkeys."""

    id: str
    email: str
    session_id: str
    token: str
    api: FactorsClient
    device: SoftAuthenticator = field(default_factory=lambda: SoftAuthenticator(ORIGIN))


@dataclass(frozen=True)
class World:
    """What tests hold in their hands."""

    http: httpx.AsyncClient
    api: FactorsClient
    database: Database
    clock: MovingClock
    factors: Factors
    sessions: SessionRows
    tokens: KnownTokens
    sealing: SealingKeys
    hash: str

    async def person(self, *, is_administrator: bool = False) -> Person:
        """Somebody new, who has just signed in with their password."""
        number = next(_numbers)
        user_id, email = f"user_f{number}", f"factor{number}@example.org"
        async with self.database.transaction() as tx:
            await tx.execute(
                "INSERT INTO accounts.users (id, email, name, password_hash, is_administrator, created_at)"
                " VALUES (%s, %s, 'Somebody', %s, %s, %s)",
                [user_id, email, self.hash, is_administrator, self.clock()],
            )
            session = await self.sessions.open_session(tx, user_id, method="password", address="", agent="")
        caller = Caller(user_id, CallerKind.USER, is_administrator=is_administrator, session_id=session.id)
        self.tokens.callers[session.token] = caller
        return Person(user_id, email, session.id, session.token, self.api.as_caller(session.token))

    def code(self, secret: str, **later: float) -> str:
        """The code that an app with this seed shows now."""
        return pyotp.TOTP(secret).at(self.clock() + timedelta(**later))

    async def with_totp(self, person: Person) -> tuple[str, list[str]]:
        """Give them an app; its seed, and the recovery codes that came with it. Its next code is good in 30 s."""
        seed = await person.api.begin_totp()
        codes = await person.api.confirm_totp(self.code(seed.secret))
        self.clock.forward(seconds=30)
        return seed.secret, codes.recovery_codes

    async def with_passkey(self, person: Person, name: str = "laptop") -> str:
        """Give them a passkey; its id."""
        options = await person.api.begin_passkey()
        added = await person.api.add_passkey(name, person.device.create(options.public_key))
        return added.passkey.id

    async def check(self, person: Person, method: str, answer: str | Mapping[str, object]) -> bool:
        """What signing in would be told."""
        async with self.database.transaction() as tx:
            return await self.factors.factors.check(tx, person.id, method, answer)

    async def methods(self, person: Person) -> frozenset[str]:
        async with self.database.transaction() as tx:
            return await self.factors.factors.methods_of(tx, person.id)

    async def told(self, person: Person) -> list[str]:
        """What waits to be sent to them, the oldest first."""
        async with self.database.connection() as connection:
            rows = await connection.execute(
                "SELECT id, key_id, sealed FROM accounts.letters WHERE key_id = %s ORDER BY number",
                [self.sealing.present_id],
            )
            opened = [self.sealing.open(f"letter:{id_}", *sealed) for id_, *sealed in await rows.fetchall()]
        letters = [msgspec.json.decode(text, type=Letter) for text in opened]
        return [letter.data["text"] for letter in letters if letter.address == person.email]

    async def acts(self, person: Person) -> list[str]:
        """What the activity log says of their account, the oldest first."""
        async with self.database.connection() as connection:
            rows = await connection.execute(
                "SELECT action FROM accounts.activity WHERE account_id = %s ORDER BY number", [person.id]
            )
            return [str(action) for (action,) in await rows.fetchall()]


@pytest_asyncio.fixture(scope="session")
async def world(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    clock, passwords = MovingClock(), Passwords(QUICK_HASHER)
    sealing = SealingKeys.of(tmp_path_factory.mktemp("secrets"), system_entropy)
    sessions, tokens, transport = SessionRows(clock), KnownTokens(), InMemoryTransport()
    async with in_memory_http(transport) as http:
        letters = Letters(NotificationsClient(ServiceHttp(http)), sealing, clock, system_entropy)
        factors = open_factors(
            database=database,
            sealing=sealing,
            passwords=passwords,
            mailing=Mailing(ORIGIN, letters),
            recorder=Recorder(clock, system_entropy),
            public_url=ORIGIN,
            clock=clock,
            entropy=system_entropy,
        )
        component = Component("factors", Health(clock), routers=factors.routers(sessions))
        transport.connect(create_app(title="Factors", components=[component], authenticator=tokens, clock=clock))
        api = FactorsClient(ServiceHttp(http))
        yield World(http, api, database, clock, factors, sessions, tokens, sealing, await passwords.hash(PASSWORD))
