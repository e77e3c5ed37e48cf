"""Wires the portal: pages, files, stream. It has no background work, and keeps nothing but who is signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fogbank.accounts.client import AccountsClient
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.billing.client import BillingClient
from fogbank.compute.client import ComputeClient, ThresholdsClient
from fogbank.notifications.client import NotificationsClient, WebhooksClient
from fogbank.portal.assets import load_assets
from fogbank.portal.door import Door
from fogbank.portal.rendering import Pages
from fogbank.portal.routes.activity import activity_routes
from fogbank.portal.routes.alert_forms import alert_form_routes
from fogbank.portal.routes.alerts import alert_routes
from fogbank.portal.routes.credit import credit_routes
from fogbank.portal.routes.door_all import all_door_routes
from fogbank.portal.routes.extras import extra_routes
from fogbank.portal.routes.files import file_routes
from fogbank.portal.routes.live import live_routes
from fogbank.portal.routes.notices import notice_act_routes, notice_routes
from fogbank.portal.routes.organization.every import organization_routes
from fogbank.portal.routes.preferences import preference_routes
from fogbank.portal.routes.settings.all import settings_routes
from fogbank.portal.routes.usage import part_routes, usage_routes
from fogbank.portal.routes.webhook_acts import webhook_act_routes, webhook_grave_routes
from fogbank.portal.routes.webhooks import webhook_routes
from fogbank.portal.sessions import Sessions
from fogbank.portal.visit import Reception
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Component, Health
from fogbank.runtime.entropy import Entropy, system_entropy
from fogbank.usage.client import UsageClient


@asynccontextmanager
async def open_portal(
    *,
    accounts: AccountsClient,
    ledger: LedgerClient,
    usage: UsageClient,
    billing: BillingClient,
    compute: ComputeClient,
    thresholds: ThresholdsClient,
    notifications: NotificationsClient,
    webhooks: WebhooksClient,
    clock: Clock,
    currency: str,
    entropy: Entropy = system_entropy,
) -> AsyncIterator[Component]:
    """The portal over these clients; `accounts` acts as the portal's own service, everything else as each person."""
    assets = load_assets()
    pages = Pages.load(assets, currency)
    sessions = Sessions(accounts, clock)
    reception = Reception(
        sessions, pages, clock, accounts, ledger, usage, billing, compute, thresholds, notifications, webhooks, entropy
    )
    health = Health(clock)
    health.succeeded("pages are served")
    yield Component(
        "portal",
        health,
        routers=[
            *all_door_routes(Door(pages, sessions, accounts, notifications, clock)),
            usage_routes(reception),
            part_routes(reception),
            alert_routes(reception),
            alert_form_routes(reception),
            notice_routes(reception),
            notice_act_routes(reception),
            preference_routes(reception),
            webhook_routes(reception),
            webhook_act_routes(reception),
            webhook_grave_routes(reception),
            *settings_routes(reception),
            *organization_routes(reception),
            activity_routes(reception),
            credit_routes(reception),
            extra_routes(reception),
            live_routes(reception),
            file_routes(assets),
        ],
    )
