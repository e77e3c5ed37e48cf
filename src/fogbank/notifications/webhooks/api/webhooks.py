"""Routes of webhooks themselves."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from fogbank.notifications.client import (
    WEBHOOKS_PATH,
    WebhookCreatedView,
    WebhookSecretView,
    WebhooksView,
    WebhookView,
)
from fogbank.notifications.webhooks.access import owner_for
from fogbank.notifications.webhooks.api.refusals import REFUSALS
from fogbank.notifications.webhooks.api.values import (
    READ,
    WRITE,
    After,
    Description,
    EventTypes,
    Key,
    Limit,
    Reason,
    Url,
    Why,
)
from fogbank.notifications.webhooks.managing import Change, Managing, Wish
from fogbank.notifications.webhooks.rules import SECRETS_OVERLAP
from fogbank.notifications.webhooks.views import webhook_view
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Id

PAGE = 100
OVERLAP_SECONDS_MAX = int(SECRETS_OVERLAP.total_seconds())

Overlap = Annotated[
    int, Query(ge=0, le=OVERLAP_SECONDS_MAX, description="How long the secrets before it hold; 0 for one that leaked.")
]

ReasonField = Annotated[
    Reason | None, Field(description="Why, when an administrator does this for somebody else's account.")
]


class NewWebhook(BaseModel):
    """A webhook to make, of the caller's own account unless it says whose; with an instance, for that one only."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    event_types: EventTypes
    user_id: Id | None = None
    org_id: Id | None = None
    instance_id: Id | None = None
    description: Description = ""
    reason: ReasonField = None


class WebhookChange(BaseModel):
    """What to change; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    is_enabled: bool | None = None
    reason: ReasonField = None


def webhook_routes(managing: Managing) -> APIRouter:
    router = APIRouter(prefix=WEBHOOKS_PATH, tags=["webhooks"], dependencies=REFUSALS)

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_webhook(body: NewWebhook, caller: CurrentCaller, key: Key = None) -> WebhookCreatedView:
        """Make a webhook. Its secret is shown in this answer, and never again."""
        owner = owner_for(caller, body.user_id, body.org_id)
        wish = Wish(body.url, frozenset(map(str, body.event_types)), body.instance_id, body.description)
        secret, made = await managing.create(caller, owner, wish, key=key, reason=body.reason)
        return WebhookCreatedView(webhook_view(made), secret)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_webhooks(
        caller: CurrentCaller, account_id: Id | None = None, after: After = "", limit: Limit = PAGE
    ) -> WebhooksView:
        """The webhooks of an account, or all that the caller manages."""
        found = await managing.visible(caller, account_id, after, limit)
        return WebhooksView([webhook_view(each) for each in found], found[-1].id if len(found) == limit else None)

    @router.get("/{webhook_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_webhook(webhook_id: Id, caller: CurrentCaller) -> WebhookView:
        """A webhook: its address, its event types and its state. Its secret is never shown again."""
        return webhook_view(await managing.webhook(caller, webhook_id))

    @router.patch("/{webhook_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def change_webhook(webhook_id: Id, body: WebhookChange, caller: CurrentCaller) -> WebhookView:
        """Change it. To disable it drops what still waits to be sent; to enable it begins anew."""
        event_types = None if body.event_types is None else frozenset(map(str, body.event_types))
        change = Change(body.url, event_types, body.description, body.is_enabled)
        return webhook_view(await managing.change(caller, webhook_id, change, body.reason))

    @router.delete("/{webhook_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404))
    async def delete_webhook(webhook_id: Id, caller: CurrentCaller, reason: Why = None) -> None:
        """Delete it and its log."""
        await managing.delete(caller, webhook_id, reason)

    @router.post(
        "/{webhook_id}/secret", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404)
    )
    async def make_secret(
        webhook_id: Id, caller: CurrentCaller, overlap_seconds: Overlap = OVERLAP_SECONDS_MAX, reason: Why = None
    ) -> WebhookSecretView:
        """Make a new secret. For a day, or what is asked for, what is sent is signed with the one before it as well."""
        overlap = timedelta(seconds=overlap_seconds)
        return WebhookSecretView(*await managing.new_secret(caller, webhook_id, overlap, reason))

    return router
