"""Who gets which answer of nodes, placements, thresholds, notices and webhooks: members and services too.

`test_walk.py` asks every route as strangers; here those ask who may see something, and may not do everything.

A row says who gets which answer to one request; rows follow each other, so what one removes is gone for the next.
Whatever is no success is a problem document, and each answer is one that the description of the API promises. A route
without a row fails.
"""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.client import AccountsClient, OrganizationView, UserView
from fogbank.accounts.component import open_accounts
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, NodesClient
from fogbank.compute.component import open_compute
from fogbank.compute.nodes.opening import QueueAccess, open_nodes
from fogbank.compute.thresholds.opening import ThresholdsOpening
from fogbank.events.signals import Signal, SignalType
from fogbank.notifications.component import Terms, open_notifications
from fogbank.notifications.mail.envelope import Sender
from fogbank.notifications.notifying import Notifying
from fogbank.queue.client import QueueClient
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.clock import now_utc
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import NatsServer
from fogbank.runtime.http.app import create_app
from fogbank.runtime.http.in_memory import InMemoryTransport, in_memory_http
from fogbank.runtime.problems import PROBLEM_JSON, Problem
from fogbank.runtime.queue_secrets import queue_secrets
from fogbank.runtime.settings import WebhooksSettings

QUICK_HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
ROOMS = ("nodes", "placements", "thresholds", "notifications", "webhooks")

CALLERS = ("nobody", "no_scope", "stranger", "viewer", "operator", "owner", "administrator", "service")
"""`no_scope` is a key of the owner's that may do nothing. `viewer` belongs to the owner's organisation, and the
operator runs the node that something of the organisation's is placed on.
"""

SUCCESS = range(200, 300)
SIGNATURE, KEY = base64.b64encode(bytes(64)).decode(), base64.b64encode(bytes(range(32))).decode()
THRESHOLD = {
    "resource_type": "cpu",
    "threshold_type": "percentage",
    "threshold_value": 90,
    "units": "%",
    "action": "notify",
    "notification_channels": ["portal"],
}

Body = Mapping[str, Any] | None
ROWS: list[tuple[str, Body, str]] = [
    ("POST /nodes/tokens", {"operator_id": "{org}"}, "401 403 404 404 404 404 422 201"),
    ("POST /nodes/register", {"token": "t", "node_id": "n", "public_key": KEY, "proof": SIGNATURE}, "401 " * 8),
    ("POST /nodes", {"id": "walked", "public_key": KEY, "operator_id": "{org}"}, "401 403 404 404 404 404 422 201"),
    (
        "POST /nodes/{node}/keys",
        {"key_id": "0" * 16, "public_key": KEY, "signature": SIGNATURE, "proof": SIGNATURE},
        # The eight that failed to register before, and these two, are ten from one address.
        "401 401 429 429 429 429 429 429",
    ),
    ("GET /nodes/changes", None, "401 404 404 404 404 404 404 200"),
    ("GET /nodes", None, "401 403 200 200 200 200 200 200"),
    ("GET /nodes/{node}", None, "401 403 404 404 200 404 200 200"),
    ("POST /nodes/{another}/revoke", {}, "401 403 404 404 404 404 422 422"),
    ("POST /nodes/{another}/revoke", {"reason": "a walk"}, "401 403 404 404 404 404 200 200"),
    (
        "POST /placements",
        {"instance_id": "vm-walked", "node_id": "{node}", "user_id": "{owner}"},
        "401 403 404 404 404 404 422 201",
    ),
    ("GET /placements", None, "401 403 200 200 200 200 200 200"),
    ("GET /placements?account_id={org}", None, "401 403 404 200 404 200 200 200"),
    ("GET /placements/{placement}", None, "401 403 404 200 200 200 200 200"),
    ("POST /placements/{placement}/end", {}, "401 403 404 404 404 404 422 200"),
    ("POST /thresholds", {**THRESHOLD, "org_id": "{org}"}, "401 403 404 403 404 201 201 201"),
    ("POST /thresholds", {**THRESHOLD, "user_id": "*"}, "401 403 404 404 404 404 201 201"),
    (
        "POST /thresholds",
        {**THRESHOLD, "org_id": "{org}", "action": "suspend"},
        "401 403 404 403 404 403 201 201",
    ),
    ("GET /thresholds", None, "401 403 200 200 200 200 200 200"),
    ("GET /thresholds?account_id={org}", None, "401 403 404 200 404 200 200 200"),
    ("GET /thresholds/states", None, "401 403 200 200 200 200 200 200"),
    ("GET /thresholds/states?account_id={org}", None, "401 403 404 200 404 200 200 200"),
    ("GET /thresholds/{threshold}", None, "401 403 404 200 404 200 200 200"),
    (
        "PUT /thresholds/{threshold}",
        {**THRESHOLD, "org_id": "{org}", "name": "walked"},
        "401 403 404 403 404 200 200 200",
    ),
    ("DELETE /thresholds/{threshold}", None, "401 403 404 403 404 204 404 404"),
    ("GET /notifications", None, "401 403 200 200 200 200 200 403"),
    ("GET /notifications/unread", None, "401 403 200 200 200 200 200 403"),
    ("POST /notifications/{notice}/read", None, "401 403 404 404 404 200 404 403"),
    ("POST /notifications/read", {"up_to": "1"}, "401 403 200 200 200 200 200 403"),
    ("GET /notifications/preferences", None, "401 403 200 200 200 200 200 403"),
    ("PUT /notifications/preferences", {"channels": {}}, "401 403 200 200 200 200 200 403"),
    ("GET /notifications/messages/ready", None, "401 404 404 404 404 404 404 200"),
    (
        "POST /notifications/messages",
        {"id": "m", "address": "a@example.org", "kind": "walked", "data": {}},
        "401 404 404 404 404 404 404 422",
    ),
    ("GET /notifications/emails", None, "401 403 404 404 404 404 200 200"),
    (
        "POST /webhooks",
        {"url": "https://example.com/", "event_types": ["metrics"], "org_id": "{org}"},
        "401 403 404 403 404 201 422 422",
    ),
    ("GET /webhooks", None, "401 403 200 200 200 200 200 200"),
    ("GET /webhooks?account_id={org}", None, "401 403 404 403 404 200 200 200"),
    ("GET /webhooks/{webhook}", None, "401 403 404 403 404 200 200 200"),
    ("PATCH /webhooks/{webhook}", {"url": "https://127.0.0.1/"}, "401 403 404 403 404 422 422 422"),
    ("PATCH /webhooks/{webhook}", {"description": "walked"}, "401 403 404 403 404 200 200 200"),
    ("POST /webhooks/{webhook}/secret", None, "401 403 404 403 404 201 422 422"),
    ("POST /webhooks/{webhook}/test", None, "401 403 404 403 404 202 202 202"),
    ("GET /webhooks/{webhook}/deliveries", None, "401 403 404 403 404 200 200 200"),
    ("GET /webhooks/{webhook}/deliveries/{delivery}", None, "401 403 404 403 404 200 200 200"),
    ("POST /webhooks/{webhook}/deliveries/{delivery}/replay", None, "401 403 404 403 404 202 422 422"),
    ("DELETE /webhooks/{webhook}", None, "401 403 404 403 404 204 404 404"),
]


@dataclass(slots=True)
class Badges:
    """Believes whoever names somebody that it knows."""

    known: dict[str, Caller]

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        caller = self.known.get(headers.get("authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise Problem(401, "not-authenticated", "Say who you are.")
        return caller


@dataclass(frozen=True, slots=True)
class Walk:
    """The app, what its description promises, and the things that rows name in braces."""

    http: httpx.AsyncClient
    described: dict[str, dict[str, Any]]
    things: dict[str, str]

    async def ask(self, caller: str, request: str, body: Body) -> httpx.Response:
        method, path = self._named(request).split(" ", 1)
        filled = None if body is None else {name: self._named(value) for name, value in body.items()}
        headers = {"authorization": f"Bearer {caller}"}
        return await self.http.request(method, f"/api/v1{path}", json=filled, headers=headers)

    def promised(self, request: str) -> set[str]:
        """The statuses that the description names for the route."""
        method, path = request.split("?", maxsplit=1)[0].split(" ", 1)
        return set(self.described[f"/api/v1{shape(path)}"][method.lower()]["responses"])

    def _named(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return re.sub(r"\{(\w+)\}", lambda match: self.things[match[1]], value)


def shape(path: str) -> str:
    """A path without the names of what varies in it."""
    return re.sub(r"\{\w+\}", "{}", path)


@pytest_asyncio.fixture(scope="module")
async def walk(database: Database, nats: NatsServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walk]:
    secrets, transport = tmp_path_factory.mktemp("secrets"), InMemoryTransport()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        queue = await enter(QueueClient.open(nats.url, user=nats.user, password=nats.password))
        await queue.ensure_streams()
        http = await enter(in_memory_http(transport))
        service = ServiceHttp(http).as_caller("service")
        accounts, badges = AccountsClient(service), Badges({"service": Caller("compute", CallerKind.SERVICE)})
        access = QueueAccess(nats.url, nats.url, queue_secrets(nats.data_dir / "secrets"))
        nodes = open_nodes(
            database=database, queue=queue, access=access, accounts=accounts, clock=now_utc, interval_seconds=30
        )
        thresholds = ThresholdsOpening(database, accounts, BillingClient(service))
        terms = Terms("EUR", Sender.of("a@example.org"), "https://fog.example.org", 4, 90, 30, WebhooksSettings())
        components = [
            await enter(open_accounts(database=database, secrets=secrets, clock=now_utc, hasher=QUICK_HASHER)),
            await enter(open_compute(queue, clock=now_utc, nodes=nodes, thresholds=thresholds)),
            await enter(
                open_notifications(
                    database=database,
                    accounts=accounts,
                    compute=ComputeClient(service),
                    queue=queue,
                    secrets=secrets,
                    clock=now_utc,
                    terms=terms,
                    mail_server=None,
                )
            ),
        ]
        app = create_app(title="walk", components=components, authenticator=badges, clock=now_utc)
        transport.connect(app)
        described = {shape(path): routes for path, routes in app.openapi()["paths"].items()}
        yield Walk(http, described, await things_of(service, badges, database))


async def things_of(service: ServiceHttp, badges: Badges, database: Database) -> dict[str, str]:
    """An organisation with a node's instance, a threshold, a webhook and a notice; and who walks."""
    accounts, nodes = AccountsClient(service), NodesClient(service)
    ids = {name: await person(service, name) for name in ("stranger", "viewer", "operator", "owner", "administrator")}
    badges.known |= {name: Caller(user_id, CallerKind.USER) for name, user_id in ids.items()}
    asked = service.as_caller("owner")
    org = (await asked.post("/api/v1/organizations", {"name": "Acme"}, as_=OrganizationView)).id
    for name, role in (("owner", "owner"), ("viewer", "viewer")):
        badges.known[name] = Caller(ids[name], CallerKind.USER, {org: role})
    badges.known["no_scope"] = Caller(ids["owner"], CallerKind.USER, {org: "owner"}, frozenset())
    badges.known["administrator"] = Caller(ids["administrator"], CallerKind.USER, is_administrator=True)
    things = {**ids, "org": org, "node": f"node-{org}", "another": f"another-{org}"}
    for number, node_id in enumerate((things["node"], things["another"])):
        key = base64.b64encode(f"{number}{org}".ljust(32)[:32].encode()).decode()
        operator_id = ids["operator"]
        await nodes.register_directly(node_id=node_id, public_key=key, operator_id=operator_id, is_self_placing=False)
    placed = await nodes.place(instance_id=f"vm-{org}", node_id=things["node"], user_id=ids["owner"], org_id=org)
    threshold = await asked.post("/api/v1/thresholds", {**THRESHOLD, "org_id": org}, as_=dict)
    hook = {"url": "https://example.com/", "event_types": ["metrics"], "org_id": org}
    made = await asked.post("/api/v1/webhooks", hook, as_=dict)
    webhook_id: str = made["webhook"]["id"]
    delivery = await asked.post(f"/api/v1/webhooks/{webhook_id}/test", {}, as_=dict)
    notice = Signal(type=SignalType.BALANCE_LOW, id=f"low:{org}", occurred_at="", account_id=org, data={})
    await Notifying(database, accounts, no_webhooks, now_utc, "EUR", sends_email=False).follow(notice, now_utc())
    made_of = {"threshold": threshold["id"], "webhook": webhook_id, "delivery": delivery["id"], "notice": notice.id}
    return {**things, **made_of, "placement": str(placed.id)}


async def person(service: ServiceHttp, name: str) -> str:
    body = {"email": f"walk-{name}@example.org", "name": name, "password": "correct horse battery"}
    return (await service.post("/api/v1/users", body, as_=UserView)).id


async def no_webhooks(*_notice: object) -> None:
    """The walk's notice goes to people only."""


@pytest.mark.parametrize(("request_", "body", "expected"), ROWS, ids=[f"{row[0]} {row[2]}" for row in ROWS])
async def test_everybody_gets_what_is_theirs_and_nothing_else(
    walk: Walk, request_: str, body: Body, expected: str
) -> None:
    answers = {caller: await walk.ask(caller, request_, body) for caller in CALLERS}
    statuses = {caller: answer.status_code for caller, answer in answers.items()}
    assert statuses == dict(zip(CALLERS, map(int, expected.split()), strict=True))
    for answer in answers.values():
        assert str(answer.status_code) in walk.promised(request_)
        if answer.status_code not in SUCCESS:
            assert answer.headers["content-type"] == PROBLEM_JSON
            assert answer.json()["status"] == answer.status_code


def test_no_route_is_passed_by(walk: Walk) -> None:
    rooms = tuple(f"/api/v1/{room}" for room in ROOMS)
    there = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, routes in walk.described.items()
        if path.startswith(rooms)
        for method in routes
    }
    assert there == {shape(request.split("?")[0]) for request, _, _ in ROWS}
