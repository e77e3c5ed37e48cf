"""Holds that are extended: reserved until later, told as such at any instant, and never shorter."""

import asyncio
from datetime import timedelta

import pytest
from tests.clock import MovingClock
from tests.integration.ledger.conftest import writing
from tests.integration.ledger.worlds import audit

from fogbank.accounts.ledger.client import ExtendRequest, LedgerClient
from fogbank.accounts.ledger.errors import BalanceTooLow, HoldNotOpen, NotAnOperation
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.posting.operations import Capture, Deduct, Deposit, ExtendHold, Freeze, PlaceHold
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem

HOUR = timedelta(hours=1)


async def place(ledger: LedgerService, clock: MovingClock) -> None:
    """A hold of 60 of 100, for an hour."""
    await ledger.post(Deposit(id="deposit", account_id="org_a", amount_micros=100))
    await ledger.post(PlaceHold(id="h", account_id="org_a", amount_micros=60, expires_at=clock.now + HOUR))


async def test_an_extended_hold_reserves_until_its_new_expiry_whoever_writes(
    ledger_database: Database, clock: MovingClock
) -> None:
    async with writing(ledger_database, clock) as ledger:
        await place(ledger, clock)
        extension = ExtendHold(id="longer", hold_id="h", expires_at=clock.now + 3 * HOUR)
        first = await ledger.post(extension)
        assert (first.account_id, first.amount_micros, first.balance_micros) == ("org_a", 60, 100)
    clock.forward(2 * HOUR)
    async with writing(ledger_database, clock) as later:
        await Expiring(ledger_database, later.writer, clock).expire_holds()
        assert await later.post(extension) == first
        assert (await later.balance("org_a")).held == "0.00006"
        with pytest.raises(BalanceTooLow):
            await later.post(Deduct(id="d", account_id="org_a", amount_micros=41))
        clock.forward(HOUR)
        await later.post(Deduct(id="d", account_id="org_a", amount_micros=41))
        with pytest.raises(HoldNotOpen):
            await later.post(ExtendHold(id="late", hold_id="h", expires_at=clock.now + HOUR))
    assert await audit(ledger_database, clock) == []


async def test_a_hold_is_never_made_shorter_and_a_freeze_does_not_end_it(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock
) -> None:
    await place(ledger, clock)
    for expires_at in (clock.now + HOUR, clock.now + HOUR / 2, clock.now - HOUR):
        with pytest.raises(NotAnOperation):
            await ledger.post(ExtendHold(id="shorter", hold_id="h", expires_at=expires_at))
    await ledger.post(Freeze(id="f", account_id="org_a", memo="a claim"))
    await ledger.post(ExtendHold(id="longer", hold_id="h", expires_at=clock.now + 2 * HOUR))
    assert await audit(ledger_database, clock) == []


async def test_a_past_balance_knows_until_when_a_hold_was_to_reserve_then(
    ledger: LedgerService, clock: MovingClock
) -> None:
    await place(ledger, clock)
    clock.forward(HOUR / 2)
    asked_at = clock.now
    await ledger.post(ExtendHold(id="longer", hold_id="h", expires_at=clock.now + 3 * HOUR))
    clock.forward(HOUR)
    extended_at = clock.now
    await ledger.post(Capture(id="h:capture", hold_id="h"))
    clock.forward(HOUR)
    held = [(await ledger.reading.balance_then("org_a", at)).held for at in (asked_at, extended_at, clock.now)]
    assert held == ["0.00006", "0.00006", "0.00"]


async def test_an_expiry_that_no_transfer_says_is_found_and_named(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock
) -> None:
    await place(ledger, clock)
    async with ledger_database.transaction() as tx:
        await tx.execute("UPDATE ledger.holds SET expires_at = expires_at + interval '1 hour'")
    assert await audit(ledger_database, clock) == ["differing_terms: hold:h"]


async def test_extensions_at_once_by_two_writers_end_with_the_latest(
    ledger_database: Database, clock: MovingClock
) -> None:
    async with writing(ledger_database, clock) as one, writing(ledger_database, clock) as other:
        await place(one, clock)
        asked = [ExtendHold(id=f"e{each}", hold_id="h", expires_at=clock.now + each * HOUR) for each in range(2, 12)]
        outcomes = await asyncio.gather(
            *((one, other)[number % 2].post(each) for number, each in enumerate(asked)), return_exceptions=True
        )
        assert all(not isinstance(each, BaseException) or isinstance(each, NotAnOperation) for each in outcomes)
        page = await one.reading.holds("org_a", before=None, is_open=True, limit=9)
        assert [hold.expires_at for hold in page.holds] == [clock.now + 11 * HOUR]
    assert await audit(ledger_database, clock) == []


async def test_a_hold_is_extended_over_http(client: LedgerClient, clock: MovingClock) -> None:
    await client.deposit("org_fog", "10", id="d1")
    await client.hold("org_fog", "6", expires_at=clock.now + HOUR, id="h1")
    extension = ExtendRequest("e1", clock.now + 2 * HOUR, "not shipped yet")
    told = await client.extend_hold("h1", extension)
    assert (told.kind, told.amount, told.memo) == ("extend_hold", "6.00", "not shipped yet")
    assert await client.extend_hold("h1", extension) == told
    assert [hold.expires_at for hold in (await client.holds("org_fog")).holds] == [clock.now + 2 * HOUR]
    with pytest.raises(Problem) as shorter:
        await client.extend_hold("h1", ExtendRequest("e2", clock.now + HOUR))
    assert shorter.value.status == 422
    with pytest.raises(Problem) as missing:
        await client.extend_hold("h2", ExtendRequest("e3", clock.now + HOUR))
    assert missing.value.status == 404
