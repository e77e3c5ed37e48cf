"""Invitations: good once, for seven days, for the address that was invited, and never for more than the inviter has."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.integration.accounts.conftest import Person, World
from tests.integration.accounts.teams import asks, confirm_address, kind_of, put_in, roles_in, team
from tests.integration.owning import owning

from fogbank.accounts.organizations.rules import INVITATIONS_OPEN_MAX


async def invite(world: World, inviter: Person, org_id: str, email: str, role: str = "member") -> str:
    """Invite somebody; the token that is handed over where there is no mail server."""
    body = {"email": email, "role": role}
    answer = await asks(world, inviter, "POST", f"/organizations/{org_id}/invitations", body)
    assert answer.status_code == 201, answer.text
    return token_in(answer.json()["link"])


def token_in(link: str) -> str:
    parts = urlsplit(link)
    assert parts.path == "/invitations"
    [token] = parse_qs(parts.query)["token"]
    return token


async def confirmed(world: World) -> Person:
    person = await world.person()
    await confirm_address(world, person)
    return person


async def accept(world: World, person: Person, token: str) -> tuple[int, str]:
    answer = await asks(world, person, "POST", "/invitations:accept", {"token": token})
    return answer.status_code, "" if answer.is_success else kind_of(answer)


async def test_who_is_invited_sees_what_is_offered_and_joins_once(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email.upper(), "billing")
    shown = (await asks(world, None, "POST", "/invitations:show", {"token": token})).json()
    assert (shown["organization"], shown["role"], shown["inviter"]) == ("Some Org", "billing", "Somebody")
    assert await accept(world, person, token) == (200, "")
    assert (await roles_in(world, org_id))[person.id] == "billing"
    assert await accept(world, person, token) == (410, "invitation-ended")
    assert (await asks(world, None, "POST", "/invitations:show", {"token": token})).status_code == 410


async def test_a_token_is_spent_once_however_many_spend_it_at_once(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email)
    answers = await asyncio.gather(*(accept(world, person, token) for _ in range(8)))
    assert sorted(status for status, _ in answers) == [200] + [410] * 7


async def test_who_closes_their_account_while_they_join_is_in_nothing(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email, "owner")
    async with world.database.transaction() as closing:
        await closing.execute("SELECT FROM accounts.users WHERE id = %s FOR UPDATE", [person.id])
        joining = asyncio.create_task(accept(world, person, token))
        await somebody_waits(world)
        await closing.execute("UPDATE accounts.users SET status = 'closed' WHERE id = %s", [person.id])
    assert await joining == (410, "invitation-ended")
    assert list(await roles_in(world, org_id)) == [owner.id]


async def somebody_waits(world: World) -> None:
    """Until a membership waits for the lock on its user."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
            AND query LIKE '%INTO accounts.memberships%'
    """
    async with asyncio.timeout(10), owning(world.database) as watching:
        while (await (await watching.execute(waiting)).fetchone()) == (0,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_an_invitation_is_for_its_address_only(world: World) -> None:
    org_id, [owner] = await team(world)
    token = await invite(world, owner, org_id, "somebody@example.net")
    assert await accept(world, await confirmed(world), token) == (403, "invitation-for-another")


async def test_an_address_that_was_never_confirmed_joins_nothing(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await world.person()
    token = await invite(world, owner, org_id, person.email)
    assert await accept(world, person, token) == (403, "address-not-confirmed")
    assert person.id not in await roles_in(world, org_id)
    await confirm_address(world, person)
    assert await accept(world, person, token) == (200, "")


async def test_who_is_signed_in_finds_what_waits_for_their_address_and_joins_by_it(world: World) -> None:
    org_id, [owner] = await team(world)
    person, other = await world.person(), await confirmed(world)
    await invite(world, owner, org_id, person.email.upper(), "billing")
    assert (await asks(world, person, "GET", "/invitations")).json() == []
    await confirm_address(world, person)
    [waiting] = (await asks(world, person, "GET", "/invitations")).json()
    assert (waiting["organization"], waiting["role"], waiting["inviter"]) == ("Some Org", "billing", "Somebody")
    path = f"/invitations/{waiting['id']}/accept"
    assert (await asks(world, other, "POST", path)).status_code == 404
    assert (await asks(world, person, "POST", path)).json()["org_id"] == org_id
    assert (await roles_in(world, org_id))[person.id] == "billing"
    assert (await asks(world, person, "GET", "/invitations")).json() == []
    assert kind_of(await asks(world, person, "POST", path)) == "invitation-ended"


async def test_who_is_invited_declines_what_is_theirs_and_can_be_invited_again(world: World) -> None:
    org_id, [owner] = await team(world)
    person, other = await confirmed(world), await confirmed(world)
    token = await invite(world, owner, org_id, person.email)
    [waiting] = (await asks(world, person, "GET", "/invitations")).json()
    path = f"/invitations/{waiting['id']}"
    assert (await asks(world, other, "DELETE", path)).status_code == 404
    assert (await asks(world, person, "DELETE", path)).status_code == 204
    assert kind_of(await asks(world, person, "DELETE", path)) == "invitation-ended"
    assert await accept(world, person, token) == (410, "invitation-ended")
    assert person.id not in await roles_in(world, org_id)
    acts = await asks(world, owner, "GET", f"/accounts/{org_id}/activity?action=member.declined")
    assert [act["actor_id"] for act in acts.json()["activities"]] == [person.id]
    await invite(world, owner, org_id, person.email)


async def test_an_invitation_ends_after_seven_days_and_can_be_sent_again(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email)
    world.clock.forward(timedelta(days=7))
    owner, person = await world.again(owner), await world.again(person)
    assert await accept(world, person, token) == (410, "invitation-ended")
    listed = (await asks(world, owner, "GET", f"/organizations/{org_id}/invitations")).json()["invitations"]
    assert [each["state"] for each in listed] == ["expired"]
    again = await asks(world, owner, "POST", f"/organizations/{org_id}/invitations/{listed[0]['id']}/resend")
    assert await accept(world, person, token) == (410, "invitation-ended")
    assert await accept(world, person, token_in(again.json()["link"])) == (200, "")


async def test_a_revoked_invitation_is_good_no_longer(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email)
    [listed] = (await asks(world, owner, "GET", f"/organizations/{org_id}/invitations")).json()["invitations"]
    path = f"/organizations/{org_id}/invitations/{listed['id']}"
    assert (await asks(world, owner, "DELETE", path)).status_code == 204
    assert (await asks(world, owner, "DELETE", path)).status_code == 410
    assert await accept(world, person, token) == (410, "invitation-ended")


@pytest.mark.parametrize(
    ("inviter", "role", "status"),
    [
        ("owner", "owner", 201),
        ("admin", "owner", 403),
        ("admin", "admin", 201),
        ("billing", "viewer", 403),
        ("member", "viewer", 403),
        ("viewer", "viewer", 403),
    ],
)
async def test_nobody_invites_to_more_than_they_have(world: World, inviter: str, role: str, status: int) -> None:
    org_id, people = await team(world, inviter)
    body = {"email": "new@example.net", "role": role}
    answer = await asks(world, people[1], "POST", f"/organizations/{org_id}/invitations", body)
    assert answer.status_code == status, answer.text


async def test_an_invitation_ends_with_the_power_of_who_sent_it(world: World) -> None:
    org_id, [_, admin] = await team(world, "admin")
    person = await confirmed(world)
    token = await invite(world, admin, org_id, person.email)
    await put_in(world, org_id, admin, "viewer")
    assert await accept(world, person, token) == (410, "invitation-ended")


async def test_who_is_a_member_already_stays_what_they_are(world: World) -> None:
    org_id, [owner] = await team(world)
    person = await confirmed(world)
    token = await invite(world, owner, org_id, person.email, "owner")
    await put_in(world, org_id, person, "viewer")
    assert await accept(world, person, token) == (200, "")
    assert (await roles_in(world, org_id))[person.id] == "viewer"
    again = {"email": person.email, "role": "owner"}
    refused = await asks(world, owner, "POST", f"/organizations/{org_id}/invitations", again)
    assert (refused.status_code, kind_of(refused)) == (409, "already-member")


async def test_one_address_has_one_open_invitation_and_an_organisation_a_bounded_number(world: World) -> None:
    org_id, [owner] = await team(world)
    path = f"/organizations/{org_id}/invitations"
    for number in range(INVITATIONS_OPEN_MAX):
        await invite(world, owner, org_id, f"p{number}@example.net")
    twice = await asks(world, owner, "POST", path, {"email": "P1@example.net", "role": "viewer"})
    assert (twice.status_code, kind_of(twice)) == (409, "already-invited")
    more = await asks(world, owner, "POST", path, {"email": "more@example.net", "role": "viewer"})
    assert (more.status_code, kind_of(more)) == (409, "too-many-invitations")


async def test_a_stranger_finds_no_invitations(world: World) -> None:
    org_id, [owner] = await team(world)
    await invite(world, owner, org_id, "p@example.net")
    [listed] = (await asks(world, owner, "GET", f"/organizations/{org_id}/invitations")).json()["invitations"]
    stranger_org, [stranger] = await team(world)
    for base in (f"/organizations/{org_id}/invitations", f"/organizations/{stranger_org}/invitations"):
        of_another = base.startswith(f"/organizations/{org_id}/")
        body = {"email": "x@example.net", "role": "viewer"}
        asked = [("DELETE", f"/{listed['id']}", None), ("POST", f"/{listed['id']}/resend", None)]
        for method, path, sent in [*asked, *([("GET", "", None), ("POST", "", body)] if of_another else [])]:
            answer = await asks(world, stranger, method, base + path, sent)
            assert answer.status_code == 404, (method, path)
            assert "p@example.net" not in answer.text


async def test_an_address_is_not_written_into_the_log(world: World) -> None:
    org_id, [owner] = await team(world)
    await invite(world, owner, org_id, "secretive@example.net")
    async with world.database.connection() as connection:
        rows = await (await connection.execute("SELECT before::text, after::text FROM accounts.activity")).fetchall()
    assert "secretive" not in str(rows)
