"""What administrators do to money is in the activity log, whatever crashes between the two: first told, then done."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.clock import MovingClock
from tests.integration.ledger.conftest import CALLERS, writing

from fogbank.accounts.ledger.api.acts import Acting, Acts
from fogbank.accounts.ledger.errors import AccountFrozen, BalanceTooLow, HoldNotFound, LedgerUnavailable
from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Deduct,
    Deposit,
    ExtendHold,
    Freeze,
    GrantCredit,
    PlaceHold,
    Post,
    Release,
    Reverse,
    VoidGrant,
)
from fogbank.runtime.database import Database

ROOT = Acting(CALLERS["root"], "a claim")
FREEZE = Freeze(id="freeze", account_id="org_a", memo="a claim")


async def told(database: Database) -> list[tuple[Any, ...]]:
    """Action, subject and whose matter it is, of each entry in the log that is by the tests' administrator."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT action, subject, account_id FROM accounts.activity WHERE actor_id = 'user_root' ORDER BY number"
        )
        return await cursor.fetchall()


async def test_an_act_that_a_crash_kept_from_being_done_is_told_and_told_once_however_often_it_is_repeated(
    ledger_database: Database, clock: MovingClock
) -> None:
    before = await told(ledger_database)
    async with writing(ledger_database, clock) as dead:
        await dead.post(Deposit(id="deposit", account_id="org_a", amount_micros=5))
    with pytest.raises(LedgerUnavailable):
        await Acts(dead).post(ROOT, FREEZE)
    entry = ("ledger.freeze", "transfer:freeze", "org_a")
    assert await told(ledger_database) == [*before, entry]
    async with writing(ledger_database, clock) as ledger:
        assert not (await ledger.balance("org_a")).is_frozen
        first = await Acts(ledger).post(ROOT, FREEZE)
        assert await Acts(ledger).post(ROOT, FREEZE) == first
        assert (await ledger.balance("org_a")).is_frozen
    assert await told(ledger_database) == [*before, entry]


async def test_what_the_ledger_refuses_is_told_as_refused_once(ledger_database: Database, clock: MovingClock) -> None:
    before = await told(ledger_database)
    async with writing(ledger_database, clock) as ledger:
        await ledger.post(Freeze(id="earlier", account_id="org_a", memo="fraud"))
        for _ in range(2):
            with pytest.raises(AccountFrozen):
                await Acts(ledger).post(ROOT, Deduct(id="d", account_id="org_a", amount_micros=5))
        with pytest.raises(HoldNotFound):
            await Acts(ledger).post(ROOT, Release(id="h:release", hold_id="h"))
    assert (await told(ledger_database))[len(before) :] == [
        ("ledger.deduct", "transfer:d", "org_a"),
        ("ledger.deduct.refused", "transfer:d", "org_a"),
        ("ledger.release", "transfer:h:release", ""),
        ("ledger.release.refused", "transfer:h:release", ""),
    ]


async def test_what_was_refused_and_goes_through_when_it_is_asked_again_is_told_as_done_once(
    ledger_database: Database, clock: MovingClock
) -> None:
    before = await told(ledger_database)
    deduct = Deduct(id="asked-again", account_id="org_a", amount_micros=5)
    async with writing(ledger_database, clock) as ledger:
        with pytest.raises(BalanceTooLow):
            await Acts(ledger).post(ROOT, deduct)
        await ledger.post(Deposit(id="deposit", account_id="org_a", amount_micros=5))
        for _ in range(2):
            await Acts(ledger).post(ROOT, deduct)
    told_of_it = [action for action, _, _ in (await told(ledger_database))[len(before) :]]
    assert told_of_it == ["ledger.deduct", "ledger.deduct.refused", "ledger.deduct.done"]


UNDER_ANOTHER_NAME: list[tuple[str, Callable[[MovingClock], AnyOperation]]] = [
    ("org_a", lambda clock: ExtendHold(id="x", hold_id="h", expires_at=clock.now.replace(year=2028))),
    ("org_a", lambda _: Capture(id="x", hold_id="h")),
    ("org_a", lambda _: Release(id="x", hold_id="h")),
    ("org_a", lambda _: Reverse(id="x", transfer_id="deposit")),
    ("org_a", lambda _: VoidGrant(id="x", grant_id="gift")),
    ("org_a", lambda _: Post(id="x", legs=(("customer:org_a", -5), ("revenue", 5)))),
    ("org_a", lambda _: Post(id="x", legs=(("grant:gift", -5), ("revenue", 5)))),
    ("", lambda _: Post(id="x", legs=(("customer:org_a", -5), ("customer:org_b", 5)))),
    ("", lambda _: Post(id="x", legs=(("grant:gift", -5), ("customer:org_b", 5)))),
]


@pytest.mark.parametrize(("account_id", "operation_of"), UNDER_ANOTHER_NAME)
async def test_an_act_is_told_as_the_matter_of_whom_it_concerns_though_it_names_something_else(
    ledger_database: Database,
    clock: MovingClock,
    account_id: str,
    operation_of: Callable[[MovingClock], AnyOperation],
) -> None:
    async with writing(ledger_database, clock) as ledger:
        for operation in (
            Deposit(id="deposit", account_id="org_a", amount_micros=100),
            Deposit(id="more", account_id="org_a", amount_micros=100),
            GrantCredit(id="gift", account_id="org_a", amount_micros=5, grant_kind=GrantKind.PAID),
            PlaceHold(id="h", account_id="org_a", amount_micros=9, expires_at=clock.now.replace(year=2027)),
        ):
            await ledger.post(operation)
        await Acts(ledger).post(Acting(CALLERS["root"], f"to see {operation_of(clock)}"), operation_of(clock))
    assert (await told(ledger_database))[-1][2] == account_id
