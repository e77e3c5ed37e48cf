"""Who reads what of the activity log, where acts are said to come from, and what an export proves."""

import pytest
from tests.integration.accounts.conftest import Person, World

from fogbank.accounts.activity.errors import ActDiffers
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.activity.verifying import verified
from fogbank.accounts.client import ActivityClient, ActivityFilters
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.origin import Origin, coming_from
from fogbank.runtime.problems import Problem
from fogbank.runtime.tenancy import TENANT_ROLE, called_by, seeing_every_tenant

BROWSER = Origin("203.0.113.7", "Firefox/140")


def client_of(world: World, person: Person | None = None) -> ActivityClient:
    service = world.accounts.service
    return ActivityClient(service if person is None else service.as_caller(person.token))


async def record(world: World, caller: Caller | None, action: str, account_id: str, reason: str = "") -> None:
    recorder = Recorder(world.clock, system_entropy)
    with coming_from(BROWSER):
        async with world.database.transaction() as tx:
            await recorder.record_in(tx, caller, action, f"thing:{action}", account_id=account_id, reason=reason)


async def record_and_fail(world: World) -> None:
    recorder = Recorder(world.clock, system_entropy)
    async with world.database.transaction() as tx:
        await recorder.record_in(tx, None, "thing.undone", "thing:1", account_id="org_undone")
        raise ActDiffers("whatever comes after it")


async def test_an_act_is_recorded_with_who_did_it_for_whom_and_from_where(world: World) -> None:
    caller = Caller("user_a", CallerKind.USER, session_id="session_9", address="198.51.100.9")
    await record(world, caller, "api_key.created", "org_recorded")
    await record(world, None, "session.refused", "org_recorded")
    entries = (await client_of(world).page(account_id="org_recorded")).activities
    refused, created = entries
    assert (created.actor_id, created.actor_kind, created.account_id) == ("user_a", "user", "org_recorded")
    assert (created.address, created.agent) == ("198.51.100.9", "Firefox/140")
    assert created.credential_id == "session_9"
    assert (refused.actor_id, refused.actor_kind, refused.address) == ("", "nobody", "203.0.113.7")
    assert created.format == 2


async def test_an_act_is_recorded_in_a_persons_own_transaction_which_stays_theirs(world: World) -> None:
    person = await world.person()
    caller = Caller(person.id, CallerKind.USER)
    recorder = Recorder(world.clock, system_entropy)
    with seeing_every_tenant():
        called_by(caller)
        async with world.database.transaction() as tx:
            await recorder.record_in(tx, caller, "thing.made", "thing:1", account_id=person.id)
            [(role,)] = await (await tx.execute("SELECT current_user")).fetchall()
            [(others,)] = await (
                await tx.execute("SELECT count(*) FROM accounts.activity WHERE account_id <> %s", [person.id])
            ).fetchall()
    assert (role, others) == (TENANT_ROLE, 0)
    assert (await client_of(world, person).page(account_id=person.id)).activities[0].action == "thing.made"


async def test_what_is_rolled_back_is_not_in_the_log(world: World) -> None:
    with pytest.raises(ActDiffers):
        await record_and_fail(world)
    assert (await client_of(world).page(account_id="org_undone")).activities == []


async def test_one_reads_ones_own_an_owner_the_organisations_and_a_stranger_finds_nothing(world: World) -> None:
    owner, stranger = await world.person(), await world.person()
    org_id = await world.organization(owner)
    owner = await world.again(owner)
    await record(world, None, "member.invited", org_id)
    await record(world, None, "password.changed", owner.id)
    assert "member.invited" in {
        each.action for each in (await client_of(world, owner).page(account_id=org_id)).activities
    }
    own = await client_of(world, owner).page(account_id=owner.id)
    assert "password.changed" in {each.action for each in own.activities}
    assert {each.account_id for each in own.activities} == {owner.id}
    for account_id in (org_id, owner.id, "org_nowhere"):
        with pytest.raises(Problem) as hidden:
            await client_of(world, stranger).page(account_id=account_id)
        assert hidden.value.status == 404
    with pytest.raises(Problem) as whole:
        await client_of(world, owner).page()
    assert whole.value.status == 404


async def test_filters_find_an_action_and_all_below_it_an_address_and_a_time(world: World) -> None:
    for action in ("key.created", "key.revoked", "keyring.made"):
        await record(world, None, action, "org_filters")
    client, account_id = client_of(world), "org_filters"

    async def found(filters: ActivityFilters) -> set[str]:
        page = await client.page(account_id=account_id, filters=filters)
        return {each.action for each in page.activities}

    assert await found(ActivityFilters(action="key")) == {"key.created", "key.revoked"}
    assert await found(ActivityFilters(action="key.created")) == {"key.created"}
    assert len(await found(ActivityFilters(address=BROWSER.address))) == 3
    assert await found(ActivityFilters(address="192.0.2.200")) == set()
    assert await found(ActivityFilters(to=world.clock())) == set()
    assert len(await found(ActivityFilters(from_=world.clock()))) == 3


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
async def test_an_export_proves_itself_and_so_does_a_part_of_it(world: World, format_: str) -> None:
    await record(world, None, "=cmd|' /C calc'!A0", "org_export", reason='-1+1; said "so",\nand more')
    administrator = await world.person(is_administrator=True)
    whole = b"".join([part async for part in client_of(world, administrator).export(format_=format_)])
    found = verified(whole.decode().splitlines(keepends=True))
    assert found.broken == []
    assert found.is_whole
    assert found.entries >= 1
    part = b"".join([each async for each in client_of(world).export(format_=format_, account_id="org_export")])
    found = verified(part.decode().splitlines(keepends=True))
    assert (found.broken, found.entries >= 1) == ([], True)


async def test_a_stranger_exports_nothing(world: World) -> None:
    stranger, owner = await world.person(), await world.person()
    for account_id in (None, owner.id):
        with pytest.raises(Problem) as hidden:
            [part async for part in client_of(world, stranger).export(account_id=account_id)]
        assert hidden.value.status == 404


async def test_a_service_tells_whose_matter_it_is_and_where_its_own_request_came_from(world: World) -> None:
    with coming_from(BROWSER):
        await world.accounts.record_activity(
            id_="act:told", actor_id="user_t", action="threshold.set", subject="t", reason="r", account_id="org_told"
        )
    [told] = (await client_of(world).page(account_id="org_told")).activities
    assert (told.address, told.agent) == (BROWSER.address, BROWSER.agent)
