"""Suspended and closed accounts: who says so, what stops at once, and what stays."""

import asyncio
from dataclasses import replace

import pytest
from tests.integration.accounts.conftest import PASSWORD, Person, World
from tests.integration.accounts.teams import REASON, asks, confirm_address, kind_of, roles_in, team

from fogbank.accounts.client import StandingsClient
from fogbank.accounts.organizations.standing import ending_store
from fogbank.runtime.problems import Problem

FORGOTTEN = (*ending_store.END_OF_SIGN_IN, *ending_store.END_OF_PERSON)
KEPT = {"instances", "invitations", "api_keys"}
"""What still names somebody whose account is closed: what they had, never who they were."""


async def standing(world: World, person: Person, account_id: str, verb: str) -> int:
    answer = await asks(world, person, "POST", f"/accounts/{account_id}/{verb}", **REASON)
    return answer.status_code


async def money(world: World, account_id: str, *, balance_micros: int) -> None:
    """A ledger account with that balance, as if it had been posted."""
    async with world.database.transaction() as tx:
        await tx.execute(
            """
            INSERT INTO ledger.accounts (name, kind, owner_id, balance_micros)
            VALUES (%(name)s, %(kind)s, %(id)s, %(balance)s)
            ON CONFLICT (name) DO UPDATE SET balance_micros = excluded.balance_micros
            """,
            {
                "kind": "customer" if balance_micros > 0 else "arrears",
                "name": f"{'customer' if balance_micros > 0 else 'arrears'}:{account_id}",
                "id": account_id,
                "balance": balance_micros,
            },
        )


async def close(world: World, person: Person, account_id: str, name: str) -> tuple[int, str]:
    answer = await asks(world, person, "POST", f"/accounts/{account_id}/close", {"name": name})
    return answer.status_code, "" if answer.is_success else kind_of(answer)


async def test_only_administrators_suspend_and_they_give_a_reason(world: World) -> None:
    org_id, [owner] = await team(world)
    administrator = await world.person(is_administrator=True)
    assert await standing(world, owner, org_id, "suspend") == 404
    refused = await asks(world, administrator, "POST", f"/accounts/{org_id}/suspend")
    assert (refused.status_code, kind_of(refused)) == (422, "reason-needed")
    assert await standing(world, administrator, org_id, "suspend") == 200
    assert await standing(world, administrator, "org_none", "suspend") == 404


async def test_a_suspended_organisation_is_read_and_paid_for_and_nothing_new_is_made(world: World) -> None:
    org_id, [owner, member] = await team(world, "member")
    administrator = await world.person(is_administrator=True)
    assert await standing(world, administrator, org_id, "suspend") == 200
    owner, member = await world.again(owner), await world.again(member)
    assert (await asks(world, member, "GET", f"/organizations/{org_id}")).json()["status"] == "suspended"
    new = {"id": f"late-{org_id}", "name": "late", "user_id": owner.id, "org_id": org_id}
    invited = {"email": "late@example.net", "role": "viewer"}
    for path, body in (("/instances", new), (f"/organizations/{org_id}/invitations", invited)):
        refused = await asks(world, owner, "POST", path, body)
        assert (refused.status_code, kind_of(refused)) == (409, "account-suspended"), path
    with pytest.raises(Problem, match="suspended"):
        await world.accounts.create_instance(instance_id=f"s-{org_id}", name="x", user_id=owner.id, org_id=org_id)
    assert await standing(world, administrator, org_id, "restore") == 200
    owner = await world.again(owner)
    assert (await asks(world, owner, "POST", "/instances", new)).status_code == 201


async def test_a_suspended_user_is_signed_out_and_stays_out(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    assert await standing(world, administrator, person.id, "suspend") == 200
    with pytest.raises(Problem):
        await world.accounts.token_for_session(session.session_token)
    with pytest.raises(Problem):
        await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    assert await standing(world, administrator, person.id, "restore") == 200
    await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")


async def test_an_owner_closes_what_is_settled_after_typing_its_name(world: World) -> None:
    org_id, [owner, admin] = await team(world, "admin")
    assert await close(world, admin, org_id, "Some Org") == (403, "not-permitted")
    assert await close(world, owner, org_id, "some org") == (422, "name-differs")
    await money(world, org_id, balance_micros=-1)
    assert await close(world, owner, org_id, "Some Org") == (409, "not-settled")
    await money(world, org_id, balance_micros=5)
    assert await close(world, owner, org_id, "Some Org") == (200, "")
    assert await close(world, await world.again(owner), org_id, "Some Org") == (200, "")


async def test_no_key_of_an_owners_closes_anything_and_its_holder_is_told_to_sign_in(world: World) -> None:
    org_id, [owner] = await team(world)
    made = await asks(world, owner, "POST", "/api-keys", {"name": "everything", "scopes": ["*"]})
    by_key = replace(owner, token=made.json()["api_key"])
    for account_id, name in ((org_id, "Some Org"), (owner.id, "Somebody")):
        assert await close(world, by_key, account_id, name) == (403, "recent-proof-needed")


async def test_a_closed_organisation_is_read_by_owners_and_payers_and_never_opened_again(world: World) -> None:
    org_id, [owner, admin, billing, member] = await team(world, "admin", "billing", "member")
    assert await close(world, owner, org_id, "Some Org") == (200, "")
    owner, admin, billing, member = [await world.again(each) for each in (owner, admin, billing, member)]
    seen = [(await asks(world, each, "GET", f"/organizations/{org_id}")).status_code for each in (owner, billing)]
    hidden = [(await asks(world, each, "GET", f"/organizations/{org_id}")).status_code for each in (admin, member)]
    assert (seen, hidden) == ([200, 200], [404, 404])
    changed = [
        ("PATCH", f"/organizations/{org_id}", {"name": "New"}),
        ("POST", f"/organizations/{org_id}/projects", {"key": "k", "name": "K"}),
        ("POST", f"/organizations/{org_id}/invitations", {"email": "x@example.net", "role": "viewer"}),
        ("PUT", f"/organizations/{org_id}/members/{admin.id}", {"role": "viewer"}),
        ("POST", f"/organizations/{org_id}/ownership-offer", {"user_id": billing.id}),
    ]
    for method, path, body in changed:
        answer = await asks(world, owner, method, path, body)
        assert (answer.status_code, kind_of(answer)) == (409, "account-closed"), path
    administrator = await world.person(is_administrator=True)
    for verb in ("restore", "suspend"):
        answer = await asks(world, administrator, "POST", f"/accounts/{org_id}/{verb}", **REASON)
        assert (answer.status_code, kind_of(answer)) == (409, "account-closed")


async def test_closing_ends_what_waits(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await world.person()
    await confirm_address(world, person)
    body = {"email": person.email, "role": "viewer"}
    link = (await asks(world, owner, "POST", f"/organizations/{org_id}/invitations", body)).json()["link"]
    assert await close(world, owner, org_id, "Some Org") == (200, "")
    token = link.partition("token=")[2]
    assert (await asks(world, person, "POST", "/invitations:accept", {"token": token})).status_code == 410


async def test_who_closes_their_account_is_forgotten_and_what_they_had_stays(world: World) -> None:
    org_id, [_owner, person] = await team(world, "viewer")
    await world.accounts.create_instance(instance_id=f"of-{person.id}", name="vm", user_id=person.id)
    assert await close(world, person, person.id, "Somebody") == (200, "")
    user = await world.accounts.user(person.id)
    assert (user.name, user.email, user.status) == ("Closed account", f"{person.id}@closed.invalid", "closed")
    assert person.id not in await roles_in(world, org_id)
    with pytest.raises(Problem):
        await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    assert (await world.accounts.instance(f"of-{person.id}")).user_id == person.id
    async with world.database.connection() as connection:
        tables = await (
            await connection.execute(
                "SELECT table_name FROM information_schema.columns "
                "WHERE table_schema = 'accounts' AND column_name = 'user_id'"
            )
        ).fetchall()
        for (table,) in tables:
            if table not in KEPT:
                assert any(f"DELETE FROM accounts.{table} " in statement for statement in FORGOTTEN), table
                query = f"SELECT count(*) FROM accounts.{table} WHERE user_id = %s"
                assert await (await connection.execute(query.encode(), [person.id])).fetchone() == (0,), table


async def test_the_last_owner_of_an_organisation_closes_it_first(world: World) -> None:
    org_id, [owner] = await team(world)
    assert await close(world, owner, owner.id, "Somebody") == (409, "owns-organizations")
    assert await close(world, owner, org_id, "Some Org") == (200, "")
    assert await close(world, await world.again(owner), owner.id, "Somebody") == (200, "")


async def test_owners_who_close_their_accounts_at_once_leave_one(world: World) -> None:
    org_id, owners = await team(world, "owner", "owner")
    answers = await asyncio.gather(*(close(world, each, each.id, "Somebody") for each in owners))
    assert sorted(status for status, _ in answers) == [200, 200, 409]
    assert list((await roles_in(world, org_id)).values()) == ["owner"]


async def test_nobody_closes_what_is_somebody_elses(world: World) -> None:
    org_id, [owner] = await team(world)
    stranger = await world.person()
    assert await close(world, stranger, org_id, "Some Org") == (404, "not-found")
    assert await close(world, stranger, owner.id, "Somebody") == (404, "not-found")
    assert (await asks(world, stranger, "GET", "/standings")).status_code == 404


async def test_services_follow_every_change_in_its_order(world: World) -> None:
    org_id, [owner] = await team(world)
    administrator = await world.person(is_administrator=True)
    client = StandingsClient(world.accounts.service)
    before = (await client.changed(0)).cursor
    for verb in ("suspend", "suspend", "restore"):
        assert await standing(world, administrator, org_id, verb) == 200
    assert await close(world, await world.again(owner), org_id, "Some Org") == (200, "")
    made = await client.changed(before)
    assert [(each.account_id, each.before, each.status) for each in made.changes] == [
        (org_id, "active", "suspended"),
        (org_id, "suspended", "active"),
        (org_id, "active", "closed"),
    ]
    assert (await client.changed(made.cursor)).changes == []
