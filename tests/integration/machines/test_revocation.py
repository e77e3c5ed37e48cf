"""What is revoked is refused everywhere within two seconds: by who asks the database, and by who asks accounts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from tests.integration.accounts.conftest import PASSWORD, Person, World
from tests.integration.machines.test_api_keys import made

from fogbank.accounts.client import MachinesClient, remote_authenticator
from fogbank.accounts.component import local_authenticator
from fogbank.accounts.machines.changes import Changes
from fogbank.accounts.machines.revocations import revoke
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import BackgroundTask, Health
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator
from fogbank.runtime.credentials.changes import ChangesPage, Feed
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.http.background import keep_running
from fogbank.runtime.problems import Problem

WAIT_SECONDS = 20


@dataclass
class Heard:
    """A feed that says which subjects it told of, so that a test can wait for one."""

    feed: Feed
    subjects: set[str] = field(default_factory=set)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, number: int) -> ChangesPage:
        page = await self.feed(number)
        async with self.news:
            self.subjects |= {change.subject for change in page.changes}
            self.news.notify_all()
        return page

    async def of(self, subject: str) -> None:
        async with asyncio.timeout(WAIT_SECONDS), self.news:
            await self.news.wait_for(lambda: subject in self.subjects)


@dataclass(frozen=True)
class Processes:
    """Two authenticators that know nothing of each other: of the process with accounts, and of one without."""

    authenticators: Sequence[HeaderAuthenticator]
    heard: Sequence[Heard]

    async def refuse(self, headers: dict[str, str]) -> bool:
        """Whether both refuse; an error where they do not agree."""
        answers = [await is_refused(each, headers) for each in self.authenticators]
        assert len(set(answers)) == 1
        return answers[0]

    async def have_heard_of(self, subject: str) -> None:
        for heard in self.heard:
            await heard.of(subject)
        for authenticator in self.authenticators:
            await authenticator.follower.catch_up()  # the page that told of it is in the book when this returns


async def is_refused(authenticator: HeaderAuthenticator, headers: dict[str, str]) -> bool:
    try:
        await authenticator.authenticate(headers)
    except Problem as problem:
        if problem.status != HTTPStatus.UNAUTHORIZED:
            raise
        return True
    return False


@asynccontextmanager
async def two_processes(world: World) -> AsyncIterator[Processes]:
    """Both follow, each second and whenever the database wakes the first."""
    token = world.service_token
    here = local_authenticator(database=world.database, secrets=world.secrets, clock=world.clock)
    there = remote_authenticator(http=world.http, token=token, audience={"accounts"}, clock=world.clock)
    changes, changed = Changes(world.database, world.clock), asyncio.Event()
    heard = [Heard(changes.after), Heard(MachinesClient(world.accounts.service).changes_after)]
    here.follower, there.follower = Follower(heard[0]), Follower(heard[1])
    tasks = [
        asyncio.create_task(here.follower.follow(Health(now_utc), changed)),
        asyncio.create_task(there.follower.follow(Health(now_utc))),
        asyncio.create_task(changes.listen(changed.set)),
    ]
    try:
        yield Processes([here, there], heard)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def session_of(world: World, person: Person) -> tuple[str, dict[str, str]]:
    session = await world.accounts.sign_in(person.email, PASSWORD, "192.0.2.1")
    token = await world.accounts.token_for_session(session.session_token)
    return session.session_token, {"authorization": f"Bearer {token.access_token}"}


async def test_a_session_that_ends_takes_its_tokens_with_it_and_no_others(world: World) -> None:
    person = await world.person()
    session_token, token = await session_of(world, person)
    _, other = await session_of(world, person)
    async with two_processes(world) as processes:
        assert not await processes.refuse(token)
        [[session_id]] = await rows(world, token)
        await world.accounts.sign_out(session_token)
        await processes.have_heard_of(session_id)
        assert await processes.refuse(token)
        assert not await processes.refuse(other)


async def test_a_suspended_user_is_out_with_tokens_and_keys(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    key = {"x-api-key": (await made(world, person))["api_key"]}
    _, token = await session_of(world, person)
    async with two_processes(world) as processes:
        assert [await processes.refuse(each) for each in (token, key)] == [False, False]
        headers = {**administrator.headers, "fogbank-reason": "a test"}
        body = {"status": "suspended"}
        answer = await world.http.patch(f"/api/v1/users/{person.id}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        await processes.have_heard_of(person.id)
        assert [await processes.refuse(each) for each in (token, key)] == [True, True]


async def test_a_removed_member_sees_the_organisation_no_more(world: World) -> None:
    owner, member = await world.person(), await world.person()
    org_id = await world.organization(owner)
    owner = await world.again(owner)
    path = f"/api/v1/organizations/{org_id}/members/{member.id}"
    service = {"authorization": f"Bearer {await world.service_token()}"}
    assert (await world.http.put(path, json={"role": "member"}, headers=service)).status_code == 200
    key = {"x-api-key": (await made(world, member))["api_key"]}
    _, token = await session_of(world, member)
    async with two_processes(world) as processes:
        for each in processes.authenticators:
            assert org_id in (await each.authenticate(key)).organizations
        assert not await processes.refuse(token)
        assert (await world.http.delete(path, headers=owner.headers)).status_code == 204
        for heard in processes.heard:
            heard.subjects.clear()
        await processes.have_heard_of(await ping(world))
        assert await processes.refuse(token)
        for each in processes.authenticators:
            assert org_id not in (await each.authenticate(key)).organizations


async def test_a_key_that_is_rotated_at_once_is_refused_by_both(world: World) -> None:
    person = await world.person()
    key = await made(world, person)
    shown = {"x-api-key": key["api_key"]}
    async with two_processes(world) as processes:
        assert not await processes.refuse(shown)
        path = f"/api/v1/api-keys/{key['key']['id']}:rotate"
        await world.http.post(path, json={"old_ends_after_seconds": 0}, headers=person.headers)
        await processes.have_heard_of(key["key"]["id"])
        assert await processes.refuse(shown)


async def test_the_database_wakes_who_listens_and_a_broken_connection_is_made_again(world: World) -> None:
    told, changes = asyncio.Event(), Changes(world.database, world.clock)
    task = BackgroundTask("listen", lambda: changes.listen(told.set))
    listening = asyncio.create_task(keep_running(task, Health(now_utc), lambda _failures: 0.0))
    try:
        for _ in range(3):
            await awaited(told)  # it listens
            told.clear()
            await ping(world)
            await awaited(told)
            told.clear()
            await kill_listeners(world)
    finally:
        listening.cancel()
        await asyncio.wait([listening])


async def test_while_the_listener_is_gone_what_is_revoked_is_still_refused(world: World) -> None:
    person = await world.person()
    session_token, token = await session_of(world, person)
    async with two_processes(world) as processes:
        assert not await processes.refuse(token)
        await kill_listeners(world)
        [[session_id]] = await rows(world, token)
        await world.accounts.sign_out(session_token)
        await processes.have_heard_of(session_id)
        assert await processes.refuse(token)


async def test_changes_are_numbered_as_they_are_committed_and_none_is_passed_over(world: World) -> None:
    changes = Changes(world.database, world.clock)
    before = (await changes.after(0)).newest
    async with world.database.transaction() as slow:
        await revoke(slow, "slow")
        async with world.database.transaction() as quick:
            await revoke(quick, "quick")
        page = await changes.after(before)
        assert [change.subject for change in page.changes] == ["quick"]
    page = await changes.after(page.changes[-1].number)
    assert [change.subject for change in page.changes] == ["slow"]


async def test_many_at_once_have_numbers_without_gaps_and_none_twice(world: World) -> None:
    changes = Changes(world.database, world.clock)
    before = (await changes.after(0)).newest
    await asyncio.gather(*(ping(world, f"subject_{number}") for number in range(40)))
    page = await changes.after(before)
    assert [change.number for change in page.changes] == list(range(before + 1, before + 41))
    assert {change.subject for change in page.changes} == {f"subject_{number}" for number in range(40)}


async def test_what_is_rolled_back_is_no_change(world: World) -> None:
    changes = Changes(world.database, world.clock)
    before = (await changes.after(0)).newest

    async def fail() -> None:
        async with world.database.transaction() as tx:
            await revoke(tx, "never")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert (await changes.after(before)).changes == []


async def ping(world: World, subject: str = "ping") -> str:
    async with world.database.transaction() as tx:
        await revoke(tx, subject)
    return subject


async def awaited(event: asyncio.Event) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        await event.wait()


async def kill_listeners(world: World) -> None:
    async with world.database.connection() as connection:
        await connection.execute("RESET ROLE")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN fogbank_credentials'"
        )
        await connection.execute("SET ROLE fogbank_system")


async def rows(world: World, token: dict[str, str]) -> list[list[str]]:
    """The session that a token was got by, as the authenticator of the app knows it."""
    caller = await world.app.state.authenticator.authenticate(token)
    return [[caller.session_id]]
