"""The activity log's promises: an act is in it once, nothing in it changes, and what was changed anyway is found."""

import asyncio
from typing import Any

import psycopg
import pytest
from tests.integration.accounts.conftest import World
from tests.integration.owning import owning

from fogbank.accounts.client import AccountsClient, ActivityView
from fogbank.runtime.problems import Problem


async def record(accounts: AccountsClient, number: int, **changes: Any) -> ActivityView:
    act: dict[str, Any] = {
        "id_": f"act:{number}",
        "actor_id": "user_admin",
        "action": "usage.reading.correct",
        "subject": "reading:i-1:2026-03-02T10:00:00Z",
        "reason": "The sensor was broken — twice.",
        "before": {"metrics": {"cpu_seconds": "3.50"}, "big": 2**60},
        "after": {"b": 1.0, "a": ["\\u", 'q"', "ü\n"]},
    }
    return await accounts.record_activity(**{**act, **changes})


async def test_an_act_told_twice_is_in_the_log_once_and_another_under_its_id_is_refused(world: World) -> None:
    first = await record(world.accounts, 1)
    assert await record(world.accounts, 1) == first
    assert first.after == {"b": 1.0, "a": ["\\u", 'q"', "ü\n"]}
    with pytest.raises(Problem) as refused:
        await record(world.accounts, 1, reason="Another one.")
    assert (refused.value.status, refused.value.kind) == (409, "act-differs")


async def test_acts_that_are_told_at_once_follow_each_other_without_a_gap(world: World) -> None:
    acts = await asyncio.gather(*(record(world.accounts, 100 + number) for number in range(20)))
    numbers = sorted(act.number for act in acts)
    assert numbers == list(range(numbers[0], numbers[0] + 20))
    chain = await world.accounts.activity_chain()
    assert chain.broken == []
    assert chain.entries >= 20


async def test_the_log_is_read_newest_first_page_by_page_and_by_subject_actor_and_action(world: World) -> None:
    for number in range(5):
        await record(world.accounts, 200 + number, subject="s-1", actor_id="user_x", action=f"a.{number % 2}")
    page = await world.accounts.activity(subject="s-1", limit=3)
    rest = await world.accounts.activity(subject="s-1", limit=3, before=page.next_cursor)
    assert [each.id for each in (*page.activities, *rest.activities)] == [f"act:{200 + n}" for n in (4, 3, 2, 1, 0)]
    assert rest.next_cursor is None
    assert len((await world.accounts.activity(actor_id="user_x", action="a.1")).activities) == 2


async def test_only_services_write_the_log_and_only_administrators_read_it(world: World) -> None:
    person, administrator = await world.person(), await world.person(is_administrator=True)
    with pytest.raises(Problem) as hidden:
        await world.accounts.as_caller(person.token).activity()
    assert hidden.value.status == 404
    with pytest.raises(Problem) as refused:
        await record(world.accounts.as_caller(administrator.token), 300)
    assert refused.value.status == 404
    await record(world.accounts, 301)
    assert (await world.accounts.as_caller(administrator.token).activity(limit=1)).activities[0].id == "act:301"


async def test_a_state_that_the_database_cannot_hold_is_refused_by_name(world: World) -> None:
    with pytest.raises(Problem) as refused:
        await record(world.accounts, 310, after={"a": "\x00"})
    assert refused.value.status == 422
    assert refused.value.extra["errors"][0]["field"] == "body.after"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts.activity SET reason = 'other'",
        "DELETE FROM accounts.activity",
        "TRUNCATE accounts.activity",
    ],
)
async def test_the_database_itself_refuses_to_change_the_log(world: World, statement: str) -> None:
    async with owning(world.database) as owner:
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            await owner.execute(statement)
    async with world.database.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE accounts.activity SET after = '{\"a\": 1}' WHERE number = 2", "is not what was hashed"),
        ("DELETE FROM accounts.activity WHERE number = 2", "entry 3 does not follow entry 1"),
    ],
)
async def test_what_was_changed_behind_the_databases_back_is_found(world: World, statement: str, said: str) -> None:
    for number in range(3):
        await record(world.accounts, 400 + number)
    async with owning(world.database) as connection:
        await connection.execute("CREATE TEMPORARY TABLE kept AS TABLE accounts.activity")
        await connection.execute("ALTER TABLE accounts.activity DISABLE TRIGGER append_only")
        try:
            await connection.execute(statement)
            broken = (await world.accounts.activity_chain()).broken
        finally:
            await connection.execute("TRUNCATE accounts.activity")
            await connection.execute("INSERT INTO accounts.activity TABLE kept")
            await connection.execute("ALTER TABLE accounts.activity ENABLE ALWAYS TRIGGER append_only")
            await connection.execute("DROP TABLE kept")
    assert any(said in each for each in broken)
    assert (await world.accounts.activity_chain()).broken == []
