"""Reading the ledger: any balance at any instant, and statements that add up to the last unit."""

import asyncio
import csv
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.clock import MovingClock
from tests.integration.ledger.conftest import CALLERS, writing
from tests.integration.ledger.test_posting import any_operation

from fogbank.accounts.ledger.client import BalanceView, StatementLine
from fogbank.accounts.ledger.model import Force, GrantKind, Transfer
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    Freeze,
    GrantCredit,
    Move,
    PlaceHold,
    Post,
    Reverse,
    SetCreditLimit,
    Unfreeze,
    VoidGrant,
    WriteOff,
)
from fogbank.accounts.ledger.reading.statements import position_of
from fogbank.accounts.ledger.reading.transfer_store import Wanted
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database
from fogbank.runtime.tenancy import called_by

HOUR = timedelta(hours=1)


def deposit(amount: int, deposit_id: str = "deposit") -> Deposit:
    return Deposit(id=deposit_id, account_id="org_a", amount_micros=amount)


def deduct(deduct_id: str, amount: int) -> Deduct:
    return Deduct(id=deduct_id, account_id="org_a", amount_micros=amount)


def gift(grant_id: str, amount: int, expires_at: datetime | None) -> GrantCredit:
    return GrantCredit(
        id=grant_id,
        account_id="org_a",
        amount_micros=amount,
        grant_kind=GrantKind.PROMOTIONAL,
        expires_at=expires_at,
    )


def worth(view: BalanceView) -> Decimal:
    return Decimal(view.balance) - Decimal(view.arrears)


async def all_lines(ledger: LedgerService, account_id: str, start: datetime, end: datetime) -> list[StatementLine]:
    """The lines of every page, three at a time."""
    page = await ledger.statements.page(account_id, start, end, None, 3)
    lines = page.lines
    while page.next_cursor is not None:
        page = await ledger.statements.page(account_id, start, end, position_of(page.next_cursor), 3)
        lines += page.lines
    return lines


async def test_statements_of_any_periods_add_up_and_meet_the_balances_of_then(
    ledger_database: Database, clock: MovingClock
) -> None:
    dice, seen = random.Random(11), dict[datetime, dict[str, BalanceView]]()
    begun, posted = clock.now, list[str]()
    async with writing(ledger_database, clock) as ledger:
        for _ in range(12):
            usual = [any_operation(dice, clock) for _ in range(20)]
            posted += [each.id for each in await ledger.post_all(usual) if isinstance(each, Transfer)]
            await ledger.post_all([rarer_operation(dice, posted) for _ in range(10)])
            clock.forward(timedelta(minutes=dice.randint(1, 90), seconds=1))
            seen[clock.now] = {payer: await ledger.balance(payer) for payer in ("org_a", "org_b", "org_c")}
            clock.forward(timedelta(minutes=dice.randint(0, 20)))
        clock.forward(HOUR)
        for at, views in seen.items():
            for payer, view in views.items():
                then = await ledger.reading.balance_then(payer, at)
                assert (then.balance, then.arrears, then.held) == (view.balance, view.arrears, view.held), (payer, at)
                assert (then.floor, then.is_frozen, then.grants) == (view.floor, view.is_frozen, view.grants)
        instants = [begun, *(at for at in seen)]
        for payer in ("org_a", "org_b", "org_c"):
            for _ in range(6):
                start, end = sorted(dice.sample(instants, 2))
                await assert_adds_up(ledger, payer, start, end)
                statement = await ledger.statements.page(payer, start, end, None, 1)
                if start in seen:
                    assert Decimal(statement.opening) == worth(seen[start][payer])
                assert Decimal(statement.closing) == worth(seen[end][payer])


def rarer_operation(dice: random.Random, posted: list[str]) -> AnyOperation:
    """One of what is done by hand, to transfers and grants of before."""
    payer, amount = dice.choice(["org_a", "org_b", "org_c"]), dice.randint(1, 300)
    new_id, old_id = f"rare{dice.randrange(10_000)}", dice.choice(posted)
    legs = ((f"customer:{payer}", amount), ("revenue", -amount - 5), ("tax", 5))
    kinds: list[AnyOperation] = [
        Reverse(id=new_id, transfer_id=old_id, force=dice.choice([None, *Force])),
        WriteOff(id=new_id, account_id=payer, amount_micros=amount),
        Post(id=new_id, legs=legs),
        VoidGrant(id=new_id, grant_id=old_id),
        Freeze(id=new_id, account_id=payer, memo="looked at"),
        Unfreeze(id=new_id, account_id=payer, memo="looked at"),
    ]
    return dice.choice(kinds)


async def assert_adds_up(ledger: LedgerService, payer: str, start: datetime, end: datetime) -> None:
    """Opening, lines and closing agree, line by line, by kind, and in the CSV."""
    statement = await ledger.statements.page(payer, start, end, None, 3, with_sums=True)
    lines = await all_lines(ledger, payer, start, end)
    balance = Decimal(statement.opening)
    for line in lines:
        balance += Decimal(line.change)
        assert Decimal(line.balance) == balance
        assert start <= line.at < end
    assert balance == Decimal(statement.closing)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert statement.sums is not None
    assert {each.kind: each.lines for each in statement.sums} == Counter(line.kind for line in lines)
    assert Decimal(statement.opening) + sum(Decimal(each.change) for each in statement.sums) == balance
    text = "".join([part async for part in ledger.statements.as_csv(payer, start, end)])
    rows = list(csv.DictReader(text.splitlines()))
    assert (rows[0]["balance"], rows[-1]["balance"]) == (statement.opening, statement.closing)
    assert [row["change"] for row in rows[1:-1]] == [line.change for line in lines]


async def test_a_grant_leaves_the_statement_when_it_expires_however_late_it_is_put_away(
    ledger: LedgerService, clock: MovingClock
) -> None:
    start, due = clock.now, clock.now + HOUR
    await ledger.post_all([deposit(100), gift("gift", 50, due), deduct("d", 20)])
    clock.forward(3 * HOUR)
    await ledger.post(deduct("later", 10))
    clock.forward(HOUR)
    statement = await ledger.statements.page("org_a", start, clock.now, None, 10)
    assert [(line.kind, line.id, line.change, line.balance) for line in statement.lines] == [
        ("deposit", "deposit", "0.0001", "0.0001"),
        ("grant", "gift", "0.00005", "0.00015"),
        ("deduct", "d", "-0.00002", "0.00013"),
        ("expiry", "gift", "-0.00003", "0.0001"),
        ("deduct", "later", "-0.00001", "0.00009"),
    ]
    assert statement.lines[3].at == due
    assert (await ledger.statements.page("org_a", due, clock.now, None, 10)).opening == "0.00013"
    assert (await ledger.reading.balance_then("org_a", due)).balance == "0.00013"
    assert (await ledger.reading.balance_then("org_a", due + timedelta.resolution)).balance == "0.0001"


async def test_a_past_balance_knows_holds_limits_and_freezes_of_then(ledger: LedgerService, clock: MovingClock) -> None:
    until = clock.now + 10 * HOUR
    await ledger.post_all([deposit(100), SetCreditLimit(id="limit", account_id="org_a", amount_micros=7)])
    await ledger.post(PlaceHold(id="h", account_id="org_a", amount_micros=60, expires_at=until))
    await ledger.post(Freeze(id="f", account_id="org_a", memo="fraud"))
    clock.forward(HOUR)
    frozen_at = clock.now
    await ledger.post(Unfreeze(id="u", account_id="org_a", memo="no fraud"))
    await ledger.post(Capture(id="h:capture", hold_id="h", part_micros=25))
    clock.forward(HOUR)
    then = await ledger.reading.balance_then("org_a", frozen_at)
    assert (then.balance, then.held, then.available, then.floor, then.is_frozen) == (
        *("0.0001", "0.00006", "0.00004"),
        *("-0.000007", True),
    )
    now = await ledger.reading.balance_then("org_a", clock.now)
    assert (now.balance, now.held, now.is_frozen) == ("0.000075", "0.00", False)
    assert (await ledger.reading.balance_then("org_a", datetime(2020, 1, 1, tzinfo=UTC))).balance == "0.00"


async def test_holds_are_told_with_what_became_of_them(ledger: LedgerService, clock: MovingClock) -> None:
    placed_at, until = clock.now, clock.now + HOUR
    await ledger.post(deposit(100))
    for hold_id in ("kept", "captured", "expired"):
        expires_at = until if hold_id == "expired" else until + 9 * HOUR
        await ledger.post(PlaceHold(id=hold_id, account_id="org_a", amount_micros=30, expires_at=expires_at))
    clock.forward(2 * HOUR)
    await ledger.post(Capture(id="captured:capture", hold_id="captured", part_micros=20))
    page = await ledger.reading.holds("org_a", before=None, is_open=None, limit=2)
    rest = await ledger.reading.holds("org_a", before=page.next_cursor, is_open=None, limit=2)
    holds = {hold.id: hold for hold in page.holds + rest.holds}
    assert list(holds) == ["expired", "captured", "kept"]
    assert [(hold.state, hold.captured) for hold in holds.values()] == [
        ("expired", "0.00"),
        ("captured", "0.00002"),
        ("open", "0.00"),
    ]
    assert {hold.placed_at for hold in holds.values()} == {placed_at}
    assert (holds["kept"].ended_at, holds["captured"].ended_at) == (None, clock.now)
    for is_open, ids in ((True, ["kept"]), (False, ["expired", "captured"])):
        found = await ledger.reading.holds("org_a", before=None, is_open=is_open, limit=9)
        assert [hold.id for hold in found.holds] == ids


async def test_transfers_are_found_by_kind_period_id_and_amount_and_paged_both_ways(
    ledger: LedgerService, clock: MovingClock
) -> None:
    await ledger.post(deposit(1_000))
    for number in range(6):
        clock.forward(HOUR)
        await ledger.post(deduct(f"d{number}", 10 + number))
    await ledger.post(Move(id="m", amount_micros=5, from_name="customer:org_a", to_name="customer:org_b"))
    read = ledger.reading.transfers
    first = await read("org_a", Wanted(limit=4))
    assert [each.id for each in first.transfers] == ["m", "d5", "d4", "d3"]
    second = await read("org_a", Wanted(before=first.next_cursor, limit=4))
    assert ([each.id for each in second.transfers], second.next_cursor) == (["d2", "d1", "d0", "deposit"], None) or (
        await read("org_a", Wanted(before=second.next_cursor, limit=4))
    ).transfers == []
    back = await read("org_a", Wanted(after=second.previous_cursor, is_oldest=True, limit=2))
    assert [each.id for each in back.transfers] == ["d4", "d3"]
    start = clock.now - 3 * HOUR
    found = await read("org_a", Wanted(kinds=["deduct"], min_micros=12, max_micros=14), start, clock.now)
    assert [each.id for each in found.transfers] == ["d4", "d3", "d2"]
    assert [each.id for each in (await read("org_a", Wanted(id="m"))).transfers] == ["m"]
    assert [each.change for each in (await read("org_b", Wanted())).transfers] == ["0.000005"]


async def test_legs_are_the_owners_own_or_all_and_reversals_name_each_other(ledger: LedgerService) -> None:
    await ledger.post_all([deposit(100), gift("gift", 30, None), deduct("d", 50)])
    await ledger.post(Reverse(id="undo", transfer_id="d"))
    await ledger.post(Move(id="m", amount_micros=5, from_name="customer:org_a", to_name="customer:org_b"))
    own = await ledger.reading.transfers("org_a", Wanted())
    by_id = {each.id: each for each in own.transfers}
    assert (by_id["d"].reversed_by, by_id["undo"].reverses) == ("undo", "d")
    assert [(leg.account, leg.amount) for leg in by_id["d"].legs] == [
        ("customer:org_a", "-0.00002"),
        ("grant:gift", "-0.00003"),
    ]
    whole = await ledger.reading.transfers("org_a", Wanted(), with_all_legs=True)
    for each in whole.transfers:
        assert sum(Decimal(leg.amount) for leg in each.legs) == 0, each.id
    assert [leg.account for leg in whole.transfers[0].legs] == ["customer:org_a", "customer:org_b"]


async def test_the_runway_is_what_charges_of_the_last_day_leave(ledger: LedgerService, clock: MovingClock) -> None:
    await ledger.post(deposit(1_000))
    assert (await ledger.balance("org_a")).runway is None
    clock.forward(30 * HOUR)
    await ledger.post(Charge(id="old", account_id="org_a", amount_micros=100))
    clock.forward(25 * HOUR)
    await ledger.post(Charge(id="new", account_id="org_a", amount_micros=240))
    await ledger.post(Charge(id="back", account_id="org_a", amount_micros=-40))
    await ledger.post_all([deposit(100, "more"), gift("gift", 50, clock.now + HOUR)])
    runway = (await ledger.balance("org_a")).runway
    assert runway is not None
    assert (runway.spent, runway.measured_seconds) == ("0.0002", 86_400)
    # Of the gift only what burns within its hour counts: 200 a day are 8 an hour; 800 of credit are four days.
    assert (runway.seconds, runway.days) == (4 * 86_400 + 3_600, "4.04")


async def test_an_owner_reads_what_a_service_reads_of_the_same_account(
    ledger: LedgerService, clock: MovingClock
) -> None:
    start = clock.now
    for payer in ("org_fog", "org_b"):
        await ledger.post(Deposit(id=f"d:{payer}", account_id=payer, amount_micros=1_000))
    await ledger.post_all([Deduct(id=f"x{turn}", account_id="org_fog", amount_micros=5) for turn in range(3)])
    await ledger.post(Reverse(id="undo", transfer_id="x1"))
    until = clock.now + HOUR
    for hold_id, payer in (("h1", "org_fog"), ("h2", "org_fog"), ("theirs", "org_b")):
        await ledger.post(PlaceHold(id=hold_id, account_id=payer, amount_micros=9, expires_at=until))
    await ledger.post(Capture(id="c1", hold_id="h1"))
    await ledger.post(Capture(id="c2", hold_id="theirs", to_name="customer:org_fog"))

    async def read() -> tuple[object, ...]:
        transfers = await ledger.reading.transfers("org_fog", Wanted())
        holds = await ledger.reading.holds("org_fog", before=None, is_open=None, limit=9)
        statement = await ledger.statements.page("org_fog", start, clock.now, None, 99, with_sums=True)
        return transfers, holds, statement, await ledger.balance("org_fog")

    async def read_as_owner() -> tuple[object, ...]:
        called_by(CALLERS["ann"])
        assert (await ledger.reading.transfers("org_b", Wanted())).transfers == []
        return await read()

    clock.forward(HOUR / 2)
    as_service = await read()
    assert await asyncio.create_task(read_as_owner()) == as_service
    assert "reversed_by='undo'" in str(as_service)
    assert "state='captured'" in str(as_service)


async def test_what_others_give_and_what_is_undone_is_no_spending(ledger: LedgerService, clock: MovingClock) -> None:
    spent = Deduct(id="spent", account_id="org_a", amount_micros=30)
    await ledger.post_all([deposit(1_000), Deposit(id="b", account_id="org_b", amount_micros=1_000)])
    clock.forward(30 * HOUR)
    for number, target in enumerate(("customer:org_a", "revenue")):
        hold = PlaceHold(id=f"h{number}", account_id="org_b", amount_micros=40, expires_at=clock.now + HOUR)
        await ledger.post(hold)
        await ledger.post(Capture(id=f"h{number}:capture", hold_id=hold.id, to_name=target))
    await ledger.post_all([spent, Charge(id="undone", account_id="org_a", amount_micros=70)])
    await ledger.post(Reverse(id="undo", transfer_id="undone"))
    await ledger.post(Move(id="m", amount_micros=9, from_name="customer:org_b", to_name="customer:org_a"))
    await ledger.post(Post(id="p", legs=(("customer:org_a", -8), ("customer:org_b", 5), ("tax", 3))))
    await ledger.post(Reverse(id="unpost", transfer_id="p"))
    await ledger.post(Reverse(id="uncapture", transfer_id="h0:capture"))
    runway = (await ledger.balance("org_a")).runway
    assert runway is not None
    assert runway.spent == "0.00003"
    assert (await ledger.balance("org_b")).runway is None


async def test_the_balance_of_each_day_is_what_it_was_then(ledger: LedgerService, clock: MovingClock) -> None:
    await ledger.post(deposit(1_000_000))
    clock.forward(timedelta(days=1))
    await ledger.post(gift("gift", 500_000, clock.now + timedelta(days=1)))
    await ledger.post(deduct("d1", 200_000))
    clock.forward(timedelta(days=2))
    await ledger.post(deduct("d2", 250_000))
    history = await ledger.reading.balance_history("org_a", 5)
    assert [day.balance for day in history.days] == ["0.00", "1.00", "1.30", "1.00", "0.75"]
    assert history.days[-1].day.isoformat() == "2026-03-13T00:00:00+00:00"
    clock.now = clock.now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert len((await ledger.reading.balance_history("org_a", 30)).days) == 30
