"""What the victim has: something of every kind, so that each route has something of theirs to find.

A new kind of thing is one line of `MADE`, or a few below it where a service makes it.
"""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.integration.owning import owning
from tests.integration.tenancy.routes import THRESHOLD
from tests.integration.tenancy.town import Person, Town

from fogbank.accounts.ledger.client import LedgerClient
from fogbank.compute.client import NodesClient
from fogbank.events.signals import Signal, SignalType

MARK = "Zanzibar"
"""In every name of the victim's, and in nobody else's."""

AMOUNTS = ("7919.31", "431.97", "86.53", "12.89")
"""What the victim deposited, was given, holds and was charged: amounts that nobody else has."""

SUMS = ("8351.28", "8264.75")
"""Its balance, and what of it is free."""


@dataclass(frozen=True, slots=True)
class Made:
    """A thing that a request of the victim's owner makes, and where its answer says what it is called."""

    thing: str
    request: str
    body: Any
    id_at: tuple[str, ...] = ("id",)


MADE = (
    Made("project", "POST /organizations/{org}/projects", {"key": "zanzibar", "name": f"{MARK} project"}),
    Made(
        "invitation",
        "POST /organizations/{org}/invitations",
        {"email": "{org}@zanzibar.example.org", "role": "viewer"},
        ("invitation", "id"),
    ),
    Made(
        "machine",
        "POST /organizations/{org}/service-accounts",
        {"name": f"{MARK} robot", "role": "member", "scopes": ["*"]},
        ("service_account", "id"),
    ),
    Made("key", "POST /api-keys", {"name": f"{MARK} key", "scopes": ["*"]}, ("key", "id")),
    Made("threshold", "POST /thresholds", {**THRESHOLD, "name": f"{MARK} threshold"}),
    Made(
        "webhook",
        "POST /webhooks",
        {"url": "https://zanzibar.example.org/", "event_types": ["metrics"], "org_id": "{org}"},
        ("webhook", "id"),
    ),
    Made("delivery", "POST /webhooks/{webhook}/test", None),
)


async def make_all(town: Town, org: str, owner: Person) -> dict[str, str]:
    """Everything, by the names that routes.py has."""
    things = {"org": org, "owner": owner.id, "instance": f"vm-{org}", "node": f"node-{org}"}
    await _machines(town, things)
    await _money(town, things)
    for each in MADE:
        things[each.thing] = await _made(town, owner, each, things)
    await _factors(town, things)
    things["session"] = await _session(town, owner)
    things["notice"] = await _notice(town, owner, org)
    return things


async def _made(town: Town, owner: Person, each: Made, things: Mapping[str, str]) -> str:
    method, path = each.request.format_map(things).split(" ", 1)
    body = {name: _with(things, value) for name, value in each.body.items()} if each.body else None
    answer = await town.asked(owner.token, method, path, body)
    for name in each.id_at:
        answer = answer[name]
    return str(answer)


def _with(things: Mapping[str, str], value: Any) -> Any:
    return value.format_map(things) if isinstance(value, str) else value


async def _machines(town: Town, things: dict[str, str]) -> None:
    """A node that the organisation runs, and an instance of it there."""
    nodes, org = NodesClient(town.service("compute")), things["org"]
    key = base64.b64encode(org.ljust(32)[:32].encode()).decode()
    await nodes.register_directly(node_id=things["node"], public_key=key, operator_id=org, is_self_placing=False)
    placed = await nodes.place(
        instance_id=things["instance"], node_id=things["node"], user_id=things["owner"], org_id=org
    )
    things["placement"] = str(placed.id)


async def _money(town: Town, things: dict[str, str]) -> None:
    """A deposit, a grant, a hold and a charge."""
    ledger, org = LedgerClient(town.service("billing")), things["org"]
    deposited, granted, held, charged = AMOUNTS
    await ledger.deposit(org, deposited, id=f"deposit:{org}", memo=f"{MARK} deposit")
    things |= {"grant": f"grant-{org}", "hold": f"hold-{org}"}
    grant = {"id": things["grant"], "account_id": org, "amount": granted, "kind": "promotional"}
    await town.service("billing").post("/api/v1/ledger/grants", grant, as_=dict)
    hold = {"id": things["hold"], "account_id": org, "amount": held, "expires_at": "2099-01-01T00:00:00Z"}
    await town.service("billing").post("/api/v1/ledger/holds", hold, as_=dict)
    async with owning(town.database) as connection:
        await connection.execute(CHARGE, [f"charge:{org}", org, int(float(charged) * 1_000_000), datetime.now(UTC)])


CHARGE = """
    INSERT INTO billing.charges (id, account_id, month_start_at, meter, revision, price_book_version, quantity,
        cost_micros, amount_micros, written_at, posted_at, transfer_id)
    SELECT %s, %s, '2026-11-01Z', 'cpu_seconds', 1, min(version), 1, 1, %s, %s, now(), 'walked' FROM billing.price_books
"""


async def _factors(town: Town, things: dict[str, str]) -> None:
    """A passkey, and a way in by another issuer: what it takes a browser or an issuer to make."""
    things |= {"passkey": f"passkey-{things['org']}", "link": f"link-{things['org']}"}
    async with owning(town.database) as connection:
        for statement in (PASSKEY, ISSUER, LINK):
            await connection.execute(statement, things)


PASSKEY = f"""
    INSERT INTO accounts.passkeys (id, user_id, name, credential_id, public_key, sign_count, transports, is_synced,
        created_at)
    VALUES (%(passkey)s, %(owner)s, '{MARK} passkey', convert_to(%(passkey)s, 'UTF8'), '', 0, '{{}}', false, now())
"""
ISSUER = """
    INSERT INTO accounts.issuers (id, name, url, client_id, domains, admits_unknown, scopes, created_at)
    VALUES ('walked', 'An issuer', 'https://issuer.example.org', 'walked', '{}', false, '{}', now())
    ON CONFLICT (id) DO NOTHING
"""
LINK = """
    INSERT INTO accounts.issuer_links (id, issuer_id, subject, user_id, email, created_at)
    VALUES (%(link)s, 'walked', %(link)s, %(owner)s, 'owner@zanzibar.example.org', now())
"""


async def _session(town: Town, owner: Person) -> str:
    sessions = await town.asked(owner.token, "GET", "/auth/sessions")
    found = sessions if isinstance(sessions, list) else sessions["sessions"]
    return str(found[0]["id"])


async def _notice(town: Town, owner: Person, org: str) -> str:
    """What the bell rings for; the queue brings it."""
    signal = Signal(
        type=SignalType.BALANCE_LOW,
        id=f"low:{org}",
        occurred_at=datetime.now(UTC).isoformat(),
        account_id=org,
        data={"balance": AMOUNTS[0], "runway_seconds": "3600", "currency": "EUR"},
    )
    await town.queue.signal(signal)
    async with asyncio.timeout(20):
        while not (found := await town.asked(owner.token, "GET", "/notifications"))["notices"]:  # noqa: ASYNC110 - the bell does not call
            await asyncio.sleep(0.05)
    return str(found["notices"][0]["id"])
