"""The ledger, wired: its writer, its routes, its jobs and its health."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.accounts.ledger.api.accounts import account_routes
from fogbank.accounts.ledger.api.services import service_routes
from fogbank.accounts.ledger.client import LEDGER_PATH
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database

CHARGES_BYTES_MAX = 16 * 1024 * 1024
EACH_MINUTE = "* * * * *"


@asynccontextmanager
async def open_ledger(*, database: Database, clock: Clock, currency: str) -> AsyncIterator[Component]:
    """The ledger on `database`, in one `currency`. It posts while its task runs; the pool needs two connections."""
    health = Health(clock)
    writer = Writer(database, clock, health)
    expiring = Expiring(database, writer, clock)
    service = LedgerService(database, writer, clock, currency)
    yield Component(
        name="ledger",
        health=health,
        routers=[account_routes(service), service_routes(service)],
        tasks=[BackgroundTask("post to the ledger", writer.run)],
        jobs=[
            PeriodicJob("ledger.expire_holds", EACH_MINUTE, expiring.expire_holds),
            PeriodicJob("ledger.expire_grants", EACH_MINUTE, expiring.expire_grants),
        ],
        large_bodies={f"{LEDGER_PATH}/charges": CHARGES_BYTES_MAX},
    )
