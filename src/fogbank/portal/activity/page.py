"""Puts the page of the activity log together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from fogbank.accounts.client import ActivitiesView, ActivityClient, Permission
from fogbank.portal.activity.query import ActivityQuery, read_activity_query
from fogbank.portal.export import begun
from fogbank.portal.page import Context
from fogbank.portal.rules.acts import kinds_for
from fogbank.portal.rules.roles import who_may
from fogbank.portal.views.activity.entries import entry_of
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.organization.people import names_of
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import Problem

PATH = "/activity"
COMPONENT = "Accounts"
ENTRIES = 30
REFUSED = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class NotForThem:
    """Who looks may not read this log."""


def client(visit: Visit) -> ActivityClient:
    return ActivityClient(visit.desk.accounts.service)


def kinds_of(visit: Visit) -> Mapping[str, str]:
    return kinds_for(is_organization=visit.account.is_organization)


def read_query(visit: Visit, params: Mapping[str, str]) -> ActivityQuery:
    return read_activity_query(params, kinds_of(visit))


async def context(visit: Visit, query: ActivityQuery) -> Context:
    found, names, shell = await asyncio.gather(
        visit.desk.answer(COMPONENT, _entries(visit, query)), _names(visit), visit.shell(PATH)
    )
    listed = found if isinstance(found, ActivitiesView) else ActivitiesView([], None)
    return {
        "shell": shell,
        "account": visit.account,
        "query": query,
        "people": sorted(names.items(), key=lambda each: each[1].casefold()) if visit.account.is_organization else [],
        "kinds": kinds_of(visit),
        "log": found,
        "is_readable": not isinstance(found, NotForThem),
        "entries": [entry_of(each, names, visit.formats) for each in listed.activities],
        "older": listed.next_cursor,
        "who": who_may(Permission.READ_ACTIVITY),
        "timezone": visit.formats.timezone.key,
        "file": file_name(visit, "jsonl"),
    }


def file_name(visit: Visit, format_: str) -> str:
    return f"activity_{visit.account.id}_{visit.now:%Y%m%d}.{format_}"


async def exported(visit: Visit, query: ActivityQuery, format_: str) -> AsyncIterator[bytes]:
    """The export as it comes, its first part there already; raises `Problem`."""
    filters = query.filters(visit.formats.timezone)
    parts = client(visit).export(format_=format_, account_id=visit.account.id, filters=filters)
    return await begun(parts)


async def _entries(visit: Visit, query: ActivityQuery) -> ActivitiesView | NotForThem:
    try:
        filters = query.filters(visit.formats.timezone)
        return await client(visit).page(
            account_id=visit.account.id, filters=filters, before=query.before, limit=ENTRIES
        )
    except Problem as problem:
        if problem.status not in REFUSED:
            raise
        return NotForThem()


async def _names(visit: Visit) -> dict[str, str]:
    """The people who are known here, by id; the log itself names nobody."""
    user = visit.person.user
    own = {user.id: user.name or user.email}
    if not visit.account.is_organization:
        return own
    members = await visit.desk.answer(COMPONENT, visit.desk.accounts.members(visit.account.id))
    return own if isinstance(members, Missing) else {**own, **names_of(members)}
