"""Puts the pages of API keys together: one's own, those of a service account, one with what can be done with it."""

import asyncio

from fogbank.accounts.client import ApiKeyCreatedView, ApiKeyView
from fogbank.accounts.client.keys import NewKey
from fogbank.kernel.ids import is_id
from fogbank.portal.page import Context
from fogbank.portal.rules.expiry import LIVES, end_of_life, overlap_seconds, rotated_note
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.settings.secrets import Holder
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.key_form import MachineForm
from fogbank.portal.views.settings.keys import key_row, keys_part
from fogbank.portal.views.settings.scopes import scope_ticks
from fogbank.portal.views.settings.secret import Shown
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import not_found

PATH = "/settings/keys"
MADE = "Programs send it as “Authorization: Bearer …”. Whoever has it can do what it may do."


async def list_context(visit: Visit, done: str = "") -> Context:
    """One's own keys."""
    asked = own(visit).keys.of(visit.person.user.id)
    found, shell = await asyncio.gather(visit.desk.answer(COMPONENT, asked), visit.shell(PATH))
    keys = found if isinstance(found, Missing) else keys_part(found, visit.now, visit.formats)
    return {"shell": shell, "tab": PATH, "done": done, "problem": "", "keys": keys}


async def form_context(visit: Visit, form: MachineForm) -> Context:
    """`for_name` is the service account that the key is for; empty for one's own."""
    for_name = (await own(visit).machines.account(_id(form.owner_id))).name if form.owner_id else ""
    return {
        "shell": await visit.shell(f"{PATH}/new"),
        "form": form,
        "for_name": for_name,
        "ticks": scope_ticks(form.scopes),
        "lives": LIVES,
        "problem": form.refusal.whole,
        "back": back_of(form.owner_id or None),
    }


async def create(visit: Visit, form: MachineForm, act: str) -> Shown:
    """Make what the form says, once for this act."""
    wanted = NewKey(
        name=form.name,
        scopes=sorted(form.scopes),
        expires_at=end_of_life(form.life, visit.now),
        networks=form.network_list,
        service_account_id=form.owner_id or None,
    )
    return _shown(await own(visit).keys.create(wanted, act), MADE)


async def key_of(visit: Visit, key_id: str) -> ApiKeyView:
    """The key of that id; somebody else's is `Problem` 404, as the API says."""
    return await own(visit).keys.key(_id(key_id))


def revoking(key: ApiKeyView) -> Sure:
    return Sure(
        title=f"Revoke “{key.name}”?",
        text="Whatever uses it is refused within seconds, everywhere, and nobody can take that back.",
        act="Revoke key",
        back=f"{PATH}/{key.id}",
    )


def back_of(service_account_id: str | None) -> str:
    """The list that a key stands in."""
    return f"/settings/machines/{service_account_id}" if service_account_id else PATH


def _id(text: str) -> str:
    if not is_id(text):
        raise not_found("key", text)
    return text


def _shown(made: ApiKeyCreatedView, note: str) -> Shown:
    return Shown("API key", made.key.name, made.api_key, note, f"{PATH}/{made.key.id}")


async def _context(visit: Visit, key: ApiKeyView) -> Context:
    shell = await visit.shell(f"{PATH}/{key.id}")
    return {"shell": shell, "row": key_row(key, visit.now, visit.formats)}


async def _rotate(visit: Visit, key: ApiKeyView, overlap: str, act: str) -> Shown:
    return _shown(await own(visit).keys.rotate(key.id, overlap_seconds(overlap), act), rotated_note(overlap))


async def _revoke(visit: Visit, key: ApiKeyView) -> None:
    await own(visit).keys.revoke(key.id)


HOLDER = Holder(
    path=PATH,
    template="settings/key.html",
    find=key_of,
    context=_context,
    rotate=_rotate,
    revoking=revoking,
    revoke=_revoke,
    listed_at=lambda key: back_of(key.service_account_id),
)
