"""What is written stays: the database refuses to change it, even for its owner; if forced, the audit says where."""

import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege, RestrictViolation
from tests.integration.ledger.test_posting import assert_sound
from tests.integration.owning import owning

from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting.operations import Charge, Deduct, Deposit, GrantCredit
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database


async def fill(ledger: LedgerService) -> None:
    """Three batches: a deposit and a grant, ten deductions, one charge."""
    grant = GrantCredit(id="gift", account_id="org_a", amount_micros=50, grant_kind=GrantKind.PROMOTIONAL)
    await ledger.post_all([Deposit(id="deposit", account_id="org_a", amount_micros=1_000), grant])
    await ledger.post_all([Deduct(id=f"d{turn}", account_id="org_a", amount_micros=10) for turn in range(10)])
    await ledger.post(Charge(id="charge", account_id="org_a", amount_micros=100))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.transfers SET amount_micros = 1",
        "UPDATE ledger.entries SET amount_micros = amount_micros",
        "UPDATE ledger.batches SET hash = previous_hash",
        "DELETE FROM ledger.transfers WHERE id = 'd1'",
        "DELETE FROM ledger.entries",
        "DELETE FROM ledger.accounts",
        "DELETE FROM ledger.holds",
        "DELETE FROM ledger.head",
        "TRUNCATE ledger.transfers",
        "TRUNCATE ledger.entries",
        "TRUNCATE ledger.batches",
        "TRUNCATE ledger.accounts",
        "INSERT INTO ledger.head (is_only, batch, sequence, posted_at, hash) VALUES (false, 1, 1, now(), '')",
        "UPDATE ledger.accounts SET name = 'customer:mine' WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET expires_at = now() WHERE kind = 'grant'",
        "UPDATE ledger.holds SET amount_micros = 1",
        "SET session_replication_role = replica; DELETE FROM ledger.entries",
    ],
)
async def test_the_database_refuses_to_change_what_is_written(
    ledger: LedgerService, ledger_database: Database, statement: str
) -> None:
    await fill(ledger)
    with pytest.raises(InsufficientPrivilege):
        async with ledger_database.transaction() as tx:
            await tx.execute(statement)
    with pytest.raises(RestrictViolation):
        async with owning(ledger_database) as owner, owner.transaction():
            await owner.execute(statement)
    await assert_sound(ledger)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger.entries VALUES (999, 1, 5, 5)",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET held_micros = 10000 WHERE name = 'customer:org_a'",
        "UPDATE ledger.accounts SET balance_micros = -1 WHERE name = 'grant:gift'",
        "UPDATE ledger.accounts SET balance_micros = 1 WHERE name = 'arrears:org_a'",
        "UPDATE ledger.accounts SET floor_micros = 1 WHERE name = 'customer:org_a'",
    ],
)
async def test_the_database_refuses_what_no_ledger_can_hold(
    ledger: LedgerService, ledger_database: Database, statement: str
) -> None:
    await fill(ledger)
    with pytest.raises(CheckViolation):
        async with ledger_database.transaction() as tx:
            await tx.execute(statement)


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
