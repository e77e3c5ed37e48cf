"""Identity, wired: its routes and the work beside them. The ledger is a component of its own, in `ledger/`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pwdlib import PasswordHash

from fogbank.accounts.activity.api import activity_routes
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.activity.service import ActivityLog
from fogbank.accounts.instances.api import setup_routes
from fogbank.accounts.instances.setup import Setup
from fogbank.accounts.machines.opening import local_authenticator, local_credentials, machine_rooms
from fogbank.accounts.organizations.opening import organization_rooms
from fogbank.accounts.people.api import people_routes
from fogbank.accounts.people.service import People
from fogbank.accounts.signing_in.api import sign_in_routes
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.accounts.signing_in.passwords import Passwords, argon2id
from fogbank.accounts.signing_in.service import SignIn
from fogbank.accounts.signing_in.throttle import SignInThrottle
from fogbank.notifications.client import NotificationsClient
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database
from fogbank.runtime.entropy import Entropy, system_entropy
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
    public_url: str = "",
    queue: QueueClient | None = None,
) -> AsyncIterator[Component]:
    """Identity on `database`; the signing keys and the services' secrets live in the directory `secrets`.

    `hasher` is argon2id at its recommended cost unless given. E-mails go by `notifications`, with links to the portal
    at `public_url`; what becomes of accounts is told on `queue`.
    """
    health = Health(clock)
    passwords = Passwords(hasher or argon2id())
    activity = ActivityLog(database, clock)
    rooms = organization_rooms(
        database=database,
        recorder=Recorder(clock, entropy),
        activity=activity,
        mailing=Mailing(notifications, public_url, entropy),
        queue=queue,
        clock=clock,
        entropy=entropy,
    )
    sign_in = SignIn(
        database=database,
        passwords=passwords,
        throttle=SignInThrottle(),
        clock=clock,
        entropy=entropy,
    )
    machines = machine_rooms(
        database=database,
        secrets=secrets,
        service_secrets={service_id: service_secret(secrets, service_id) for service_id in SERVICE_CLIENTS},
        recorder=Recorder(clock, entropy),
        sessions=sign_in.sessions,
        clock=clock,
        entropy=entropy,
    )
    yield Component(
        name="accounts",
        health=health,
        routers=[
            sign_in_routes(sign_in),
            people_routes(People(database, passwords, clock, entropy)),
            *rooms.routers,
            *machines.routers,
            activity_routes(activity),
            setup_routes(Setup(database, passwords, sign_in, rooms.organizations, rooms.instances)),
        ],
        tasks=[_database_check(database, health), *rooms.tasks],
        jobs=[PeriodicJob("accounts.delete_ended", HOURLY, sign_in.delete_ended), *machines.jobs],
    )


def _database_check(database: Database, health: Health) -> BackgroundTask:
    async def run() -> None:
        while True:
            async with database.connection() as connection:
                await connection.execute("SELECT 1")
            health.succeeded("the database answers")
            await asyncio.sleep(CHECK_SECONDS)

    return BackgroundTask("check the database", run)
