"""Whose webhooks a caller may see and change: their own, and those of organisations where their role manages them."""

from dataclasses import dataclass

from fogbank.notifications.webhooks.errors import NoAccount, NotAllowed, NoWebhook, RoleTooSmall
from fogbank.notifications.webhooks.model import Webhook
from fogbank.notifications.webhooks.rules import manages_webhooks
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.auth import Caller, CallerKind


@dataclass(frozen=True, slots=True)
class Owner:
    """A user or an organisation, one of both."""

    user_id: str | None
    org_id: str | None

    @property
    def account_id(self) -> str:
        return self.org_id or self.user_id or ""


def owner_for(caller: Caller, user_id: str | None, org_id: str | None) -> Owner:
    """For whom the caller makes a webhook: themselves, unless they say else.

    `NoAccount` for somebody else's account, `RoleTooSmall` in an organisation where they may not.
    """
    if user_id is not None and org_id is not None:
        raise NotAllowed("org_id", "is one too many: give it or user_id")
    if org_id is not None:
        if not caller.sees_everything:
            require_managed(caller, org_id)
        return Owner(None, org_id)
    if user_id is None and caller.kind is CallerKind.SERVICE:
        raise NotAllowed("user_id", "is missing: a service has no webhooks of its own; give it or org_id")
    if user_id is not None and user_id != caller.id and not caller.sees_everything:
        raise NoAccount(user_id)
    return Owner(user_id or caller.id, None)


def require_managed(caller: Caller, account_id: str) -> None:
    """Refuse who may not see or change this account's webhooks: `NoAccount`, or `RoleTooSmall` for its members."""
    if caller.sees_everything or account_id == caller.id:
        return
    if account_id not in caller.organizations:
        raise NoAccount(account_id)
    if not manages_webhooks(caller.organizations[account_id]):
        raise RoleTooSmall


def require_visible(caller: Caller, webhook_id: str, webhook: Webhook | None) -> Webhook:
    """The webhook, for who manages it; `NoWebhook` for strangers, `RoleTooSmall` for members who do not."""
    if webhook is None:
        raise NoWebhook(webhook_id)
    try:
        require_managed(caller, webhook.account_id)
    except NoAccount:
        raise NoWebhook(webhook_id) from None
    return webhook


def accounts_managed(caller: Caller) -> frozenset[str] | None:
    """The accounts whose webhooks the caller lists; None for all."""
    if caller.sees_everything:
        return None
    managed = (org_id for org_id, role in caller.organizations.items() if manages_webhooks(role))
    return frozenset({caller.id, *managed})


def is_others(caller: Caller, account_id: str) -> bool:
    """Whether somebody acts for an account that is not theirs, which takes a reason and is written down."""
    return account_id not in caller.visible_accounts


async def record(
    activity: ActivityLog, caller: Caller, webhook: Webhook, action: str, *, reason: str | None, id_: str
) -> None:
    """Write down what an administrator is about to do to somebody else's webhook; `NotAllowed` without a reason."""
    if not is_others(caller, webhook.account_id):
        return
    if not reason:
        raise NotAllowed("reason", "is missing: an act for somebody else's account takes one")
    facts = {"account_id": webhook.account_id, "url": webhook.url, "event_types": sorted(webhook.event_types)}
    await activity.record_activity(
        id_=id_,
        actor_id=caller.id,
        action=action,
        subject=f"webhooks/{webhook.id}",
        reason=reason,
        after=facts,
        account_id=webhook.account_id,
    )
