"""Time in the ledger never goes back, though its writers' clocks do and differ: statements still add up and meet."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from tests.clock import MovingClock
from tests.integration.ledger.conftest import writing
from tests.integration.ledger.test_posting import any_operation
from tests.integration.ledger.test_reading import assert_adds_up, rarer_operation, worth
from tests.integration.ledger.worlds import audit

from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database

STEPS_MINUTES = (-180, -30, -1, 0, 0, 10, 60, 240)
BOUNDARIES = """
    SELECT posted_at FROM ledger.batches UNION SELECT expires_at FROM ledger.accounts WHERE expires_at IS NOT NULL
    ORDER BY 1
"""


@pytest.mark.parametrize("seed", range(2))
async def test_statements_add_up_and_meet_where_clocks_go_back_and_differ(
    ledger_database: Database, clock: MovingClock, seed: int
) -> None:
    dice, begun, clocks = random.Random(seed), clock.now, [clock, MovingClock(clock.now)]
    posted = list[str]()
    async with writing(ledger_database, clocks[0]) as one, writing(ledger_database, clocks[1]) as other:
        for _ in range(12):
            usual = [any_operation(dice, clock) for _ in range(15)]
            outcomes = await dice.choice((one, other)).post_all(usual)
            posted += [each.id for each in outcomes if isinstance(each, Transfer)]
            await dice.choice((one, other)).post_all([rarer_operation(dice, posted) for _ in range(8)])
            dice.choice(clocks).forward(timedelta(minutes=dice.choice(STEPS_MINUTES)))
            if dice.random() < 0.4:
                await settle(one, ledger_database, dice.choice(clocks))
        clock.now = max(each.now for each in clocks) + timedelta(days=400)
        boundaries = [at for at in await boundaries_in(ledger_database) if at < clock.now]
        instants = sorted({begun, *dice.sample(boundaries, 5), clock.now})
        for payer in ("org_a", "org_b"):
            await assert_they_meet(one, payer, instants)
        await settle(one, ledger_database, clock)
    assert await audit(ledger_database, clock) == []


async def assert_they_meet(ledger: LedgerService, payer: str, instants: list[datetime]) -> None:
    """One statement after the other, each opens with what the one before closed with, and with the balance of then."""
    closed = None
    for start, end in pairwise(instants):
        await assert_adds_up(ledger, payer, start, end)
        statement = await ledger.statements.page(payer, start, end, None, 1)
        assert closed in (None, statement.opening)
        then = await ledger.reading.balance_then(payer, start)
        assert worth(then) == Decimal(statement.opening)
        assert Decimal(then.available) >= Decimal(then.floor)
        closed = statement.closing


async def settle(ledger: LedgerService, database: Database, clock: MovingClock) -> None:
    expiring = Expiring(database, ledger.writer, clock)
    await expiring.expire_holds()
    await expiring.expire_grants()


async def boundaries_in(database: Database) -> list[datetime]:
    """Each instant at which something was posted or a grant expires."""
    async with database.connection() as connection:
        return [at for (at,) in await (await connection.execute(BOUNDARIES)).fetchall()]
