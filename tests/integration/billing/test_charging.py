"""The charging loop: whatever happens, what was charged is the price of what was used, and the ledger has it once."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.errors import CheckViolation, InsufficientPrivilege, RestrictViolation
from tests.integration.billing.conftest import CURRENCY, NOVEMBER, World, stated_world
from tests.integration.owning import owning

from fogbank.billing.rules.price_book import canonical
from fogbank.billing.service.charging import ChargingService, Pass
from fogbank.billing.service.price_books import PriceBooks, publish, read_price_book
from fogbank.billing.store import charges as store
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.quantities import Quantity
from fogbank.runtime.embedded import NatsServer, PostgresServer
from fogbank.runtime.problems import Problem

HOUR = 3600
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
CHARGES_PATH = "/api/v1/ledger/charges"


async def default_books(world: World) -> PriceBooks:
    return await publish(world.database, read_price_book(None, CURRENCY), world.clock())


async def charging(world: World) -> ChargingService:
    """A billing process that starts now."""
    return ChargingService(world.database, world.usage, world.ledger, await default_books(world), world.clock)


async def owed(world: World, account_id: str) -> str:
    """What the account was charged, by the ledger: it never paid anything in, so all of it is arrears."""
    return (await world.ledger.balance(account_id)).arrears


async def charges_of(world: World, account_id: str) -> list[tuple[str, int, int, bool]]:
    """Meter, revision, micro-credits and whether it is posted, oldest first."""
    async with world.database.connection() as connection:
        stored = await store.charges_of(connection, AccountId(account_id), 2**62, 1000)
    return [
        (each.charge.key.meter, each.charge.revision, each.charge.amount_micros, each.posted_at is not None)
        for each in reversed(stored)
    ]


async def test_usage_is_charged_as_it_grows_and_refunded_as_it_falls(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    for hours in (1, 3, 2):
        world.stated.state(account, cpu_seconds=str(hours * HOUR))
        await service.settle_up()
    assert await charges_of(world, account) == [
        ("cpu_seconds", 1, 36_000, True),
        ("cpu_seconds", 2, 72_000, True),
        ("cpu_seconds", 3, -36_000, True),
    ]
    assert await owed(world, account) == "0.072"


async def test_a_pass_that_finds_nothing_new_writes_nothing(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    world.stated.state(account, gpu_seconds="7200", network_ingress_mb="5000000")
    await service.settle_up()
    async with world.database.connection() as connection:
        assert await store.cursor(connection) == world.stated.cursor
    assert await service.settle_up() == Pass(written=0, posted=0, refused=0)
    assert await charges_of(world, account) == [("gpu_seconds", 1, 3_600_000, True)]


async def test_months_and_accounts_are_charged_apart(world: World) -> None:
    first, second, service = world.new_account(), world.new_account(), await charging(world)
    october = datetime(2026, 10, 1, tzinfo=UTC)
    for account in (first, second):
        world.stated.state(account, network_egress_mb="20000")
        world.stated.state(account, october, network_egress_mb="20000")
    await service.settle_up()
    # 10 GB are free in each month; the next 10 cost 0.05 each.
    assert await owed(world, first) == await owed(world, second) == "1.00"


async def test_revisions_that_a_crash_left_unposted_are_posted_by_the_next_process(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    world.stated.state(account, gpu_seconds="3600")
    await service._write_changes()  # …and the process is gone
    assert await charges_of(world, account) == [("gpu_seconds", 1, 1_800_000, False)]
    assert await owed(world, account) == "0.00"
    await (await charging(world)).settle_up()
    assert await charges_of(world, account) == [("gpu_seconds", 1, 1_800_000, True)]
    assert await owed(world, account) == "1.80"


async def test_a_post_whose_answer_was_lost_is_posted_again_and_charged_once(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    world.stated.state(account, gpu_seconds="3600")
    with world.wire.losing_answers_of(CHARGES_PATH), pytest.raises(Problem):
        await service.settle_up()
    assert await owed(world, account) == "1.80", "the ledger has it"
    assert await charges_of(world, account) == [("gpu_seconds", 1, 1_800_000, False)], "and we do not know"
    await (await charging(world)).settle_up()
    assert await charges_of(world, account) == [("gpu_seconds", 1, 1_800_000, True)]
    assert await owed(world, account) == "1.80"


async def test_the_cursor_and_the_revisions_stand_or_fall_together(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    await service.settle_up()
    world.stated.state(account, gpu_seconds="3600")
    async with owning(world.database) as connection:
        before = await store.cursor(connection)
        await connection.execute(REFUSE_ACCOUNT.format(sql.Literal(account)))
        with pytest.raises(CheckViolation):
            await service.settle_up()
        await connection.execute("ALTER TABLE billing.charges DROP CONSTRAINT refuses")
        assert await store.cursor(connection) == before
    await service.settle_up()
    assert await owed(world, account) == "1.80"


REFUSE_ACCOUNT = sql.SQL("ALTER TABLE billing.charges ADD CONSTRAINT refuses CHECK (account_id <> {}) NOT VALID")


async def test_many_processes_at_once_charge_once(world: World) -> None:
    accounts = [world.new_account() for _ in range(20)]
    services = [await charging(world) for _ in range(4)]
    for hours in (1, 2):
        for account in accounts:
            world.stated.state(account, gpu_seconds=str(hours * HOUR))
        await asyncio.gather(*(service.settle_up() for service in services))
    await services[0].settle_up()
    assert [await owed(world, account) for account in accounts] == ["3.60"] * 20


async def test_a_process_that_starts_compares_all_there_is(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    world.stated.state(account, gpu_seconds="7200")
    await service.settle_up()
    revision, _ = world.stated.totals[account, NOVEMBER]
    world.stated.totals[account, NOVEMBER] = revision, {"gpu_seconds": "3600"}
    await service.settle_up()
    assert await owed(world, account) == "3.60", "nothing said that it moved"
    await (await charging(world)).settle_up()
    assert await owed(world, account) == "1.80"


async def test_a_charge_that_the_ledger_refuses_waits_and_holds_up_no_other(world: World) -> None:
    service = await charging(world)
    refused, accepted = f"{world.new_account()}/not-an-id", world.new_account()
    for account in (refused, accepted):
        world.stated.state(account, gpu_seconds="3600")
    assert await service.settle_up() == Pass(written=2, posted=1, refused=1)
    assert await owed(world, accepted) == "1.80"
    assert await service.settle_up() == Pass(written=0, posted=0, refused=1)
    world.stated.state(refused)
    await service.settle_up()


async def test_charges_are_never_rewritten_and_posted_once(world: World) -> None:
    account, service = world.new_account(), await charging(world)
    world.stated.state(account, gpu_seconds="3600")
    await service.settle_up()
    for statement in (
        "UPDATE billing.charges SET amount_micros = 1",
        "DELETE FROM billing.charges",
        "TRUNCATE billing.charges",
        "UPDATE billing.charges SET posted_at = NULL, transfer_id = NULL",
        "UPDATE billing.price_books SET currency = 'USD'",
    ):
        async with owning(world.database) as owner:
            with pytest.raises(RestrictViolation):
                await owner.execute(statement)
        async with world.database.connection() as connection:
            with pytest.raises((InsufficientPrivilege, RestrictViolation)):
                await connection.execute(statement)


VOLUME = {
    "meter": "cpu_seconds",
    "unit": "CPU-hour",
    "model": "volume",
    "tiers": [{"up_to": "10", "unit_price": "1"}, {"unit_price": "0.5"}],
}


async def test_a_volume_price_is_charged_when_its_month_ends_and_follows_what_comes_late(
    postgres: PostgresServer, nats: NatsServer
) -> None:
    lines = [VOLUME, *read_price_book(None, CURRENCY)["lines"][1:]]
    async with stated_world(postgres, nats, "billing_volume") as world:
        books = await publish(world.database, canonical({"lines": lines}, CURRENCY), world.clock())
        service = ChargingService(world.database, world.usage, world.ledger, books, world.clock)
        account = world.new_account()
        world.stated.state(account, cpu_seconds=str(8 * HOUR))
        await service.settle_up()
        assert await owed(world, account) == "0.00"
        world.clock.now = DECEMBER
        await service.settle_up()
        assert await owed(world, account) == "8.00"
        world.stated.state(account, cpu_seconds=str(12 * HOUR))
        await service.settle_up()
        assert await owed(world, account) == "6.00"


class Step(StrEnum):
    """What happens to the charging loop."""

    WHOLE_PASS = "whole pass"
    CRASH_BEFORE_POSTING = "crash before posting"
    CRASH_BEFORE_NOTING = "crash before noting"
    NOTHING = "nothing"


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10**7), st.sampled_from(Step)), min_size=1, max_size=8),
)
@settings(max_examples=25, deadline=None)
async def test_through_any_crashes_the_ledger_ends_with_the_price_of_what_was_used(
    world: World, happens: list[tuple[int, int, Step]]
) -> None:
    accounts = [world.new_account() for _ in range(3)]
    used = dict.fromkeys(accounts, 0)
    service = await charging(world)
    for index, megabytes, step in happens:
        used[accounts[index]] = megabytes
        world.stated.state(accounts[index], network_egress_mb=str(megabytes))
        match step:
            case Step.WHOLE_PASS:
                await service.settle_up()
            case Step.CRASH_BEFORE_POSTING:
                await service._write_changes()
                service = await charging(world)
            case Step.CRASH_BEFORE_NOTING:
                await crash_before_noting(world, service)
                service = await charging(world)
            case Step.NOTHING:
                pass
    await service.settle_up()
    rate = (await default_books(world)).pricing(NOVEMBER).lines[Meter.NETWORK_EGRESS_MB].rate
    for account in accounts:
        price = rate.cost_micros(Quantity(used[account] * 1_000_000))
        assert await owed(world, account) == credits_from_micros(price)


async def crash_before_noting(world: World, service: ChargingService) -> None:
    """A pass that posts, and is gone before it knows."""
    with world.wire.losing_answers_of(CHARGES_PATH), suppress(Problem):
        await service.settle_up()
