"""What billing needs: usage stays until its month is charged, posted, and cannot be on an invoice any more."""

from datetime import UTC, datetime

import pytest
from tests.integration.billing.conftest import CURRENCY, World, stated_world
from tests.integration.owning import owning

from fogbank.billing.component import open_billing
from fogbank.billing.service.charging import ChargingService
from fogbank.billing.service.needs import NeedsService
from fogbank.billing.service.price_books import publish, read_price_book
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.component import Component, Health
from fogbank.runtime.embedded import NatsServer, PostgresServer
from fogbank.runtime.problems import Problem

JULY, AUGUST = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
FORGET_POSTED = """
    ALTER TABLE billing.charges DISABLE TRIGGER USER;
    UPDATE billing.charges SET posted_at = NULL, transfer_id = NULL WHERE month_start_at = '2026-07-01Z';
    ALTER TABLE billing.charges ENABLE TRIGGER USER;
"""


async def test_the_month_before_is_needed_and_older_ones_until_they_are_charged_and_posted(
    postgres: PostgresServer, nats: NatsServer
) -> None:
    async with stated_world(postgres, nats, "billing_needs") as world:
        books = await publish(world.database, read_price_book(None, CURRENCY), world.clock())
        charging = ChargingService(world.database, world.usage, world.ledger, books, world.clock)
        needs = NeedsService(world.database, world.usage, world.clock)
        assert await needs.needed_from() == OCTOBER
        world.stated.state("org_late", AUGUST, cpu_seconds="3600")
        assert await needs.needed_from() == AUGUST, "usage moved that is not charged yet"
        await charging.settle_up()
        assert await needs.needed_from() == OCTOBER
        world.stated.state("org_late", JULY, cpu_seconds="3600")
        await charging.settle_up()
        await forget_that_july_was_posted(world)
        assert await needs.needed_from() == JULY, "a charge is written and not posted"
        await charging.settle_up()
        assert await needs.needed_from() == OCTOBER


async def test_services_ask_and_for_others_the_route_is_not_there(postgres: PostgresServer, nats: NatsServer) -> None:
    async with (
        stated_world(postgres, nats, "billing_needs_asked") as world,
        open_billing(
            database=world.database,
            usage=world.usage,
            ledger=world.ledger,
            compute=world.compute,
            queue=world.queue,
            clock=world.clock,
            interval_seconds=60,
            price_book_path=None,
            currency=CURRENCY,
        ) as billing,
    ):
        world.serve(billing, Component("usage", Health(world.clock), routers=[world.stated.routes()]))
        assert await world.billing().needed_from() == OCTOBER
        with pytest.raises(Problem) as refused:
            await world.billing(Caller("admin", CallerKind.USER, is_administrator=True)).needed_from()
        assert refused.value.status == 404


async def forget_that_july_was_posted(world: World) -> None:
    """As a crash leaves it between posting a charge and noting that."""
    async with owning(world.database) as connection:
        await connection.execute(FORGET_POSTED)
