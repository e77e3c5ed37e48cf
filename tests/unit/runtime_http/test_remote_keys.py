"""Keys of whoever signs, over HTTP: remembered for ten minutes, and strangers make us ask for no more of them."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.credentials.remote_keys import RemoteKeys
from fogbank.runtime.credentials.signing_keys import new_signing_key
from fogbank.runtime.problems import Problem

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Signer:
    """A stand-in for the service that signs: publishes `keys`, and counts who asks."""

    keys: list[dict[str, object]] = field(default_factory=list)
    asked: int = 0
    is_away: bool = False
    now: datetime = NOW

    async def answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)
        return httpx.Response(503) if self.is_away else httpx.Response(200, json={"keys": self.keys})

    def publish_new(self) -> str:
        key = new_signing_key(self.now, self.now).key
        self.keys = [*self.keys, dict(key.as_dict(private=False))]
        return str(key.kid)

    def remembered(self) -> RemoteKeys:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer), base_url="http://accounts")
        return RemoteKeys(ServiceHttp(http), lambda: self.now)


async def test_a_key_is_known_for_ten_minutes_and_asked_for_then() -> None:
    signer = Signer()
    kid, keys = signer.publish_new(), signer.remembered()
    for _ in range(3):
        assert await keys.key(kid) is not None
    assert signer.asked == 1
    signer.keys, signer.now = [], NOW + timedelta(minutes=10)
    signer.publish_new()
    assert await keys.key(kid) is None


async def test_a_new_key_is_met_within_ten_seconds_though_it_was_never_heard_of() -> None:
    signer = Signer()
    signer.publish_new()
    keys = signer.remembered()
    assert await keys.key("unheard of") is None
    kid = signer.publish_new()
    assert await keys.key(kid) is None
    signer.now += timedelta(seconds=10)
    assert await keys.key(kid) is not None


async def test_many_tokens_of_strangers_at_once_make_us_ask_once() -> None:
    signer = Signer()
    kid, keys = signer.publish_new(), signer.remembered()
    found = await asyncio.gather(*(keys.key(each) for each in (*("made up" for _ in range(50)), kid)))
    assert [key is not None for key in found] == [False] * 50 + [True]
    assert signer.asked == 1


async def test_who_waits_while_nobody_answers_is_told_so_and_asks_once() -> None:
    """Without keys nobody is let in, and nobody is told that their good token is none."""
    signer = Signer(is_away=True)
    keys = signer.remembered()
    told = await asyncio.gather(*(keys.key("any") for _ in range(50)), return_exceptions=True)
    assert {type(each) for each in told} == {Problem}
    assert signer.asked == 1
    signer.is_away, kid = False, signer.publish_new()
    assert await keys.key(kid) is not None


async def test_what_was_known_for_ten_minutes_is_not_believed_while_nobody_answers() -> None:
    signer = Signer()
    kid, keys = signer.publish_new(), signer.remembered()
    assert await keys.key(kid) is not None
    signer.is_away, signer.now = True, NOW + timedelta(minutes=10)
    with pytest.raises(Problem):
        await keys.key(kid)
