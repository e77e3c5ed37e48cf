"""Puts the pages of webhooks together: all of them, one with its log, and the form."""

import asyncio
from collections.abc import Sequence

from fogbank.kernel.ids import is_id
from fogbank.notifications.client import WebhookView
from fogbank.portal.forms import new_act
from fogbank.portal.notices_page import COMPONENT
from fogbank.portal.page import Context
from fogbank.portal.rules.hooks import EVENTS, manages
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.webhooks import HookForm, hook_of, log_of
from fogbank.portal.visit import Visit
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.problems import Problem, not_found

PATH = "/webhooks"
DELIVERIES = 20
FORBIDDEN = 403


def may_manage(visit: Visit) -> bool:
    """Whether this person sees and changes the webhooks of the account that is open."""
    account, user = visit.account, visit.person.user
    return manages(account.role, is_organization=account.is_organization, is_administrator=user.is_administrator)


def require_managing(visit: Visit) -> None:
    if not may_manage(visit):
        raise Problem(FORBIDDEN, "not-permitted", "Webhooks of an organisation are managed by its owners and admins.")


async def list_context(visit: Visit, done: str) -> Context:
    found, shell = await asyncio.gather(_webhooks(visit), visit.shell(PATH))
    hooks = found if isinstance(found, Missing) else [hook_of(each, visit.formats) for each in found]
    return {"shell": shell, "account": visit.account, "hooks": hooks, "may_manage": may_manage(visit), "done": done}


def new_form(entropy: Entropy) -> HookForm:
    return HookForm(new_act(entropy))


async def form_context(visit: Visit, form: HookForm) -> Context:
    return {"shell": await visit.shell(f"{PATH}/new"), "account": visit.account, "form": form, "events": EVENTS}


async def secret_context(visit: Visit, webhook: WebhookView, secret: str, note: str) -> Context:
    """The page that shows a secret, once."""
    shell = await visit.shell(f"{PATH}/{webhook.id}")
    hook = hook_of(webhook, visit.formats)
    return {"shell": shell, "account": visit.account, "hook": hook, "secret": secret, "note": note}


async def hook_context(visit: Visit, webhook: WebhookView, before: str, done: str) -> Context:
    """One webhook and its log."""
    asked = visit.desk.webhooks.deliveries(webhook.id, before=before or None, limit=DELIVERIES)
    found, shell = await asyncio.gather(visit.desk.answer(COMPONENT, asked), visit.shell(f"{PATH}/{webhook.id}"))
    log = found if isinstance(found, Missing) else log_of(found, is_enabled=webhook.is_enabled, formats=visit.formats)
    hook = hook_of(webhook, visit.formats)
    return {"shell": shell, "account": visit.account, "hook": hook, "log": log, "before": before, "done": done}


async def webhook_of(visit: Visit, webhook_id: str) -> WebhookView:
    """The webhook of that id; somebody else's is `Problem` 404, as the API says."""
    if not is_id(webhook_id):
        raise not_found("webhook", webhook_id)
    return await visit.desk.webhooks.webhook(webhook_id)


async def _webhooks(visit: Visit) -> Sequence[WebhookView] | Missing:
    if not may_manage(visit):
        return []
    found = await visit.desk.answer(COMPONENT, visit.desk.webhooks.webhooks(visit.account.id))
    return found if isinstance(found, Missing) else found.webhooks
