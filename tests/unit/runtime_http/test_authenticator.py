"""Finding out who calls: by token or key, from memory, for as long as nothing changed and not two seconds longer."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import OKPKey

from fogbank.kernel.networks import networks_of
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.credentials.authenticator import HeaderAuthenticator, KeyFacts
from fogbank.runtime.credentials.changes import Change, ChangesPage, keys_of
from fogbank.runtime.credentials.following import Follower
from fogbank.runtime.credentials.key_format import new_key
from fogbank.runtime.credentials.key_uses import KeyUse
from fogbank.runtime.credentials.signing_keys import new_signing_key
from fogbank.runtime.credentials.tokens import sign
from fogbank.runtime.origin import Origin, coming_from
from fogbank.runtime.problems import Problem

START = datetime(2026, 11, 25, tzinfo=UTC)
SIGNING = new_signing_key(START, START).key
CALLER = Caller("user_1", CallerKind.USER, {"org_1": "owner"}, session_id="session_1")
BY_KEY = Caller("user_1", CallerKind.USER, {"org_1": "owner"}, key_id="key_1")
SERVICE = Caller("billing", CallerKind.SERVICE)
KEY = new_key(bytes)


class Keys:
    """The one signing key there is."""

    async def key(self, kid: str) -> OKPKey | None:
        return SIGNING if kid == SIGNING.kid else None


@dataclass
class Door:
    """An authenticator, and what it stands on: a clock to move, good keys, and changes that are told or not."""

    now: datetime = START
    good: dict[str, KeyFacts] = field(default_factory=lambda: {KEY: KeyFacts(BY_KEY, None)})
    asked: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    polls: int = 0
    is_reachable: bool = True
    authenticator: HeaderAuthenticator = field(init=False)

    def __post_init__(self) -> None:
        follower = Follower(self.feed, self.seconds)
        self.authenticator = HeaderAuthenticator({"usage"}, Keys(), self.look_up, follower, lambda: self.now)

    def seconds(self) -> float:
        return self.now.timestamp()

    async def look_up(self, api_key: str) -> KeyFacts | None:
        self.asked.append(api_key)
        return self.good.get(api_key)

    async def feed(self, number: int) -> ChangesPage:
        self.polls += 1
        if not self.is_reachable:
            raise Problem(503, "service-unavailable", "Nobody is there.")
        return ChangesPage(self.changes[number:], 0, len(self.changes), has_more=False)

    def change(self, subject: str) -> None:
        self.changes.append(Change(len(self.changes) + 1, subject))

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def token(self, caller: Caller = CALLER, audience: str = "usage") -> dict[str, str]:
        as_of = len(self.changes)
        token = sign(SIGNING, caller, {audience}, now=self.now, as_of=as_of, entropy=bytes)
        return {"authorization": f"Bearer {token.access_token}"}

    async def passes(self, headers: Mapping[str, str]) -> Caller:
        return await self.authenticator.authenticate(headers)

    async def refused(self, headers: Mapping[str, str], status: int = 401) -> Problem:
        with pytest.raises(Problem) as refusal:
            await self.authenticator.authenticate(headers)
        assert refusal.value.status == status
        return refusal.value


async def test_a_token_is_good_until_it_expires_and_not_a_second_more() -> None:
    door = Door()
    headers = door.token()
    assert await door.passes(headers) == CALLER
    door.wait(299.999999)
    assert await door.passes(headers) == CALLER
    door.wait(0.000001)
    assert (await door.refused(headers)).kind == "token-refused"


@pytest.mark.parametrize("subject", ["user_1", "session_1", "org_1"])
async def test_a_token_ends_within_two_seconds_of_a_change_of_what_it_stands_on(subject: str) -> None:
    door = Door()
    headers, another = door.token(), door.token(replace(CALLER, id="user_2", organizations={}, session_id="session_2"))
    assert await door.passes(headers) == CALLER
    await door.passes(another)
    door.change(subject)
    door.wait(2)
    assert "no longer holds" in (await door.refused(headers)).detail
    await door.passes(another)
    assert await door.passes(door.token()) == CALLER


async def test_a_token_that_was_never_seen_before_the_change_is_refused_too() -> None:
    door = Door()
    headers = door.token()
    door.change("session_1")
    assert (await door.refused(headers)).kind == "token-refused"


async def test_a_key_is_asked_for_once_however_often_it_is_used() -> None:
    door = Door()
    for _ in range(100):
        assert await door.passes({"x-api-key": KEY}) == BY_KEY
        door.wait(1)
    assert door.asked == [KEY]


@pytest.mark.parametrize("subject", ["key_1", "user_1", "org_1"])
async def test_a_key_is_asked_for_anew_within_two_seconds_of_a_change(subject: str) -> None:
    door = Door()
    await door.passes({"x-api-key": KEY})
    door.good.clear()
    door.change(subject)
    door.wait(2)
    assert (await door.refused({"x-api-key": KEY})).kind == "api-key-refused"


async def test_keys_can_be_asked_for_anew_while_tokens_go_on() -> None:
    door = Door()
    token = door.token()
    await door.passes(token)
    await door.passes({"x-api-key": KEY})
    door.change(keys_of("user_1"))
    door.wait(2)
    await door.passes(token)
    await door.passes({"x-api-key": KEY})
    assert door.asked == [KEY, KEY]


async def test_a_change_of_others_asks_for_nothing() -> None:
    door = Door()
    await door.passes({"x-api-key": KEY})
    door.change("key_2")
    door.wait(2)
    await door.passes({"x-api-key": KEY})
    assert door.asked == [KEY]


async def test_a_key_ends_when_its_facts_say_though_nothing_changes() -> None:
    door = Door(good={KEY: KeyFacts(BY_KEY, START + timedelta(seconds=30))})
    await door.passes({"x-api-key": KEY})
    door.good.clear()
    door.wait(29)
    await door.passes({"x-api-key": KEY})
    door.wait(1)
    await door.refused({"x-api-key": KEY})


async def test_a_restart_of_accounts_is_ridden_out_and_nobody_is_let_in_on_what_is_older_than_ten_seconds() -> None:
    door = Door()
    token = door.token()
    await door.passes(token)
    await door.passes({"x-api-key": KEY})
    door.is_reachable = False
    door.wait(9.9)
    await door.passes(token)
    await door.passes({"x-api-key": KEY})
    door.wait(0.2)
    await door.refused(token, 503)
    await door.refused({"x-api-key": KEY}, 503)
    door.is_reachable = True
    assert await door.passes(token) == CALLER


async def test_what_was_revoked_before_accounts_were_away_is_refused_as_soon_as_they_answer() -> None:
    door = Door()
    token = door.token()
    await door.passes(token)
    door.change("session_1")
    door.is_reachable = False
    door.wait(3)
    await door.passes(token)
    door.is_reachable = True
    await door.refused(token)


async def test_who_starts_while_accounts_are_away_lets_nobody_in() -> None:
    door = Door(is_reachable=False)
    await door.refused(door.token(), 503)


async def test_services_are_let_in_though_nothing_can_be_followed() -> None:
    door = Door(is_reachable=False)
    assert await door.passes(door.token(SERVICE)) == SERVICE


async def test_a_clock_that_goes_back_makes_nothing_fresh() -> None:
    door = Door()
    await door.passes(door.token())
    door.change("session_1")
    door.now -= timedelta(seconds=5)
    old = sign(SIGNING, CALLER, {"usage"}, now=door.now, as_of=0, entropy=bytes)
    await door.refused({"authorization": f"Bearer {old.access_token}"})


async def test_many_who_wait_for_the_feed_ask_it_once() -> None:
    door = Door()
    headers = door.token()
    await asyncio.gather(*(door.passes(headers) for _ in range(50)))
    assert door.polls == 1


async def test_a_key_is_used_from_its_networks_only() -> None:
    door = Door(good={KEY: KeyFacts(BY_KEY, None, networks_of(["192.0.2.0/24"]))})
    with coming_from(Origin("192.0.2.7")):
        await door.passes({"x-api-key": KEY})
    for place in ("198.51.100.1", ""):
        with coming_from(Origin(place)):
            assert "from this address" in (await door.refused({"x-api-key": KEY})).detail


async def test_uses_of_keys_are_noted_in_memory_and_written_all_at_once() -> None:
    door, written = Door(), list[KeyUse]()

    async def write(uses: object) -> None:
        assert isinstance(uses, list)
        written.extend(uses)

    for place in ("192.0.2.7", "192.0.2.8"):
        with coming_from(Origin(place)):
            await door.passes({"x-api-key": KEY})
    await door.authenticator.uses.flush(write)
    await door.authenticator.uses.flush(write)
    assert written == [KeyUse("key_1", door.now, "192.0.2.8")]


async def test_uses_that_cannot_be_written_are_kept() -> None:
    door = Door()
    await door.passes({"x-api-key": KEY})

    async def fail(_uses: object) -> None:
        raise Problem(503, "service-unavailable", "Nobody is there.")

    with pytest.raises(Problem):
        await door.authenticator.uses.flush(fail)
    assert list(door.authenticator.uses._uses) == ["key_1"]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "not-signed-in"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "not-signed-in"),
        ({"authorization": "Bearer"}, "not-signed-in"),
        ({"authorization": "Bearer nonsense"}, "token-refused"),
        ({"x-api-key": "not one of ours"}, "api-key-refused"),
        ({"x-api-key": "fb_live_" + "x" * 1000}, "api-key-refused"),
        ({"x-api-key": KEY[:-1] + "0"}, "api-key-refused"),
        ({"cookie": "fogbank_session=abc"}, "not-signed-in"),
    ],
)
async def test_whatever_else_is_shown_is_refused_without_asking(headers: dict[str, str], kind: str) -> None:
    door = Door()
    assert (await door.refused(headers)).kind == kind
    assert not door.asked


async def test_whoever_tries_keys_fills_no_memory_and_pushes_no_good_key_out() -> None:
    door = Door()
    await door.passes({"x-api-key": KEY})
    for number in range(10_050):
        tried = new_key(lambda size, number=number: number.to_bytes(size))  # type: ignore[misc]
        if tried != KEY:
            await door.refused({"x-api-key": tried})
    assert len(door.authenticator._unknown._entries) == 10_000
    await door.passes({"x-api-key": KEY})
    assert door.asked.count(KEY) == 1


async def test_when_changes_are_numbered_anew_keys_are_asked_for_anew() -> None:
    door = Door()
    door.change("user_9")
    door.change("user_9")
    await door.passes({"x-api-key": KEY})
    door.changes.clear()
    door.good.clear()
    door.wait(2)
    await door.refused({"x-api-key": KEY})
