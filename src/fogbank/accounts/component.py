"""Identity, wired: its routes and the work beside them. The ledger is a component of its own, in `ledger/`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pwdlib import PasswordHash

from fogbank.accounts.activity.api import activity_routes
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.factors.opening import open_factors
from fogbank.accounts.instances.api import setup_routes
from fogbank.accounts.instances.setup import Setup
from fogbank.accounts.machines.opening import (
    SIGNING_KEY_DAYS,
    local_authenticator,
    local_credentials,
    machine_rooms,
)
from fogbank.accounts.oidc.opening import OidcTerms, open_oidc
from fogbank.accounts.organizations.opening import organization_rooms
from fogbank.accounts.signing_in.letters import Letters
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.opening import SignInTerms, open_sign_in
from fogbank.accounts.signing_in.passwords import Passwords, argon2id
from fogbank.notifications.client import NotificationsClient
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy, system_entropy
from fogbank.runtime.sealing import SealingKeys
from fogbank.runtime.secret_files import service_secret

__all__ = ["local_authenticator", "local_credentials", "open_accounts"]

SERVICE_CLIENTS = (
    "accounts",
    "agent",
    "audit",
    "billing",
    "cli",
    "compute",
    "notifications",
    "portal",
    "queue",
    "simulate",
    "usage",
)
"""Who gets tokens by a secret of their own."""

SIGN_IN_TERMS = SignInTerms()
OIDC_TERMS = OidcTerms()
CHECK_SECONDS = 10
HOURLY = "17 * * * *"


@asynccontextmanager
async def open_accounts(
    *,
    database: Database,
    secrets: Path,
    clock: Clock,
    entropy: Entropy = system_entropy,
    hasher: PasswordHash | None = None,
    notifications: NotificationsClient | None = None,
    public_url: str = "http://localhost:8080",
    queue: QueueClient | None = None,
    terms: SignInTerms = SIGN_IN_TERMS,
    signing_key_days: int = SIGNING_KEY_DAYS,
    oidc_terms: OidcTerms = OIDC_TERMS,
) -> AsyncIterator[Component]:
    """Identity on `database`; the signing keys and the services' secrets live in the directory `secrets`.

    `hasher` is argon2id at its recommended cost unless given. E-mails go by `notifications`, with links to the portal
    at `public_url`; what becomes of accounts is told on `queue`. `terms` say how people sign in, `oidc_terms` which
    issuers may be asked.
    """
    health, sealing = Health(clock), SealingKeys.of(secrets, entropy)
    passwords, recorder = Passwords(hasher or argon2id()), Recorder(clock, entropy)
    letters = None if notifications is None else Letters(notifications, sealing, clock, entropy)
    activity, mailing = ActivityLog(database, clock), Mailing(public_url, letters)
    factors = open_factors(
        database=database,
        sealing=sealing,
        passwords=passwords,
        mailing=mailing,
        recorder=recorder,
        public_url=public_url,
        clock=clock,
        entropy=entropy,
    )
    rooms = organization_rooms(
        database=database,
        recorder=recorder,
        activity=activity,
        mailing=mailing,
        proofs=factors.proofs,
        queue=queue,
        clock=clock,
        entropy=entropy,
    )
    async with (
        open_sign_in(
            database=database,
            secrets=secrets,
            passwords=passwords,
            factors=factors.factors,
            proofs=factors.proofs,
            standings=rooms.standings,
            invitations=rooms.invitations,
            mailing=mailing,
            recorder=recorder,
            terms=terms,
            clock=clock,
            entropy=entropy,
        ) as people,
        open_oidc(
            database=database,
            sealing=sealing,
            sign_in=people.sign_in,
            proofs=factors.proofs,
            recorder=recorder,
            public_url=public_url,
            terms=oidc_terms,
            clock=clock,
            entropy=entropy,
        ) as oidc,
    ):
        machines = machine_rooms(
            database=database,
            secrets=secrets,
            service_secrets={service_id: service_secret(secrets, service_id) for service_id in SERVICE_CLIENTS},
            recorder=recorder,
            sessions=people.sign_in.sessions,
            proofs=factors.proofs,
            signing_key_days=signing_key_days,
            clock=clock,
            entropy=entropy,
        )
        setup = Setup(database, passwords, people.sign_in, rooms.organizations, rooms.instances)
        yield Component(
            name="accounts",
            health=health,
            routers=[
                *people.routers,
                *factors.routers(people.sign_in),
                *oidc.routers,
                *rooms.routers,
                *machines.routers,
                activity_routes(activity),
                setup_routes(setup),
            ],
            tasks=[
                _database_check(database, health),
                *people.tasks,
                *rooms.tasks,
            ],
            jobs=[
                PeriodicJob("accounts.delete_ended", HOURLY, people.sign_in.delete_ended),
                PeriodicJob("accounts.delete_ended_factors", HOURLY, factors.factors.delete_ended),
                PeriodicJob("accounts.delete_ended_oidc", HOURLY, oidc.delete_ended),
                *machines.jobs,
            ],
        )


def _database_check(database: Database, health: Health) -> BackgroundTask:
    async def run() -> None:
        while True:
            async with database.connection() as connection:
                await connection.execute("SELECT 1")
            health.succeeded("the database answers")
            await asyncio.sleep(CHECK_SECONDS)

    return BackgroundTask("check the database", run)
