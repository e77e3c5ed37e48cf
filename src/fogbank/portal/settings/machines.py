"""Puts the pages of service accounts together: those of the organisation that is open, and one with its keys."""

import asyncio

from fogbank.accounts.client import ServiceAccountCreatedView, ServiceAccountView
from fogbank.accounts.client.permissions import Permission, allows
from fogbank.kernel.ids import is_id
from fogbank.portal.page import Context
from fogbank.portal.rules.expiry import USUAL_OVERLAP
from fogbank.portal.settings.keys import OVERLAPS
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.key_form import MachineForm
from fogbank.portal.views.settings.keys import keys_part
from fogbank.portal.views.settings.machines import ROLES, MachinesPart, machine_row, machines_part
from fogbank.portal.views.settings.scopes import scope_ticks
from fogbank.portal.views.settings.secret import Shown
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import Problem, not_found

PATH = "/settings/machines"
FORBIDDEN = 403
MADE = "With it the account gets tokens of five minutes at /api/v1/auth/token, as any OAuth 2.0 client does."


def may_manage(visit: Visit) -> bool:
    """Whether this person makes service accounts in the account that is open."""
    account, user = visit.account, visit.person.user
    return account.is_organization and (user.is_administrator or allows(account.role, Permission.MANAGE_KEYS))


def require_managing(visit: Visit) -> None:
    if not may_manage(visit):
        detail = "Service accounts belong to an organisation, and are made by its owners and admins."
        raise Problem(FORBIDDEN, "not-permitted", detail)


async def list_context(visit: Visit, done: str = "") -> Context:
    found, shell = await asyncio.gather(_machines(visit), visit.shell(PATH))
    organizations = [choice for choice in visit.person.choices if choice.is_organization]
    return {
        "shell": shell,
        "tab": PATH,
        "done": done,
        "problem": "",
        "account": visit.account,
        "may_manage": may_manage(visit),
        "organizations": organizations,
        "machines": found,
    }


async def form_context(visit: Visit, form: MachineForm) -> Context:
    return {
        "shell": await visit.shell(f"{PATH}/new"),
        "account": visit.account,
        "form": form,
        "ticks": scope_ticks(form.scopes),
        "roles": ROLES,
        "problem": form.refusal.whole,
    }


async def machine_context(visit: Visit, account: ServiceAccountView, act: str, done: str = "") -> Context:
    """One service account with its keys; `act` names a rotation from this page, so that it is done once."""
    asked = visit.desk.answer(COMPONENT, own(visit).keys.of(account.id))
    found, shell = await asyncio.gather(asked, visit.shell(f"{PATH}/{account.id}"))
    return {
        "shell": shell,
        "row": machine_row(account, visit.formats),
        "keys": found if isinstance(found, Missing) else keys_part(found, visit.now, visit.formats),
        "done": done,
        "problem": "",
        "act": act,
        "overlaps": OVERLAPS,
        "usual_overlap": USUAL_OVERLAP,
        "back": f"{PATH}?account={account.org_id}",
    }


async def secret_context(visit: Visit, made: ServiceAccountCreatedView, note: str) -> Context:
    account = made.service_account
    path = f"{PATH}/{account.id}"
    shown = Shown("Secret", account.name, made.client_secret, note, path, client_id=made.client_id)
    return {"shell": await visit.shell(path), "shown": shown}


async def machine_of(visit: Visit, account_id: str) -> ServiceAccountView:
    """The service account of that id; one that is not theirs to see is `Problem` 404, as the API says."""
    if not is_id(account_id):
        raise not_found("service account", account_id)
    return await own(visit).machines.account(account_id)


def revoking(account: ServiceAccountView) -> Sure:
    return Sure(
        title=f"Revoke “{account.name}”?",
        text="Its secret, its tokens and all of its keys are refused within seconds, and nobody can take that back.",
        act="Revoke service account",
        back=f"{PATH}/{account.id}",
    )


async def _machines(visit: Visit) -> MachinesPart | Missing:
    if not may_manage(visit):
        return MachinesPart([], [])
    found = await visit.desk.answer(COMPONENT, own(visit).machines.of(visit.account.id))
    return found if isinstance(found, Missing) else machines_part(found, visit.formats)
