"""The ledger, wired: its writer, its routes, its jobs and its health."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.accounts.ledger.api.acts import Acts
from fogbank.accounts.ledger.api.charging import charging_routes
from fogbank.accounts.ledger.api.crediting import crediting_routes
from fogbank.accounts.ledger.api.deducting import deducting_routes
from fogbank.accounts.ledger.api.holding import holding_routes
from fogbank.accounts.ledger.api.mending import mending_routes
from fogbank.accounts.ledger.api.reading import account_routes, balance_routes
from fogbank.accounts.ledger.client import ACCOUNTS_PATH, LEDGER_PATH
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health, PeriodicJob
from fogbank.runtime.database import Database

BATCH_BYTES_MAX = 16 * 1024 * 1024
BATCHES = (
    f"{LEDGER_PATH}/charges",
    f"{LEDGER_PATH}/deductions:batch",
    f"{ACCOUNTS_PATH}/{{account_id}}/deduct:batch",
)
EACH_MINUTE = "* * * * *"


@asynccontextmanager
async def open_ledger(*, database: Database, clock: Clock, currency: str) -> AsyncIterator[Component]:
    """The ledger on `database`, in one `currency`. It posts while its task runs; the pool needs two connections."""
    health = Health(clock)
    writer = Writer(database, clock, health)
    expiring = Expiring(database, writer, clock)
    service = LedgerService(database, writer, clock, currency)
    acts = Acts(service)
    yield Component(
        name="ledger",
        health=health,
        routers=[
            deducting_routes(acts),
            balance_routes(service),
            charging_routes(service),
            account_routes(service),
            crediting_routes(acts),
            mending_routes(acts),
            holding_routes(acts),
        ],
        tasks=[BackgroundTask("post to the ledger", writer.run)],
        jobs=[
            PeriodicJob("ledger.expire_holds", EACH_MINUTE, expiring.expire_holds),
            PeriodicJob("ledger.expire_grants", EACH_MINUTE, expiring.expire_grants),
        ],
        large_bodies=dict.fromkeys(BATCHES, BATCH_BYTES_MAX),
    )
