"""The database itself shows nobody another's keys, secrets or machines, and nobody but services what was revoked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from tests.integration.accounts.conftest import World
from tests.integration.machines.test_api_keys import made as made_key
from tests.integration.machines.test_service_accounts import made as made_account
from tests.integration.machines.test_service_accounts import organization

from fogbank.accounts.machines.revocations import revoke
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Connection
from fogbank.runtime.tenancy import called_by, seeing_every_tenant

COUNTS = """
    SELECT (SELECT count(*) FROM accounts.api_keys WHERE id = %(key)s),
        (SELECT count(*) FROM accounts.service_accounts WHERE id = %(machine)s),
        (SELECT count(*) FROM accounts.machine_secrets WHERE owner_id IN (%(key)s, %(machine)s))
"""


@asynccontextmanager
async def as_tenant(world: World, caller: Caller) -> AsyncIterator[Connection]:
    """A connection as a request of that caller has one."""
    with seeing_every_tenant():
        called_by(caller)
        async with world.database.transaction() as tx:
            yield tx


async def test_rows_are_their_owners_only(world: World) -> None:
    org_id, owner = await organization(world)
    ids = {
        "key": (await made_key(world, owner))["key"]["id"],
        "machine": (await made_account(world, org_id, owner))["client_id"],
    }
    another_id, stranger = await organization(world)
    for caller, seen in (
        (Caller(owner.id, CallerKind.USER, {org_id: "owner"}), (1, 1, 2)),
        (Caller(stranger.id, CallerKind.USER, {another_id: "owner"}), (0, 0, 0)),
        (Caller(ids["machine"], CallerKind.MACHINE, {org_id: "member"}), (0, 1, 1)),
    ):
        async with as_tenant(world, caller) as tx:
            assert await (await tx.execute(COUNTS, ids)).fetchone() == seen


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM accounts.credential_changes",
        "INSERT INTO accounts.credential_changes (subject) VALUES ('x')",
        "UPDATE accounts.credential_head SET change = 0",
        "DELETE FROM accounts.machine_secrets",
        "DELETE FROM accounts.api_keys",
        "DELETE FROM accounts.service_accounts",
    ],
)
async def test_a_persons_request_takes_nothing_back_and_reads_no_changes(world: World, statement: str) -> None:
    caller = Caller("user_1", CallerKind.USER)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with as_tenant(world, caller) as tx:
            await tx.execute(statement)


async def test_a_persons_request_may_say_that_something_changed(world: World) -> None:
    async with as_tenant(world, Caller("user_1", CallerKind.USER)) as tx:
        await revoke(tx, "said_by_a_tenant")
    async with world.database.connection() as connection:
        found = await connection.execute(
            "SELECT change IS NOT NULL FROM accounts.credential_changes WHERE subject = 'said_by_a_tenant'"
        )
        assert await found.fetchall() == [(True,)]
