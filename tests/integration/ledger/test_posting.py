"""Posting to a real PostgreSQL: floors under crowds, ids used once, and the database ends where the rules end."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.clock import MovingClock
from tests.integration.ledger.conftest import writing

from fogbank.accounts.ledger.chain import GENESIS
from fogbank.accounts.ledger.client import LedgerFigures
from fogbank.accounts.ledger.errors import BalanceTooLow, HoldNotOpen, LedgerUnavailable, Refused, TransferConflict
from fogbank.accounts.ledger.model import GrantKind, Head, Transfer
from fogbank.accounts.ledger.posting import store
from fogbank.accounts.ledger.posting.batch import draft
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    ExpireHold,
    GrantCredit,
    Move,
    PlaceHold,
    Release,
    SetCreditLimit,
)
from fogbank.accounts.ledger.posting.rules import decide
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database


def deposit(amount: int, deposit_id: str = "deposit", account_id: str = "org_a") -> Deposit:
    return Deposit(id=deposit_id, account_id=account_id, amount_micros=amount)


def deduct(deduct_id: str, amount: int, account_id: str = "org_a") -> Deduct:
    return Deduct(id=deduct_id, account_id=account_id, amount_micros=amount)


async def test_two_hundred_concurrent_spenders_never_pass_the_floor(ledger: LedgerService) -> None:
    await ledger.post(deposit(1_000))

    async def spend(spender: int) -> int:
        taken = 0
        for turn in range(20):
            with suppress(BalanceTooLow):
                taken += (await ledger.post(deduct(f"spend-{spender}-{turn}", 7))).amount_micros
        return taken

    taken = sum(await asyncio.gather(*(spend(spender) for spender in range(200))))
    assert taken == 1_000 // 7 * 7
    balance = await ledger.balance("org_a")
    assert balance.balance == "0.000006"
    await assert_sound(ledger)


async def test_two_writers_on_one_database_keep_the_floor_and_post_each_id_once(
    ledger_database: Database, clock: MovingClock
) -> None:
    async with writing(ledger_database, clock) as one, writing(ledger_database, clock) as other:
        await one.post(deposit(500))

        async def spend(ledger: LedgerService, number: int) -> str:
            try:
                return (await ledger.post(deduct(f"same-{number}", 1 + number % 3))).id
            except BalanceTooLow:
                return "refused"

        both = [spend(ledger, number) for number in range(400) for ledger in (one, other)]
        answers = await asyncio.gather(*both)
        for number in range(400):
            ids = set(answers[2 * number : 2 * number + 2])
            assert ids <= {f"same-{number}", "refused"}
        figures = await assert_sound(one)
        accepted = {answer for answer in answers if answer != "refused"}
        assert figures.transfers == 1 + len(accepted)
        assert (await one.balance("org_a")).balance == (await other.balance("org_a")).balance


async def test_of_two_sheets_that_begin_at_one_head_only_the_first_is_written(
    ledger_database: Database, clock: MovingClock
) -> None:
    async with ledger_database.connection() as connection:
        both = [await store.read_books(connection, clock.now) for _ in range(2)]
        sheets = [await draft(ledger_database, books, [deposit(9, "same")], clock.now) for books in both]
        assert [await store.post_sheet(connection, sheet) for sheet in sheets] == [True, False]


async def test_a_repeat_is_answered_as_the_first_time_by_any_writer_at_any_time(
    ledger_database: Database, clock: MovingClock
) -> None:
    grant = GrantCredit(id="gift", account_id="org_a", amount_micros=30, grant_kind=GrantKind.PROMOTIONAL)
    charge = Charge(id="charge", account_id="org_a", amount_micros=100, memo='a "memo", with \\ and (brackets) – и')
    async with writing(ledger_database, clock) as ledger:
        first = [await ledger.post(operation) for operation in (deposit(50), grant, charge)]
        assert [await ledger.post(operation) for operation in (deposit(50), grant, charge)] == first
    clock.forward(timedelta(days=400))
    async with writing(ledger_database, clock) as later:
        assert [await later.post(operation) for operation in (deposit(50), grant, charge)] == first
        with pytest.raises(TransferConflict):
            await later.post(Charge(id="charge", account_id="org_a", amount_micros=101, memo=charge.memo))
        with pytest.raises(TransferConflict):
            await later.post(deduct("gift", 30))
        assert (await later.balance("org_a")).arrears == "0.00002"
        await assert_sound(later)


async def test_a_repeat_of_what_could_no_longer_be_paid_is_no_refusal(
    ledger_database: Database, clock: MovingClock
) -> None:
    async with writing(ledger_database, clock) as ledger:
        await ledger.post(deposit(10))
        first = await ledger.post(deduct("all", 10))
    async with writing(ledger_database, clock) as later:
        with pytest.raises(BalanceTooLow):
            await later.post(deduct("more", 1))
        assert await later.post(deduct("all", 10)) == first


async def test_a_refused_operation_fails_alone(ledger: LedgerService) -> None:
    outcomes = await ledger.post_all(
        [deposit(10), deduct("much", 11), deduct("some", 4), Release(id="r", hold_id="none"), deduct("rest", 6)]
    )
    assert [isinstance(outcome, Transfer) for outcome in outcomes] == [True, False, True, False, True]
    assert (await ledger.balance("org_a")).balance == "0.00"
    await assert_sound(ledger)


async def test_a_refusal_is_decided_by_what_other_writers_wrote(ledger_database: Database, clock: MovingClock) -> None:
    async with writing(ledger_database, clock) as one, writing(ledger_database, clock) as other:
        await one.post(deposit(10))
        with pytest.raises(BalanceTooLow):
            await one.post(deduct("first", 11))
        await other.post(deposit(10, "second-deposit"))
        await one.post(deduct("second", 11))
        with pytest.raises(BalanceTooLow):
            await other.post(deduct("third", 10))


async def test_holds_reserve_and_expire_across_writers(ledger_database: Database, clock: MovingClock) -> None:
    until = clock.now + timedelta(hours=1)
    async with writing(ledger_database, clock) as ledger:
        await ledger.post(deposit(100))
        for hold_id in ("kept", "captured", "released"):
            await ledger.post(PlaceHold(id=hold_id, account_id="org_a", amount_micros=30, expires_at=until))
        view = await ledger.balance("org_a")
        assert (view.balance, view.held, view.available) == ("0.0001", "0.00009", "0.00001")
    async with writing(ledger_database, clock) as ledger:
        await ledger.post(Capture(id="captured:capture", hold_id="captured", part_micros=20))
        await ledger.post(Release(id="released:release", hold_id="released"))
        with pytest.raises(HoldNotOpen):
            await ledger.post(Capture(id="again", hold_id="captured"))
        with pytest.raises(BalanceTooLow):
            await ledger.post(deduct("much", 51))
        clock.forward(timedelta(hours=1))
        assert (await ledger.balance("org_a")).held == "0.00"
        await ledger.post(deduct("all", 80))
        with pytest.raises(HoldNotOpen):
            await ledger.post(Capture(id="late", hold_id="kept"))
        await assert_sound(ledger)


async def test_the_database_ends_where_the_rules_end(ledger_database: Database, clock: MovingClock) -> None:
    dice = random.Random(7)
    books = Books(Head(0, 0, clock.now, GENESIS), clock.now)
    for _ in range(6):
        async with writing(ledger_database, clock, operations_max=50) as ledger:
            for _ in range(5):
                operations = [any_operation(dice, clock) for _ in range(40)]
                outcomes = await ledger.post_all(operations)
                assert [_told(outcome) for outcome in outcomes] == [_decided(books, op, clock) for op in operations]
                clock.forward(timedelta(minutes=dice.randint(0, 90)))
            await assert_sound(ledger)
    async with ledger_database.connection() as connection:
        cursor = await connection.execute("SELECT name, balance_micros FROM ledger.accounts")
        stored = dict(await cursor.fetchall())
    assert {name: stored.get(name, 0) for name in books.balances} == books.balances


async def test_whoever_waits_when_the_writer_stops_is_told(ledger_database: Database, clock: MovingClock) -> None:
    async with writing(ledger_database, clock) as ledger:
        await ledger.post(deposit(100))
        waiting = [asyncio.create_task(ledger.post(deduct(f"d{number}", 1))) for number in range(50)]
        await asyncio.sleep(0)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, Transfer | LedgerUnavailable) for answer in told)
    with pytest.raises(LedgerUnavailable):
        await ledger.post(deduct("late", 1))
    posted = sum(isinstance(answer, Transfer) for answer in told)
    async with writing(ledger_database, clock) as later:
        assert (await assert_sound(later)).transfers == 1 + posted


def any_operation(dice: random.Random, clock: MovingClock) -> AnyOperation:
    """One of all kinds; ids are from few, so some repeat and some conflict."""
    payer, amount = dice.choice(["org_a", "org_b", "org_c"]), dice.randint(1, 300)
    new_id, old_id = f"op{dice.randrange(2_000)}", f"op{dice.randrange(2_000)}"
    until = clock.now + timedelta(minutes=dice.randint(1, 200))
    names = dice.sample(["customer:org_a", "customer:org_b", "arrears:org_c", "adjustments", "revenue"], 2)
    kinds: list[AnyOperation] = [
        Deduct(id=new_id, account_id=payer, amount_micros=amount),
        Charge(id=new_id, account_id=payer, amount_micros=dice.choice([amount, amount, -amount])),
        Deposit(id=new_id, account_id=payer, amount_micros=amount),
        GrantCredit(
            id=new_id,
            account_id=payer,
            amount_micros=amount,
            grant_kind=dice.choice(list(GrantKind)),
            priority=dice.randint(0, 2),
            expires_at=dice.choice([None, until]),
        ),
        PlaceHold(id=new_id, account_id=payer, amount_micros=amount, expires_at=until),
        Capture(id=new_id, hold_id=old_id),
        Release(id=new_id, hold_id=old_id),
        SetCreditLimit(id=new_id, account_id=payer, amount_micros=amount),
        Move(id=new_id, amount_micros=amount, from_name=names[0], to_name=names[1]),
    ]
    return dice.choice(kinds)


def _decided(books: Books, operation: AnyOperation, clock: MovingClock) -> object:
    """What the rules alone say, one operation after the other."""
    for payer in ("org_a", "org_b", "org_c"):
        if payer not in books.owners:
            books.open_owner(payer)
    for hold in books.at(clock.now):
        books.apply(decide(ExpireHold.of(hold.id), books))
    try:
        posting = decide(operation, books)
    except Refused as refused:
        return _told(refused)
    books.apply(posting)
    return posting.transfer


def _told(outcome: object) -> object:
    return (type(outcome), str(outcome)) if isinstance(outcome, Refused) else outcome


async def assert_sound(ledger: LedgerService) -> LedgerFigures:
    """Everything adds up, and the chain is intact."""
    figures = await ledger.figures("")
    assert figures.balances_sum == "0.00"
    assert not figures.differing_accounts
    assert not figures.broken_entries
    assert not figures.unbalanced_transfers
    assert not figures.differing_holds
    assert not figures.out_of_range
    assert not figures.unmirrored_reversals
    assert not figures.differing_terms
    assert figures.chain.ok, figures.chain.broken
    return figures
