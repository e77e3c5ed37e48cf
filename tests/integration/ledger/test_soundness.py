"""The audit finds what is wrong and names it, though the database lets nobody do it but by force."""

from datetime import timedelta

import pytest
from tests.clock import MovingClock
from tests.integration.ledger.test_posting import assert_sound
from tests.integration.ledger.worlds import stored
from tests.integration.owning import owning

from fogbank.accounts.ledger.model import Force, GrantKind
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.posting.operations import (
    Charge,
    Deduct,
    Deposit,
    Freeze,
    GrantCredit,
    PlaceHold,
    Release,
    Reverse,
    Unfreeze,
)
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database


async def fill(ledger: LedgerService) -> None:
    """Three batches: a deposit and a grant, ten deductions, one charge."""
    grant = GrantCredit(id="gift", account_id="org_a", amount_micros=50, grant_kind=GrantKind.PROMOTIONAL)
    await ledger.post_all([Deposit(id="deposit", account_id="org_a", amount_micros=1_000), grant])
    await ledger.post_all([Deduct(id=f"d{turn}", account_id="org_a", amount_micros=10) for turn in range(10)])
    await ledger.post(Charge(id="charge", account_id="org_a", amount_micros=100))


async def force(database: Database, table: str, statement: str) -> None:
    """What a migration could do, or somebody at the files."""
    async with owning(database) as owner, owner.transaction():
        await owner.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")
        await owner.execute(statement)
        await owner.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER append_only")


async def test_a_corrupted_entry_is_found_and_named(ledger: LedgerService, ledger_database: Database) -> None:
    await fill(ledger)
    await force(ledger_database, "entries", "UPDATE ledger.entries SET amount_micros = -11 WHERE amount_micros = -10")
    figures = await ledger.figures("")
    assert "customer:org_a" in figures.differing_accounts or "grant:gift" in figures.differing_accounts
    assert "d0" in figures.unbalanced_transfers
    assert figures.broken_entries[0].startswith("transfer 3, account ")
    assert figures.chain.broken == ["batch 2 (transfers 3 to 12) is not what was hashed when it was posted"]


async def test_one_unit_more_in_a_balance_is_found_and_named(ledger: LedgerService, ledger_database: Database) -> None:
    await fill(ledger)
    async with ledger_database.transaction() as tx:
        await tx.execute("UPDATE ledger.accounts SET balance_micros = balance_micros + 1 WHERE name = 'revenue'")
    figures = await ledger.figures("")
    assert figures.balances_sum == "0.000001"
    assert figures.differing_accounts == ["revenue"]


async def test_a_changed_memo_breaks_the_chain_where_it_is(ledger: LedgerService, ledger_database: Database) -> None:
    await fill(ledger)
    await force(ledger_database, "transfers", "UPDATE ledger.transfers SET memo = 'tea' WHERE id = 'charge'")
    chain = (await ledger.figures("")).chain
    assert chain.broken == ["batch 3 (transfers 13 to 13) is not what was hashed when it was posted"]


async def test_a_batch_that_was_rewritten_with_its_hash_no_longer_fits(
    ledger: LedgerService, ledger_database: Database
) -> None:
    await fill(ledger)
    await force(ledger_database, "batches", "UPDATE ledger.batches SET hash = sha256('mine') WHERE number = 2")
    broken = (await ledger.figures("")).chain.broken
    assert broken == [
        "batch 2 (transfers 3 to 12) is not what was hashed when it was posted",
        "batch 3 (transfers 13 to 13) does not name the hash of the batch before it",
    ]


async def test_a_lost_end_of_the_chain_is_noticed(ledger: LedgerService, ledger_database: Database) -> None:
    await fill(ledger)
    await force(ledger_database, "batches", "DELETE FROM ledger.batches WHERE number = 3")
    assert (await ledger.figures("")).chain.broken == ["the chain's head names batch 3, and the last one is batch 2"]


async def test_a_wrong_sum_of_holds_is_found(ledger: LedgerService, ledger_database: Database) -> None:
    await fill(ledger)
    async with ledger_database.transaction() as tx:
        await tx.execute("UPDATE ledger.accounts SET held_micros = 1 WHERE name = 'customer:org_a'")
    assert (await ledger.figures("")).differing_holds == ["org_a"]


async def test_charges_are_totalled_by_account_and_prefix(ledger: LedgerService) -> None:
    await ledger.post_all(
        [
            Charge(id="a:1", account_id="org_a", amount_micros=100),
            Charge(id="a:2", account_id="org_a", amount_micros=-30),
            Charge(id="a:3", account_id="org_b", amount_micros=5),
            Charge(id="b:1", account_id="org_a", amount_micros=7),
        ]
    )
    assert (await ledger.figures("a:")).charges == {"org_a": "0.00007", "org_b": "0.000005"}


async def test_walking_the_chain_tells_how_far_it_is(ledger: LedgerService) -> None:
    await fill(ledger)
    told: list[tuple[int, int]] = []
    report = await ledger.verify_chain(lambda done, whole: told.append((done, whole)))
    assert not report.broken
    assert told[-1] == (13, 13)


async def test_a_reversal_that_is_no_mirror_is_found_and_named(
    ledger: LedgerService, ledger_database: Database
) -> None:
    await fill(ledger)
    await ledger.post(Reverse(id="true", transfer_id="d9"))
    await ledger.post(Reverse(id="false", transfer_id="charge"))
    assert (await ledger.figures("")).unmirrored_reversals == []
    await force(
        ledger_database, "transfers", "UPDATE ledger.transfers SET details = '[\"d1\",null]' WHERE id = 'false'"
    )
    assert (await ledger.figures("")).unmirrored_reversals == ["false"]


async def test_a_forced_reversal_may_differ_only_where_force_says(
    ledger: LedgerService, ledger_database: Database
) -> None:
    await fill(ledger)
    await ledger.post(Reverse(id="forced", transfer_id="deposit", force=Force.WRITE_OFF))
    assert (await ledger.figures("")).unmirrored_reversals == []
    await force(
        ledger_database, "transfers", "UPDATE ledger.transfers SET details = '[\"deposit\",null]' WHERE id = 'forced'"
    )
    assert (await ledger.figures("")).unmirrored_reversals == ["forced"]


async def test_what_time_ended_and_nobody_settled_is_found_and_named(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock
) -> None:
    await fill(ledger)
    ends = clock.now + timedelta(hours=1)
    await ledger.post(PlaceHold(id="h", account_id="org_a", amount_micros=5, expires_at=ends))
    await ledger.post(
        GrantCredit(
            id="short", account_id="org_a", amount_micros=5, grant_kind=GrantKind.PAID, priority=999, expires_at=ends
        )
    )
    clock.forward(timedelta(hours=1, minutes=14))
    assert (await ledger.figures("")).unsettled == []
    clock.forward(timedelta(minutes=1))
    assert (await ledger.figures("")).unsettled == ["grant:short", "hold:h"]
    expiring = Expiring(ledger_database, ledger.writer, clock)
    for _ in range(2):
        await expiring.expire_holds()
        await expiring.expire_grants()
    figures = await assert_sound(ledger)
    assert (figures.unsettled, figures.transfers) == ([], 17)
    assert await micros_of(ledger_database, "breakage") == 5


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE ledger.accounts SET is_frozen = true WHERE name = 'customer:org_a'", "customer:org_a"),
        ("UPDATE ledger.accounts SET floor_micros = -7 WHERE name = 'customer:org_a'", "customer:org_a"),
        ("UPDATE ledger.holds SET state = 'captured' WHERE id = 'h'", "hold:h"),
        ("UPDATE ledger.holds SET state = 'open' WHERE id = 'freed'", "hold:freed"),
    ],
)
async def test_terms_that_no_transfer_says_are_found_and_named(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock, statement: str, name: str
) -> None:
    await fill(ledger)
    ends = clock.now + timedelta(hours=1)
    for hold_id in ("h", "freed"):
        await ledger.post(PlaceHold(id=hold_id, account_id="org_a", amount_micros=5, expires_at=ends))
    await ledger.post(Release(id="release", hold_id="freed"))
    await ledger.post(Freeze(id="freeze", account_id="org_a", memo="a claim"))
    await ledger.post(Unfreeze(id="unfreeze", account_id="org_a", memo="settled"))
    assert (await ledger.figures("")).differing_terms == []
    async with ledger_database.transaction() as tx:
        await tx.execute(statement.encode())
    assert (await ledger.figures("")).differing_terms == [name]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("owner_id = 'org_b' WHERE name = 'grant:gift'", "grant:gift"),
        ("priority = 1 WHERE name = 'grant:gift'", "grant:gift"),
        ("grant_kind = 'paid' WHERE name = 'grant:gift'", "grant:gift"),
        ("expires_at = expires_at + interval '1 s' WHERE name = 'grant:gift'", "grant:gift"),
        ("expires_at = NULL WHERE name = 'grant:gift'", "grant:gift"),
        ("owner_id = 'org_b' WHERE name = 'customer:org_a'", "customer:org_a"),
    ],
)
async def test_whose_a_ledger_account_is_and_how_it_burns_is_what_was_posted(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock, change: str, name: str
) -> None:
    gift = GrantCredit(
        id="gift",
        account_id="org_a",
        amount_micros=50,
        grant_kind=GrantKind.PROMOTIONAL,
        expires_at=clock.now + timedelta(hours=1),
    )
    await ledger.post(gift)
    await ledger.post(GrantCredit(id="other", account_id="org_a", amount_micros=50, grant_kind=GrantKind.PAID))
    assert (await ledger.figures("")).differing_terms == []
    await force(ledger_database, "accounts", f"UPDATE ledger.accounts SET {change}")
    assert (await ledger.figures("")).differing_terms == [name]


async def test_a_ledger_account_that_is_not_in_the_chart_is_found_and_named(
    ledger: LedgerService, ledger_database: Database
) -> None:
    await fill(ledger)
    async with ledger_database.transaction() as tx:
        await tx.execute("INSERT INTO ledger.accounts (name, kind) VALUES ('pocket', 'system')")
    assert (await ledger.figures("")).out_of_range == ["pocket"]


async def micros_of(database: Database, name: str) -> int:
    return (await stored(database))[name].balance
