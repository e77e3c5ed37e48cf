"""Organisations for tests: who is in them, as what, and with tokens that know it."""

from typing import Any

import httpx
from tests.integration.accounts.conftest import Person, World

from fogbank.accounts.client import MemberView

REASON = {"fogbank-reason": "a test"}
TYPE = "urn:fogbank:problem:"


async def put_in(world: World, org_id: str, person: Person, role: str) -> Person:
    """Somebody with that role in an organisation, as a service may put them; with a fresh token."""
    path = f"/api/v1/organizations/{org_id}/members/{person.id}"
    await world.accounts.service.put(path, {"role": role}, as_=MemberView)
    return await world.again(person)


async def team(world: World, *roles: str) -> tuple[str, list[Person]]:
    """A new organisation: its owner, and one more person for each role."""
    owner = await world.person()
    org_id = await world.organization(owner)
    others = [await put_in(world, org_id, await world.person(), role) for role in roles]
    return org_id, [await world.again(owner), *others]


async def confirm_address(world: World, person: Person) -> None:
    """As if they had followed the link in an e-mail."""
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE accounts.users SET email_confirmed_at = now() WHERE id = %s", [person.id])


async def roles_in(world: World, org_id: str) -> dict[str, str]:
    """Everybody's role, as the database has it."""
    path = f"/api/v1/organizations/{org_id}/members"
    members = await world.accounts.service.get(path, as_=list[MemberView])
    return {member.user_id: member.role for member in members}


async def asks(
    world: World, person: Person | None, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    """One request of somebody's."""
    known = {} if person is None else person.headers
    return await world.http.request(method, f"/api/v1{path}", json=body, headers={**known, **headers})


def kind_of(answer: httpx.Response) -> str:
    """The kind of problem that an answer is."""
    return str(answer.json()["type"]).removeprefix(TYPE)
