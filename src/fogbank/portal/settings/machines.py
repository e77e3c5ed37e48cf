"""Puts the pages of service accounts together: those of the organisation that is open, and one with its keys."""

import asyncio

from fogbank.accounts.client import ServiceAccountCreatedView, ServiceAccountView
from fogbank.accounts.client.permissions import Permission, allows
from fogbank.kernel.ids import is_id
from fogbank.kernel.scopes import EVERY_SCOPE
from fogbank.portal.page import Context
from fogbank.portal.rules.expiry import overlap_seconds, rotated_note
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.settings.secrets import Holder
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.key_form import MachineForm
from fogbank.portal.views.settings.keys import keys_part
from fogbank.portal.views.settings.machines import ROLES, MachinesPart, machine_row, machines_part
from fogbank.portal.views.settings.scopes import ALL, SOME, scope_ticks
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
    """The form of a new one."""
    return {
        "shell": await visit.shell(f"{PATH}/new"),
        "title": f"A machine of {visit.account.name}",
        "action": f"{PATH}/new?account={visit.account.id}",
        "back": f"{PATH}?account={visit.account.id}",
        "back_label": "Service accounts",
        "act_label": "Make service account",
        **_fields(form),
    }


async def change_context(account: ServiceAccountView, visit: Visit, form: MachineForm) -> Context:
    """The form of one that there is."""
    path = f"{PATH}/{account.id}"
    return {
        "shell": await visit.shell(path),
        "title": f"Change “{account.name}”",
        "action": f"{path}/change",
        "back": path,
        "back_label": account.name,
        "act_label": "Save",
        **_fields(form),
    }


def _fields(form: MachineForm) -> Context:
    return {"form": form, "ticks": scope_ticks(form.scopes), "roles": ROLES, "problem": form.refusal.whole}


def form_of(account: ServiceAccountView) -> MachineForm:
    """The form as it stands before anything is typed."""
    scopes = frozenset(account.scopes)
    reach = ALL if EVERY_SCOPE in scopes else SOME
    return MachineForm(key="", name=account.name, role=account.role, reach=reach, scopes=scopes)


async def create(visit: Visit, form: MachineForm, act: str) -> Shown:
    """Make what the form says, once for this act."""
    made = await own(visit).machines.create(
        visit.account.id, name=form.name, role=form.role, scopes=sorted(form.scopes), once=act
    )
    return _shown(made, MADE)


async def change(visit: Visit, account: ServiceAccountView, form: MachineForm) -> None:
    """Change what the form says otherwise: a name alone takes no recent proof."""
    await own(visit).machines.change(
        account.id,
        name=form.name if form.name != account.name else None,
        role=form.role if form.role != account.role else None,
        scopes=sorted(form.scopes) if form.scopes != frozenset(account.scopes) else None,
    )


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


def _shown(made: ServiceAccountCreatedView, note: str) -> Shown:
    account = made.service_account
    return Shown("Secret", account.name, made.client_secret, note, f"{PATH}/{account.id}", client_id=made.client_id)


async def _context(visit: Visit, account: ServiceAccountView) -> Context:
    """With its keys."""
    asked = visit.desk.answer(COMPONENT, own(visit).keys.of(account.id))
    found, shell = await asyncio.gather(asked, visit.shell(f"{PATH}/{account.id}"))
    keys = found if isinstance(found, Missing) else keys_part(found, visit.now, visit.formats)
    return {"shell": shell, "row": machine_row(account, visit.formats), "keys": keys}


async def _rotate(visit: Visit, account: ServiceAccountView, overlap: str, act: str) -> Shown:
    made = await own(visit).machines.rotate_secret(account.id, overlap_seconds(overlap), act)
    return _shown(made, rotated_note(overlap))


async def _revoke(visit: Visit, account: ServiceAccountView) -> None:
    await own(visit).machines.revoke(account.id)


HOLDER = Holder(
    path=PATH,
    template="settings/machine.html",
    find=machine_of,
    context=_context,
    rotate=_rotate,
    revoking=revoking,
    revoke=_revoke,
    listed_at=lambda account: f"{PATH}?account={account.org_id}",
)
