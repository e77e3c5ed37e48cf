"""The store stands still for a backup: in links, readings first and marks last, and only for services."""

from pathlib import Path

import pytest
from tests.integration.usage.conftest import MARCH, SERVICE, World, reading

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.problems import Problem
from fogbank.usage.client.backups import StoreFreezer

EVERY_KIND = {"usage_events", "rollup_marks", "account_windows", "account_days", "instance_hours", "user_hours"}


def freezer(world: World, caller: Caller = SERVICE) -> StoreFreezer:
    world.authenticator.callers[caller.id] = caller
    return StoreFreezer(ServiceHttp(world.http).as_caller(caller.id))


def parts_below(directory: Path) -> set[str]:
    return {str(file.parent.relative_to(directory)) for file in directory.rglob("checksums.txt")}


async def test_what_is_frozen_stays_while_the_store_goes_on(world: World) -> None:
    store = world.server.data_dir / "usage"
    await world.send(reading("frozen", MARCH))
    await world.rolled_up()
    frozen = await freezer(world).freeze()
    parts = parts_below(store / frozen.directory)
    await world.send(reading("later", MARCH))
    await world.rolled_up()
    assert parts_below(store / frozen.directory) == parts
    with_parts = {table.name for table in frozen.tables if any(part.startswith(table.directory) for part in parts)}
    assert with_parts >= EVERY_KIND
    await freezer(world).let_go()
    assert parts_below(store / frozen.directory) == set()


async def test_readings_are_frozen_first_and_marks_last(world: World) -> None:
    frozen = await freezer(world).freeze()
    names = [table.name for table in frozen.tables]
    assert (names[0], names[-1]) == ("usage_events", "rollup_marks")
    assert len(names) == len(set(names))


async def test_freezing_again_lets_go_of_what_a_killed_backup_left(world: World) -> None:
    first = await freezer(world).freeze()
    left = parts_below(world.server.data_dir / "usage" / first.directory)
    await world.send(reading("since", MARCH))
    await world.rolled_up()
    second = await freezer(world).freeze()
    assert parts_below(world.server.data_dir / "usage" / second.directory) != left
    await freezer(world).let_go()


async def test_for_a_person_there_is_no_such_route(world: World) -> None:
    person = Caller("user_1", CallerKind.USER)
    with pytest.raises(Problem) as refused:
        await freezer(world, person).freeze()
    assert refused.value.status == 404
