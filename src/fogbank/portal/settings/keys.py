"""Puts the pages of API keys together: one's own, those of a service account, one with what can be done with it."""

import asyncio
from collections.abc import Mapping

from fogbank.accounts.client import ApiKeyCreatedView, ApiKeyView
from fogbank.kernel.ids import is_id
from fogbank.portal.page import Context
from fogbank.portal.rules.expiry import USUAL_OVERLAP
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.key_form import MachineForm
from fogbank.portal.views.settings.keys import key_row, keys_part
from fogbank.portal.views.settings.scopes import scope_ticks
from fogbank.portal.views.settings.secret import Shown
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import not_found

PATH = "/settings/keys"
LIVES: Mapping[str, str] = {
    "7": "7 days",
    "30": "30 days",
    "90": "90 days",
    "365": "A year",
    "never": "Until it is revoked",
}
OVERLAPS = (
    ("0", "not at all: it ends at once"),
    ("3600", "an hour"),
    (USUAL_OVERLAP, "a day"),
    ("604800", "a week"),
)
MADE = "Programs send it as “Authorization: Bearer …”. Whoever has it can do what it may do."
ROTATED = "Put it where the old one is. That works for {overlap}."


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


async def key_context(visit: Visit, key: ApiKeyView, act: str, done: str = "", problem: str = "") -> Context:
    """One key; `act` names a rotation from this page, so that it is done once."""
    return {
        "shell": await visit.shell(f"{PATH}/{key.id}"),
        "row": key_row(key, visit.now, visit.formats),
        "done": done,
        "problem": problem,
        "act": act,
        "overlaps": OVERLAPS,
        "usual_overlap": USUAL_OVERLAP,
        "back": back_of(key.service_account_id),
    }


async def secret_context(visit: Visit, made: ApiKeyCreatedView, note: str) -> Context:
    shown = Shown("API key", made.key.name, made.api_key, note, f"{PATH}/{made.key.id}")
    return {"shell": await visit.shell(f"{PATH}/{made.key.id}"), "shown": shown}


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


def rotated_note(overlap: str) -> str:
    label = dict(OVERLAPS).get(overlap, dict(OVERLAPS)[USUAL_OVERLAP])
    return "Put it where the old one was, which works no more." if overlap == "0" else ROTATED.format(overlap=label)


def back_of(service_account_id: str | None) -> str:
    """The list that a key stands in."""
    return f"/settings/machines/{service_account_id}" if service_account_id else PATH


def _id(text: str) -> str:
    if not is_id(text):
        raise not_found("key", text)
    return text
