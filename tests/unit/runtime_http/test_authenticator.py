"""Finding out who calls: by token or key, remembered for as long as it may be and no longer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.authenticator import HeaderAuthenticator
from fogbank.runtime.problems import Problem
from fogbank.runtime.tokens import SigningKeys, new_signing_keys

KEYS = SigningKeys.decode(new_signing_keys())
CALLER = Caller("user_1", CallerKind.USER)


@dataclass
class Door:
    """An authenticator, and what it stands on: a clock to move and a list of good keys."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    good: dict[str, Caller] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    authenticator: HeaderAuthenticator = field(init=False)

    def __post_init__(self) -> None:
        self.authenticator = HeaderAuthenticator({"usage"}, KEYS, self.look_up, lambda: self.now)

    async def look_up(self, api_key: str) -> Caller | None:
        self.asked.append(api_key)
        return self.good.get(api_key)

    async def refused(self, headers: Mapping[str, str]) -> Problem:
        with pytest.raises(Problem) as refusal:
            await self.authenticator.authenticate(headers)
        assert refusal.value.status == 401
        return refusal.value


async def test_a_token_is_good_until_it_expires_and_not_a_second_more() -> None:
    door = Door()
    headers = {"authorization": f"Bearer {KEYS.sign(CALLER, {'usage'}, door.now).access_token}"}
    assert await door.authenticator.authenticate(headers) == CALLER
    door.now += timedelta(minutes=5) - timedelta(microseconds=1)
    assert await door.authenticator.authenticate(headers) == CALLER
    door.now += timedelta(microseconds=1)
    assert (await door.refused(headers)).kind == "token-refused"


@pytest.mark.parametrize("known_first", [True, False])
async def test_what_accounts_say_of_a_key_holds_for_five_seconds(known_first: bool) -> None:
    door = Door(good={"fb_live_a": CALLER} if known_first else {})
    headers = {"x-api-key": "fb_live_a"}
    if known_first:
        assert await door.authenticator.authenticate(headers) == CALLER
        door.good.clear()
        door.now += timedelta(seconds=4)
        assert await door.authenticator.authenticate(headers) == CALLER
        door.now += timedelta(seconds=1)
        assert (await door.refused(headers)).kind == "api-key-refused"
    else:
        await door.refused(headers)
        await door.refused(headers)
    assert door.asked == ["fb_live_a"] * (2 if known_first else 1)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "not-signed-in"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "not-signed-in"),
        ({"authorization": "Bearer"}, "not-signed-in"),
        ({"authorization": "Bearer nonsense"}, "token-refused"),
        ({"x-api-key": "not one of ours"}, "api-key-refused"),
        ({"x-api-key": "fb_live_" + "x" * 1000}, "api-key-refused"),
        ({"cookie": "fogbank_session=abc"}, "not-signed-in"),
    ],
)
async def test_whatever_else_is_shown_is_refused(headers: dict[str, str], kind: str) -> None:
    door = Door()
    assert (await door.refused(headers)).kind == kind
    assert door.asked in ([], ["fb_live_"])


async def test_memory_is_bounded_whatever_strangers_try() -> None:
    door = Door()
    for number in range(10_050):
        await door.refused({"x-api-key": f"fb_live_{number}"})
    assert len(door.authenticator._api_keys._entries) == 10_000
