"""The town that the walk goes through: the whole app as `fogbank run` wires it, and people of two organisations."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.integration.tenancy.filling import API, Asked

from fogbank.accounts.client import AccountsClient, ServiceToken
from fogbank.cli.wiring.process import wired
from fogbank.queue.client import QueueClient
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.secret_files import service_secret
from fogbank.runtime.settings import Settings

COMPONENTS = ("accounts", "usage", "queue", "compute", "billing", "notifications")
PASSWORD = "correct horse battery staple"
OFTEN = 1_000_000
ROLES = ("owner", "admin", "billing", "member", "viewer")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in; `token` knows their organisations."""

    id: str
    email: str
    token: str


@dataclass(frozen=True, slots=True)
class Town:
    """The app, and what speaks to it."""

    app: FastAPI
    http: httpx.AsyncClient
    secrets: Path
    database: Database
    queue: QueueClient

    def service(self, name: str) -> ServiceHttp:
        """The app, asked in the name of a service of ours."""
        return ServiceHttp(self.http, ServiceToken(self.http, name, service_secret(self.secrets, name), now_utc))

    async def person(self, name: str, email: str) -> Person:
        body = {"email": email, "name": name, "password": PASSWORD}
        user = await self.service("portal").post(f"{API}/users", body, as_=dict)
        return await self.signed_in(user["id"], email)

    async def signed_in(self, user_id: str, email: str) -> Person:
        """The same person with a token of now."""
        accounts = AccountsClient(self.service("portal"))
        session = await accounts.sign_in(email, PASSWORD, f"192.0.2.{next(_numbers) % 250 + 1}")
        token = await accounts.token_for_session(session.session_token)
        return Person(user_id, email, token.access_token)

    async def organization(self, name: str, mark: str) -> tuple[str, dict[str, Person]]:
        """An organisation with somebody in each role."""
        people = {role: await self.person(f"{mark} {role}", f"{role}@{mark.lower()}.example.org") for role in ROLES}
        made = await self.asked(people["owner"].token, "POST", "/organizations", {"name": name})
        org_id = str(made["id"])
        owner = await self.signed_in(people["owner"].id, people["owner"].email)
        for role in ROLES[1:]:
            path = f"{API}/organizations/{org_id}/members/{people[role].id}"
            await self.service("portal").put(path, {"role": role}, as_=dict)
        fresh = {role: await self.signed_in(each.id, each.email) for role, each in people.items() if role != "owner"}
        return org_id, {"owner": owner, **fresh}

    async def asked(self, token: str, method: str, path: str, body: Any = None) -> Any:
        """What the app answers to who must be answered."""
        answer = await self.http.request(method, f"{API}{path}", json=body, headers=bearer(token))
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def answer(self, asked: Asked, token: str | None) -> httpx.Response:
        """What the app answers to one request of the walk."""
        headers = {"content-type": asked.content_type} if asked.content_type else {}
        body = {"json": asked.body} if asked.body is not None else {}
        headers |= bearer(token) if token is not None else {}
        return await self.http.request(asked.method, asked.path, params=asked.query, headers=headers, **body)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def opened_town(
    data: Path, postgres_url: str, queue: Mapping[str, Any], smtp: Mapping[str, Any] | None = None
) -> AsyncIterator[Town]:
    """The town over real servers, its background work running; without `smtp` it sends no e-mails."""
    settings = Settings(data=data)
    settings = replace(
        settings,
        postgres=replace(settings.postgres, url=postgres_url),
        queue=replace(settings.queue, **queue),
        smtp=replace(settings.smtp, **(smtp or {})),
        accounts=replace(settings.accounts, breach_list_url=""),
        rates=replace(settings.rates, **dict.fromkeys(type(settings.rates).__slots__, OFTEN)),
    )
    transport = InMemoryTransport()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        app = await enter(wired(settings, COMPONENTS))
        transport.connect(app)
        http = await enter(in_memory_http(transport))
        database = await enter(Database.open(postgres_url))
        client = await enter(QueueClient.open(queue["url"], user=queue["user"], password=queue["password"]))
        await enter(app.router.lifespan_context(app))
        yield Town(app, http, data / "secrets", database, client)
