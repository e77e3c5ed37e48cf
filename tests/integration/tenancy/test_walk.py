"""The tenant walk: every route of the API, asked by everybody who is not of the organisation, for what is its.

Nobody is answered with a thing of the victim's, nor told whether it is there: the same request for a thing that does
not exist is answered alike. A route that the walk does not know how to ask fails it, and says what to add.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from psycopg.conninfo import make_conninfo
from tests.integration.owning import owning
from tests.integration.tenancy.filling import API, THING, Asked, Unknown, requests_of
from tests.integration.tenancy.routes import ANSWERS, OPEN, WITHOUT_CALLER
from tests.integration.tenancy.things import AMOUNTS, MARK, SUMS, make_all
from tests.integration.tenancy.town import Person, Town, opened_town

from fogbank.runtime import tenancy
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.embedded import PostgresServer, running_nats, temporary_directory
from fogbank.runtime.problems import PROBLEM_JSON
from fogbank.runtime.tenancy import Tenancy

NAME = "walked"


@dataclass(frozen=True, slots=True)
class Walk:
    """The town, what the victim has, who walks, and what there is to ask."""

    town: Town
    things: dict[str, str]
    victims: dict[str, Person]
    strangers: dict[str, str | None]
    requests: list[Asked]
    unknown: list[Unknown]
    told: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)

    @property
    def marks(self) -> set[str]:
        """What tells of the victim: what its things are called, its people, their addresses, its amounts."""
        people = {each for person in self.victims.values() for each in (person.id, person.email)}
        ids = {value for value in self.things.values() if not value.isdecimal()}
        return {MARK, MARK.lower(), *AMOUNTS, *SUMS, *people, *ids}

    @property
    def twins(self) -> dict[str, str]:
        """Names as the victim's things have them, of nothing that is there."""
        return {name: "987654321" if value.isdecimal() else f"{value[:-3]}zzz" for name, value in self.things.items()}


@pytest_asyncio.fixture(scope="module")
async def walk(postgres: PostgresServer) -> AsyncIterator[Walk]:
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    with temporary_directory() as data:
        async with running_nats(data) as nats:
            queue = {"url": nats.url, "user": nats.user, "password": nats.password}
            async with opened_town(data, make_conninfo(postgres.url, dbname=NAME), queue) as town:
                org, victims = await town.organization(f"{MARK} Harbour Works", MARK)
                things = await make_all(town, org, victims["owner"])
                found = list(requests_of(town.app.openapi()))
                asked = sorted((each for each in found if isinstance(each, Asked)), key=Asked.turn)
                unknown = [each for each in found if isinstance(each, Unknown)]
                yield Walk(town, things, victims, await strangers_of(town), asked, unknown)


async def strangers_of(town: Town) -> dict[str, str | None]:
    """Everybody who is not of the organisation, with what they show."""
    org, people = await town.organization("Tyrol Mountain Works", "Tyrol")
    alone = await town.person("Somebody", "somebody@example.org")
    owner = people["owner"].token
    keys = {name: await key(town, owner, scopes) for name, scopes in (("key", ["*"]), ("narrow key", ["usage:read"]))}
    ended = await town.asked(owner, "POST", "/api-keys", {"name": "ended", "scopes": ["*"]})
    await town.asked(owner, "DELETE", f"/api-keys/{ended['key']['id']}")
    return {
        "nobody": None,
        "revoked key": ended["api_key"],
        "expired key": await expired_key(town, owner),
        "unknown key": "fb_live_" + "0" * 43,
        "stranger": alone.token,
        **{f"other {role}": person.token for role, person in people.items()},
        **{f"other's {name}": secret for name, secret in keys.items()},
        "other's machine": await machine(town, owner, org),
    }


async def key(town: Town, token: str, scopes: list[str]) -> str:
    return str((await town.asked(token, "POST", "/api-keys", {"name": "theirs", "scopes": scopes}))["api_key"])


async def expired_key(town: Town, token: str) -> str:
    """One whose end is past: nobody is given such a key, so it is moved there before anybody shows it."""
    body = {"name": "for an hour", "scopes": ["*"], "expires_at": (now_utc() + timedelta(hours=1)).isoformat()}
    made = await town.asked(token, "POST", "/api-keys", body)
    async with town.database.transaction() as tx:
        await tx.execute("UPDATE accounts.api_keys SET expires_at = now() WHERE id = %s", [made["key"]["id"]])
    return str(made["api_key"])


async def machine(town: Town, token: str, org: str) -> str:
    """The token of a service account, by its client credentials."""
    body = {"name": "robot", "role": "admin", "scopes": ["*"]}
    made = await town.asked(token, "POST", f"/organizations/{org}/service-accounts", body)
    credentials = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
    }
    return str((await town.asked(token, "POST", "/auth/token", credentials))["access_token"])


SIGNED_OUT = ("nobody", "revoked key", "expired key", "unknown key")
"""Who is not let in at all."""


def test_every_route_can_be_asked(walk: Walk) -> None:
    unknown = [str(each) for each in walk.unknown]
    for asked in walk.requests:
        try:
            asked.with_things(walk.things)
        except Unknown as missing:
            unknown.append(f"{asked.route}: {missing}")
    assert not unknown, "\n".join(unknown)


async def test_whoever_may_finds_each_thing_there(walk: Walk) -> None:
    """Else the walk would prove nothing: nobody finds what is not there."""
    insiders = [walk.victims["owner"].token, await token_of(walk.town.service("portal"))]
    missed = []
    for asked in walk.requests:
        if asked.method == "GET" and THING.search(asked.path) and asked.route not in NOT_THERE:
            answers = [await walk.town.answer(asked.with_things(walk.things), token) for token in insiders]
            if not any(answer.is_success for answer in answers):
                missed.append(f"{asked.route}: {[answer.text[:160] for answer in answers]}")
    assert not missed, "\n".join(missed)


async def token_of(service: ServiceHttp) -> str:
    assert service.token is not None
    return await service.token()


async def test_a_stranger_is_told_nothing_of_it_and_not_whether_it_is_there(walk: Walk) -> None:
    before = await rows_of_the_victim(walk)
    findings = [finding for asked in walk.requests async for finding in found_by_strangers(walk, asked)]
    assert not findings, "\n".join(findings)
    assert await rows_of_the_victim(walk) == before, "a stranger changed something"


async def rows_of_the_victim(walk: Walk) -> dict[str, list[str]]:
    """Every row of every table that names a thing of the victim's, but for what is noted about time passing."""
    marks = [value for value in walk.things.values() if not value.isdecimal()]
    async with owning(walk.town.database) as connection:
        cursor = await connection.execute(GUARDED)
        names = [name for (name,) in await cursor.fetchall() if name not in MOVING]
        rows = {}
        for name in names:
            named = await connection.execute(
                f"SELECT each::text FROM {name} AS each WHERE each::text LIKE ANY (%s) ORDER BY 1",
                [[f"%{mark}%" for mark in marks]],
            )
            rows[name] = [text for (text,) in await named.fetchall()]
    assert sum(map(len, rows.values())) > len(marks)
    return rows


GUARDED = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relforcerowsecurity ORDER BY 1
"""
MOVING = {
    "accounts.activity",
    "billing.credit_states",
    "notifications.webhook_attempts",
    "notifications.webhook_deliveries",
}
"""What goes on by itself meanwhile: acts are noted, credit is looked at, webhooks are posted to."""

NOT_THERE = {
    "GET /organizations/{org_id}/ownership-offer",
    "GET /usage/instances/{instance_id}/readings/{period_start}",
    "GET /usage/instances/{instance_id}/current",
}
"""What the victim has none of: nobody is offered its ownership, and nothing of it was measured."""


async def found_by_strangers(walk: Walk, asked: Asked) -> AsyncIterator[str]:
    theirs, nobodys = asked.with_things(walk.things), asked.with_things(walk.twins)
    for name, token in walk.strangers.items():
        answer = await walk.town.answer(theirs, token)
        said = f"{name}: {asked.route} {json.dumps(asked.query) if asked.query else ''} answers {answer.status_code}"
        leaked = marks_in(walk, answer, theirs)
        if leaked:
            yield f"{said} and tells {sorted(leaked)}"
        if answer.status_code not in allowed(asked, name, answer):
            yield f"{said}: {answer.text[:200]}"
        if asked.names_somebody:
            other = await walk.town.answer(nobodys, token)
            if shape(walk, other) != shape(walk, answer):
                yield f"{said}, and {other.status_code} for what is not there: {answer.text[:160]} / {other.text[:160]}"


def marks_in(walk: Walk, answer: httpx.Response, asked: Asked) -> set[str]:
    """What an answer tells of the victim and was not in the question."""
    question = f"{asked.path} {asked.query} {asked.body}" if answer.is_client_error else ""
    return {mark for mark in walk.marks if mark in answer.text and mark not in question}


def allowed(asked: Asked, name: str, answer: httpx.Response) -> set[int]:
    """What a stranger may be answered."""
    if asked.route in ANSWERS:
        return ANSWERS[asked.route]
    if asked.route in WITHOUT_CALLER:
        return {200, 202, 204, 400, 401, 403, 404, 409, 410, 422, 429, 503}
    if name in SIGNED_OUT:
        return {200} if asked.route in OPEN else {401}
    if not asked.names_somebody:
        return set(range(200, 500))
    if is_about_who_asks(answer):
        return {403}
    # A filter that names what is not there for who asks, leaves nothing: the same as for what is nowhere.
    return {200, 404} if asked.only_filters else {404}


def is_about_who_asks(answer: httpx.Response) -> bool:
    """Whether a refusal says only what a key may never do, or that machines have nothing of the kind."""
    kind = answer.json()["type"].rsplit(":", 1)[-1] if answer.headers.get("content-type") == PROBLEM_JSON else ""
    return answer.status_code == 403 and kind in ("scope-missing", "people-only", "recent-proof-needed")


def shape(walk: Walk, answer: httpx.Response) -> tuple[int, str]:
    """An answer without the names that the question had, and without what differs each time."""
    is_problem = answer.headers.get("content-type", "") == PROBLEM_JSON
    said = str(answer.json()["detail"]) if is_problem else answer.text
    for value in sorted({*walk.things.values(), *walk.twins.values()}, key=len, reverse=True):
        said = re.sub(rf"\b{re.escape(value)}\b", "…", said)
    return answer.status_code, said


async def test_an_app_that_forgets_its_checks_finds_nothing_in_the_database(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every service takes a stranger for an administrator; the connections are still the stranger's own."""
    monkeypatch.setattr("fogbank.runtime.http.caller.called_by", called_by_unasked)
    monkeypatch.setattr(Caller, "may_see", lambda _caller, _account_id: True)
    monkeypatch.setattr(Caller, "has_scope", lambda _caller, _scope: True)
    monkeypatch.setattr(Caller, "sees_everything", property(lambda _caller: True))
    token = (await strangers_again(walk.town)).token
    findings = []
    for asked in walk.requests:
        if asked.method == "GET" and not asked.path.startswith(f"{API}/usage/"):
            theirs = asked.with_things(walk.things)
            answer = await walk.town.answer(theirs, token)
            leaked = {mark for mark in marks_in(walk, answer, theirs) if mark not in f"{theirs.path}{theirs.query}"}
            if leaked and asked.route not in ASKED_AS_A_SERVICE:
                findings.append(f"{asked.route} {asked.query} answers {answer.status_code} and tells {sorted(leaked)}")
    assert not findings, "\n".join(findings)


ASKED_AS_A_SERVICE = {"GET /billing/accounts/{account_id}/spend"}
"""What a component asks another in its own name: there the asking one's check is the only one."""


def called_by_unasked(caller: Caller) -> None:
    """As `called_by`, before anybody made everybody an administrator."""
    is_service = caller.kind is CallerKind.SERVICE
    tenancy._present.set(None if is_service else Tenancy(caller.id, caller.visible_accounts))


async def strangers_again(town: Town) -> Person:
    return await town.person("Somebody else", "somebody-else@example.org")
