"""Puts the pages of notices together: the bell's panel, all notices, and how one wants to be told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fogbank.portal.page import Context
from fogbank.portal.refusals import Refusal
from fogbank.portal.viewer import timezones
from fogbank.portal.views.bell import bell_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.notices import Notices, notices_of
from fogbank.portal.views.preferences import form_of, read_preferences
from fogbank.portal.visit import Visit

PATH = "/notifications"
PREFERENCES_PATH = "/notifications/preferences"
COMPONENT = "Notifications"

PANEL_NOTICES = 8
PAGE_NOTICES = 25
CURSOR_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class NoticesQuery:
    """Which notices the address asks for: only unread ones, and from where on."""

    is_unread: bool
    after: str

    @property
    def params(self) -> str:
        """The same as the query of an address."""
        return urlencode({"show": "unread" if self.is_unread else "all", "after": self.after})


def read_query(params: Mapping[str, str]) -> NoticesQuery:
    """Whatever the address does not name, or names wrongly, is the usual."""
    after = params.get("after", "")
    is_cursor = after.isascii() and after.isdecimal() and len(after) <= CURSOR_DIGITS_MAX
    return NoticesQuery(params.get("show") == "unread", after if is_cursor else "")


async def bell_context(visit: Visit) -> Context:
    """The panel: the newest notices, and how many are unread."""
    notices, unread = await asyncio.gather(_notices(visit, NoticesQuery(False, ""), PANEL_NOTICES), visit.desk.unread())
    return {"notices": notices, "bell": bell_of(unread)}


async def list_context(visit: Visit, query: NoticesQuery) -> Context:
    notices, unread = await asyncio.gather(_notices(visit, query, PAGE_NOTICES), visit.desk.unread())
    return {"notices": notices, "bell": bell_of(unread), "query": query}


async def page_context(visit: Visit, query: NoticesQuery, done: str) -> Context:
    listed, shell = await asyncio.gather(list_context(visit, query), visit.shell(PATH))
    return {**listed, "shell": shell, "done": done}


async def preferences_context(visit: Visit, done: str) -> Context:
    asked = visit.desk.answer(COMPONENT, visit.desk.notifications.preferences())
    preferences, shell = await asyncio.gather(asked, visit.shell(PREFERENCES_PATH))
    form = preferences if isinstance(preferences, Missing) else form_of(preferences, visit.formats.timezone.key)
    return {"shell": shell, "form": form, "timezones": timezones(), "refusal": Refusal(200), "done": done}


async def refused_context(visit: Visit, typed: Mapping[str, str], refusal: Refusal) -> Context:
    """The form again as it was filled in, saying what was refused."""
    form = form_of(read_preferences(typed), visit.formats.timezone.key, refusal.fields)
    shell = await visit.shell(PREFERENCES_PATH)
    return {"shell": shell, "form": form, "timezones": timezones(), "refusal": refusal, "done": ""}


async def _notices(visit: Visit, query: NoticesQuery, limit: int) -> Notices | Missing:
    asked = visit.desk.notifications.notices(unread=query.is_unread, after=query.after or None, limit=limit)
    found = await visit.desk.answer(COMPONENT, asked)
    if isinstance(found, Missing):
        return found
    return notices_of(found, visit.person.choices, visit.now, visit.formats)
