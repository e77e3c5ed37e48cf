"""The activity log forgets nothing, so it never learns who somebody is: every act of a life, from beginning to end."""

import httpx
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, Someone, World
from tests.integration.forgetting import acts_that_name_people

from fogbank.accounts.client import OrganizationView

NAME, OTHER_NAME = "Zoe Quartermaine", "Zora Quillfeather"
REASON = {"fogbank-reason": "a test"}


async def test_no_act_says_a_persons_address_or_name(world: World) -> None:
    admin, zoe = await world.someone(is_administrator=True), await signed_up(world)
    addresses = [zoe.email, world.new_address(), world.new_address()]
    await asks(world, zoe, "PATCH", f"/users/{zoe.id}", {"name": OTHER_NAME})
    await asks(world, zoe, "PUT", f"/users/{zoe.id}/email", {"email": addresses[1], "current_password": PASSWORD})
    await world.door.confirm_email_change(await world.token_mailed_to(addresses[1]), world.browser())
    await asks(world, admin, "PUT", f"/users/{zoe.id}/email", {"email": addresses[2]}, **REASON)
    await asks(world, admin, "PATCH", f"/users/{zoe.id}", {"name": NAME, "status": "suspended"}, **REASON)
    await asks(world, admin, "PATCH", f"/users/{zoe.id}", {"status": "active"}, **REASON)
    zoe = await world.enter(addresses[2])
    addresses.append(await invited_into_an_organization_of(world, zoe))
    await asks(
        world, zoe, "PUT", f"/users/{zoe.id}/password", {"new_password": OTHER_PASSWORD, "current_password": PASSWORD}
    )
    made = {"email": world.new_address(), "name": OTHER_NAME}
    await asks(world, admin, "POST", "/users", made, **REASON)

    assert await acts_that_name_people(world.database) == []
    log = await whole_log(world)
    for said in (*addresses, made["email"], NAME, OTHER_NAME):
        assert said not in log
    for action in ("user.signed_up", "user.changed", "user.created", "email.changed", "email_change.asked"):
        assert action in log
    for action in ("member.invited", "member.joined", "account.suspended", "session.opened", "password.changed"):
        assert action in log


async def signed_up(world: World) -> Someone:
    email = world.new_address()
    await world.door.sign_up(email, NAME, world.browser())
    return await world.holding(
        await world.door.confirm_sign_up(await world.token_mailed_to(email), PASSWORD, world.browser()), email
    )


async def invited_into_an_organization_of(world: World, owner: Someone) -> str:
    """The address of somebody who signed up by an invitation to an organisation of `owner`."""
    made = await asks(world, owner, "POST", "/organizations", {"name": "Acme"})
    org_id = OrganizationView(**made.json()).id
    owner, email = await world.holding(owner.session, owner.email), world.new_address()
    await asks(world, owner, "POST", f"/organizations/{org_id}/invitations", {"email": email, "role": "member"})
    await world.door.sign_up_invited(await world.token_mailed_to(email), OTHER_NAME, PASSWORD, world.browser())
    return email


async def asks(world: World, someone: Someone, method: str, path: str, body: object, **headers: str) -> httpx.Response:
    sent = {**someone.headers, **headers}
    answer = await world.http.request(method, f"/api/v1{path}", json=body, headers=sent)
    assert answer.is_success, (path, answer.text)
    return answer


async def whole_log(world: World) -> str:
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT activity::text FROM accounts.activity ORDER BY number")
        return "\n".join(text for (text,) in await rows.fetchall())
