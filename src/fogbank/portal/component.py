"""Wires the portal: pages, files, stream. It has no background work, and keeps nothing but who is signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient
from fogbank.portal.assets import load_assets
from fogbank.portal.rendering import Pages
from fogbank.portal.routes.door import door_routes
from fogbank.portal.routes.extras import extra_routes
from fogbank.portal.routes.files import file_routes
from fogbank.portal.routes.live import live_routes
from fogbank.portal.routes.usage import part_routes, usage_routes
from fogbank.portal.sessions import Sessions
from fogbank.portal.visit import Reception
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Component, Health
from fogbank.usage.client import UsageClient


@asynccontextmanager
async def open_portal(
    *,
    accounts: AccountsClient,
    ledger: LedgerClient,
    usage: UsageClient,
    billing: BillingClient,
    compute: ComputeClient,
    clock: Clock,
    currency: str,
) -> AsyncIterator[Component]:
    """The portal over these clients; `accounts` acts as the portal's own service, everything else as each person."""
    assets = load_assets()
    pages = Pages.load(assets, currency)
    sessions = Sessions(accounts, clock)
    reception = Reception(sessions, pages, clock, accounts, ledger, usage, billing, compute)
    health = Health(clock)
    health.succeeded("pages are served")
    yield Component(
        "portal",
        health,
        routers=[
            door_routes(pages, sessions, accounts, clock),
            usage_routes(reception),
            part_routes(reception),
            extra_routes(reception),
            live_routes(reception),
            file_routes(assets),
        ],
    )
