"""What runs beside an authenticator stops when it is told to, and writes the last uses of keys while it does."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from joserfc.jwk import OKPKey

from fogbank.runtime.component import Health
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator, KeyFacts
from fogbank.runtime.credentials.background import credential_component
from fogbank.runtime.credentials.changes import ChangesPage
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.key_uses import KeyUse, KeyUses, WriteUses
from fogbank.runtime.http.background import keep_running
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class NoKeys:
    """No signing key at all."""

    async def key(self, _kid: str) -> OKPKey | None:
        return None


async def no_facts(_key: str) -> KeyFacts | None:
    return None


async def no_changes(_number: int) -> ChangesPage:
    return ChangesPage([], 0, 0, has_more=False)


async def stopped(write: WriteUses) -> None:
    """Notes a use, begins to write, and is told to stop at once."""
    authenticator = HeaderAuthenticator({"usage"}, NoKeys(), no_facts, Follower(no_changes), lambda: NOW)
    authenticator.uses.note("key_1", NOW, "192.0.2.7")
    component = credential_component(authenticator, write_uses=write, clock=lambda: NOW)
    [task] = [each for each in component.tasks if each.name == "write uses of keys"]
    running = asyncio.create_task(keep_running(task, Health(lambda: NOW)))
    await asyncio.sleep(0)
    running.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_the_last_uses_are_written_when_the_process_stops() -> None:
    written: list[KeyUse] = []

    async def write(uses: Sequence[KeyUse]) -> None:
        written.extend(uses)

    await stopped(write)
    assert written == [KeyUse("key_1", NOW, "192.0.2.7")]


async def test_a_process_stops_though_nobody_takes_them() -> None:
    async def fail(_uses: Sequence[KeyUse]) -> None:
        raise Problem(503, "service-unavailable", "Nobody is there.")

    await stopped(fail)


def test_of_too_many_keys_those_used_last_are_kept() -> None:
    uses = KeyUses(noted_max=2)
    for key_id in ("a", "b", "a", "c"):
        uses.note(key_id, NOW, "")
    assert list(uses._uses) == ["a", "c"]
