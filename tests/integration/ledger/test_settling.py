"""Grants whose time is up: put away once, then never looked for again, however many there have ever been."""

from datetime import timedelta

from tests.clock import MovingClock
from tests.integration.ledger.worlds import audit, stored

from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting import due_store
from fogbank.accounts.ledger.posting.expiring import SURELY_OVER, Expiring
from fogbank.accounts.ledger.posting.operations import Deduct, GrantCredit, VoidGrant
from fogbank.accounts.ledger.service import LedgerService
from fogbank.runtime.database import Database

HOUR = timedelta(hours=1)


async def unsettled(database: Database) -> set[str]:
    """The grants that the index still has."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT name FROM ledger.accounts WHERE kind = 'grant' AND expires_at IS NOT NULL AND NOT is_settled"
        )
        return {name for (name,) in await cursor.fetchall()}


async def test_a_grant_is_marked_once_it_holds_nothing_and_surely_never_will(
    ledger: LedgerService, ledger_database: Database, clock: MovingClock
) -> None:
    for grant_id, hours in (("left", 1), ("spent", 1), ("voided", 1), ("going", 9)):
        await ledger.post(
            GrantCredit(
                id=grant_id,
                account_id=f"org_{grant_id}",
                amount_micros=5,
                grant_kind=GrantKind.PAID,
                expires_at=clock.now + hours * HOUR,
            )
        )
    await ledger.post(Deduct(id="d", account_id="org_spent", amount_micros=5))
    await ledger.post(VoidGrant(id="v", grant_id="voided"))
    expiring = Expiring(ledger_database, ledger.writer, clock)
    clock.forward(HOUR)
    await expiring.expire_grants()
    assert (await stored(ledger_database))["breakage"].balance == 5
    assert await unsettled(ledger_database) == {"grant:left", "grant:spent", "grant:voided", "grant:going"}
    clock.forward(SURELY_OVER)
    await expiring.expire_grants()
    assert await unsettled(ledger_database) == {"grant:going"}
    assert await audit(ledger_database, clock) == []


async def test_what_is_due_is_found_by_an_index_that_has_no_settled_grant(ledger_database: Database) -> None:
    async with ledger_database.connection() as connection:
        await connection.execute("SET enable_seqscan = off")
        cursor = await connection.execute(
            b"EXPLAIN " + due_store.DUE_GRANTS.encode(),
            {"now": "2026-01-01Z", "after_at": "2020-01-01Z", "after_id": "", "limit": 9},
        )
        plan = "\n".join(line for (line,) in await cursor.fetchall())
        await connection.execute("RESET enable_seqscan")
    assert "grants_due" in plan
