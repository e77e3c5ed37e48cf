"""Billing, wired: prices published, services built, the charging loop as a background task."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.api import BillingServices, billing_routes
from fogbank.billing.service.burning import Burning
from fogbank.billing.service.charges import ChargesService
from fogbank.billing.service.charging import ChargingService
from fogbank.billing.service.comparing import Comparing
from fogbank.billing.service.costs import CostsService
from fogbank.billing.service.credit_watch import CreditWatch
from fogbank.billing.service.credits import CreditsService
from fogbank.billing.service.figures import FiguresService
from fogbank.billing.service.needs import NeedsService
from fogbank.billing.service.payer_months import PayerMonths
from fogbank.billing.service.payer_usage import PayerUsage
from fogbank.billing.service.price_books import publish, read_price_book
from fogbank.billing.service.spending import SpendingService
from fogbank.compute.client import ComputeClient
from fogbank.queue.client import QueueClient
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import BackgroundTask, Component, Health
from fogbank.runtime.database import Database
from fogbank.usage.client import UsageClient


@asynccontextmanager
async def open_billing(
    *,
    database: Database,
    usage: UsageClient,
    ledger: LedgerClient,
    compute: ComputeClient,
    queue: QueueClient,
    clock: Clock,
    interval_seconds: float,
    price_book_path: Path | None,
    currency: str,
) -> AsyncIterator[Component]:
    """Billing over `database`; charges every `interval_seconds`.

    `price_book_path` names a price book of the operator's, None the default prices. One that cannot be used is refused
    here, before anything is charged: `PriceBookUnreadable`.
    """
    books = await publish(database, read_price_book(price_book_path, currency), clock())
    health = Health(clock)
    charging = ChargingService(database, usage, ledger, books, clock)
    services = _services(charging, compute, currency)
    loop = ChargingLoop(charging, CreditWatch(database, services.spending, queue, clock), health, interval_seconds)
    yield Component(
        name="billing",
        health=health,
        routers=billing_routes(services),
        tasks=[BackgroundTask("charging", loop.run)],
    )


def _services(charging: ChargingService, compute: ComputeClient, currency: str) -> BillingServices:
    """All services, over what the charging loop works with."""
    database, books, clock = charging.database, charging.books, charging.clock
    payer_usage = PayerUsage(charging.usage, compute)
    months = PayerMonths(database, books)
    costs = CostsService(payer_usage, months, currency)
    burning = Burning(months, payer_usage)
    return BillingServices(
        books=books,
        spending=SpendingService(database, burning, Comparing(costs), charging.ledger, clock, currency),
        costs=costs,
        charges=ChargesService(database),
        figures=FiguresService(database, charging.usage, charging, books, clock),
        needs=NeedsService(database, charging.usage, clock),
        credits=CreditsService(burning, charging.ledger, clock),
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class ChargingLoop:
    """Charges, then looks at credit, again and again. What fails is told to health and tried again by who runs it."""

    charging: ChargingService
    watch: CreditWatch
    health: Health
    interval_seconds: float

    async def run(self) -> None:
        while True:
            done = await self.charging.settle_up()
            signals = await self.watch.look()
            if done.refused:
                self.health.failed(f"the ledger refused {done.refused} charges; the log says why")
            else:
                self.health.succeeded(f"{done.posted} charges posted, {signals} signals sent")
            await asyncio.sleep(self.interval_seconds)
